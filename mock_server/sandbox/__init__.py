"""All mutable state of the server, with an account for each client id."""
