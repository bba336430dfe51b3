"""The errors of records that are not what an operation asks for."""

from __future__ import annotations

from mock_server.errors import ApiError, Conflict


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
