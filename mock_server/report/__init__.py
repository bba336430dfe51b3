"""A verdict in five formats; it knows only the verdict's JSON."""
