"""The calls of control.yaml, by which a test steers its account."""
