"""The errors of requests that contradict what is there, or is under way."""

from __future__ import annotations

from mock_server.errors import ApiError


class Conflict(ApiError):
    """409: what the request wants contradicts what is there, or is under way; `key` names its member."""

    status = 409

    def __init__(self, error_type: str, message: str, key: str = "") -> None:
        super().__init__(message)
        self.type = error_type
        self.key = key


class KeyReused(ApiError):
    """422: an idempotency key was sent with another request before; `key` is the header's name."""

    status, type = 422, "idempotencyKeyReused"
    is_clients_mistake = True

    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


class WrongState(Conflict):
    """409: a record is not what it must be; the message says what it is, and how to change that."""

    is_clients_mistake = True

    def __init__(self, message: str) -> None:
        super().__init__("wrongState", message)


class Refused(ApiError):
    """The error that an overlay names for a record that is not what it must be."""

    is_clients_mistake = True

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.type = error_type
