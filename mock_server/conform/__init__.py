"""Black-box checks of any server that claims to serve the document."""
