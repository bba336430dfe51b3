"""The errors that a client is answered with, as types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NamedTuple

from mock_server.shown_text import printable, quote

# The media type of every body, spelled as the real API spells it (docs/api_facts.md).
JSON = "application/json; charset=utf-8"

HeaderPairs = Sequence[tuple[str, str]]


class Violation(NamedTuple):
    """One mistake in a request: a code such as `range`, a sentence, and the parameter's name or ""."""

    code: str
    message: str
    key: str

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "key": self.key}


class ApiError(Exception):
    """An error that a client is answered with, in the vendor's one shape (docs/api_facts.md).

    `headers` are pairs of name and value that the response has in addition. Where `is_clients_mistake`,
    the journal records it as a violation: `key` names the parameter, and `reason` is the sentence, None
    for `message`. `also` are further violations, which alone would not have been refused.
    """

    status = 500
    type = "internalServerError"
    is_clients_mistake = False
    key = ""
    reason: str | None = None
    also: tuple[Violation, ...] = ()

    def __init__(
        self, message: str, violations: Iterable[Violation] = (), headers: HeaderPairs = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.violations = tuple(violations)
        self.headers = tuple(headers)

    @property
    def violations_to_record(self) -> tuple[Violation, ...]:
        """Return everything that is wrong with the request, as the journal records it."""
        if self.violations or not self.is_clients_mistake:
            return (*self.also, *self.violations)
        return (*self.also, Violation(self.type, self.reason or self.message, self.key))

    def as_json(self) -> dict[str, Any]:
        error: dict[str, Any] = {"type": self.type, "message": self.message}
        if self.violations:
            error["errors"] = [violation.as_json() for violation in self.violations]
        return {"error": error}


class InternalError(ApiError):
    """500: a mistake of this server."""

    def __init__(self, message: str = "The mock server failed on this; its log says where.") -> None:
        super().__init__(message)


class Moved(ApiError):
    """308: `where` is the right path, relative to the one asked for, e.g. `./_mock/`."""

    status, type = 308, "moved"

    def __init__(self, where: str) -> None:
        super().__init__(f"It is at {where}.", headers=[("Location", where)])


class InvalidRequest(ApiError):
    """400: all violations of a request; its `warnings` stand in the journal only."""

    status, type = 400, "validationError"

    def __init__(self, violations: Iterable[Violation], warnings: Iterable[Violation] = ()) -> None:
        super().__init__("Request data validation failed", violations=violations)
        self.warnings = tuple(warnings)


class UnknownVersion(ApiError):
    """400: the vendor's own type and message, from the overlay; `reason` is the journal's sentence."""

    status = 400
    is_clients_mistake = True

    def __init__(self, error_type: str, message: str, header: str, reason: str) -> None:
        super().__init__(message)
        self.type = error_type
        self.key = header
        self.reason = reason


class Unauthorized(ApiError):
    """401, with a challenge (RFC 9110 section 11.6.1), e.g. `Basic realm="x"`; None leaves it out.

    `key` is the name of the header, query parameter or cookie that lacks credentials.
    """

    status, type = 401, "unauthorized"
    is_clients_mistake = True

    def __init__(self, message: str, challenge: str | None, key: str = "Authorization") -> None:
        super().__init__(message, headers=[("WWW-Authenticate", challenge)] if challenge else ())
        self.key = key


class Forbidden(ApiError):
    """403: a page of another origin may be behind a call; also what the client id `forbidden` gets."""

    status, type = 403, "forbidden"


class NotFound(ApiError):
    """404: no such path, or nothing of that name; the message says what there is."""

    status, type = 404, "notFound"
    is_clients_mistake = True


class MethodNotAllowed(ApiError):
    status, type = 405, "methodNotAllowed"
    is_clients_mistake = True

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        allow = ", ".join(allowed)
        message = f"{quote(method)} is not allowed here; send one of {allow}."
        super().__init__(message, headers=[("Allow", allow)])


class NotAcceptable(ApiError):
    """406: `available` are the media types of the answer, e.g. `application/json`."""

    status, type = 406, "notAcceptable"
    is_clients_mistake = True
    key = "Accept"

    def __init__(self, accept: str, available: str) -> None:
        refused = f"The Accept header {quote(accept)} does not admit {available}"
        super().__init__(f"{refused}, all that there is; send that or '*/*', or leave it out.")


class RequestTimeout(ApiError):
    """408: the body had not arrived after `seconds`."""

    status, type = 408, "requestTimeout"
    is_clients_mistake = True

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The request announced a body that did not arrive within {seconds:g} seconds; "
            "send all of it, or none.",
            headers=[("Connection", "close")],
        )


class PayloadTooLarge(ApiError):
    """413: `limit` is in bytes; `flag` is the one that sets it, e.g. `--max-body`."""

    status, type = 413, "payloadTooLarge"
    is_clients_mistake = True

    def __init__(self, limit: int, flag: str) -> None:
        super().__init__(
            f"The request's body is larger than the {limit:,} bytes that {flag} allows; "
            "send less, or raise that limit.",
            headers=[("Connection", "close")],
        )


class UnsupportedMediaType(ApiError):
    """415: `content_type` is None where the request has none; `known` are those that are read."""

    status, type = 415, "unsupportedMediaType"
    is_clients_mistake = True
    key = "Content-Type"

    def __init__(
        self, content_type: str | None, known: Iterable[str], *, is_required: bool = False
    ) -> None:
        sent = "no Content-Type" if content_type is None else f"the Content-Type {quote(content_type)}"
        types = " or ".join(map(quote, known))
        otherwise = "" if is_required else ", or send none"
        super().__init__(f"The request has {sent}; send its body as {types}{otherwise}.")


class Misdirected(ApiError):
    """421: the Host header is not this server's (RFC 9110 section 15.5.20); `name` is "" for no host."""

    status, type = 421, "misdirectedRequest"

    def __init__(self, host: str, name: str) -> None:
        owner = "address of this machine, so that a page of another site may be behind the request"
        # What stands before an `@` may be a password.
        sent = f"{quote(host[max(host.rfind('@'), 0) :])}, which is no {owner if name else 'host name'}"
        super().__init__(
            f"The Host header is {sent}; call the server by its IP address or as 'localhost', or start "
            f"it with --allow-host {name or 'NAME'}."
        )


class TooManyRequests(ApiError):
    """429: the client may send again in `wait` seconds."""

    status, type = 429, "tooManyRequests"

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message, headers=[("Retry-After", str(wait))])


class ServiceUnavailable(TooManyRequests):
    """503: too much is under way; the client may send again in `wait` seconds."""

    status, type = 503, "serviceUnavailable"


class HeadersTooLarge(ApiError):
    status, type = 431, "requestHeaderFieldsTooLarge"
    is_clients_mistake = True

    def __init__(self, limit: int) -> None:
        super().__init__(f"The headers are larger than {limit:,} bytes; send fewer or shorter ones.")


class Unparsable(ApiError):
    """400, 408, 414, 431 or 501: it is no request of HTTP/1.1, or its head is too large or too slow."""

    _TYPES: ClassVar = {
        408: RequestTimeout.type, 414: "uriTooLong", 431: HeadersTooLarge.type, 501: "notImplemented",
    }  # fmt: skip

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.type = status, self._TYPES.get(status, "badRequest")


class NotServed(ApiError):
    """501: the document has the operation, and nothing can be made of its schemas."""

    status, type = 501, "notImplemented"

    def __init__(self, operation_id: str) -> None:
        super().__init__(
            f"The document describes {operation_id}, but nothing can be made of the schemas there; "
            "'mock-server check' lists what is wrong; correct it by an overlay."
        )


class ScriptedError(ApiError):
    """The status that a step of a fault names without a body.

    `origin` is what has caused it, e.g. `A scripted fault (fault-1)`.
    """

    def __init__(self, status: int, error_type: str, origin: str, headers: HeaderPairs) -> None:
        message = f"{printable(origin, None)} says that this request gets {status}."
        super().__init__(message, headers=headers)
        self.status = status
        self.type = error_type


class InsufficientStorage(ApiError):
    """507: a change would exceed what all accounts may hold together."""

    status, type = 507, "insufficientStorage"
