"""All mutable state, one account for each credential."""
