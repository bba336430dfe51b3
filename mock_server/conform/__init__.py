"""Checks, over HTTP, that a server which claims to serve the document behaves like the real API."""
