"""The judgement of what the sandbox recorded: warnings, coverage, passed or failed."""
