"""What a list can do: be filtered, cut into pages, and point to the next page."""
