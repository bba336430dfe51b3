"""The OpenAPI document, compiled into operations that check a request."""
