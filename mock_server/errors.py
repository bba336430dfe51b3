"""Everything that can go wrong, as types: what a client is told, and what stops the start."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

# The media type of every body (API_FACTS: unknown version).
JSON = "application/json; charset=utf-8"

ECHO_LIMIT = 60


def shown(text: str, limit: int = ECHO_LIMIT) -> str:
    """The text as an answer may show it: printable, and at most 60 characters of it."""
    short = text if len(text) <= limit else text[:limit] + "…"
    if short.isprintable():
        return short
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short)


def quote(text: str) -> str:
    """The text as `shown`, in quotation marks."""
    return f"'{shown(text)}'"


def hint(name: str, known: Sequence[str]) -> str:
    """`, did you mean …` where a known name is near; names of over 60 characters are not compared."""
    if len(name) > 60:
        return ""
    lowered = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f" (did you mean '{lowered[near[0]]}'?)" if near else ""


@dataclass(frozen=True, slots=True)
class Violation:
    """One mistake in a request: a code for programs, a sentence for people, a parameter's name."""

    code: str
    message: str
    key: str

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "key": self.key}


class ApiError(Exception):
    """An error that a client is answered with, in the vendor's one shape (API_FACTS: error body).

    `headers` are (name, value) pairs that the response carries in addition. `blames` is whether it is
    the client's mistake, and `key` which parameter's, if one's.
    """

    status = 500
    type = "internalServerError"
    blames = False
    key = ""

    def __init__(
        self,
        message: str,
        *,
        violations: Iterable[Violation] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.violations = tuple(violations)
        self.headers = tuple(headers)
        # What was wrong too, although it alone would not have been refused.
        self.also: tuple[Violation, ...] = ()

    @property
    def blame(self) -> tuple[Violation, ...]:
        """What is wrong with the request."""
        itself = (Violation(self.type, self.message, self.key),) if self.blames else ()
        return (*self.also, *(self.violations or itself))

    def as_json(self) -> dict[str, Any]:
        error: dict[str, Any] = {"type": self.type, "message": self.message}
        if self.violations:
            error["errors"] = [violation.as_json() for violation in self.violations]
        return {"error": error}


class InternalError(ApiError):
    """500: a mistake of this server's own."""

    def __init__(
        self, message: str = "The mock server failed on this request; its log says where."
    ) -> None:
        super().__init__(message)


class Moved(ApiError):
    """308: what was asked for is elsewhere, at a path relative to the one that was asked for."""

    status = 308
    type = "moved"

    def __init__(self, where: str) -> None:
        super().__init__(f"It is at {where}.", headers=[("Location", where)])


class InvalidRequest(ApiError):
    """400: every violation of a request at once; `warnings` are for the journal alone."""

    status = 400
    type = "validationError"

    def __init__(self, violations: Iterable[Violation], warnings: Iterable[Violation] = ()) -> None:
        super().__init__("Request data validation failed", violations=violations)
        self.warnings = tuple(warnings)


class UnknownVersion(ApiError):
    """400: type and message are the vendor's own, from the overlay; `blamed` is for the journal."""

    status = 400
    blames = True

    def __init__(self, error_type: str, message: str, header: str, blamed: str) -> None:
        super().__init__(message)
        self.type = error_type
        self.key = header
        self._blamed = blamed

    @property
    def blame(self) -> tuple[Violation, ...]:
        return (Violation(self.type, self._blamed, self.key),)


class Unauthorized(ApiError):
    """401: RFC 9110 section 11.6.1 asks for the challenge; without a realm there is none."""

    status = 401
    type = "unauthorized"
    blames = True
    key = "Authorization"

    def __init__(self, message: str, realm: str | None) -> None:
        challenge = [] if realm is None else [("WWW-Authenticate", f'Basic realm="{realm}"')]
        super().__init__(message, headers=challenge)


class Forbidden(ApiError):
    status = 403
    type = "forbidden"


class NotFound(ApiError):
    status = 404
    type = "notFound"
    blames = True


class MethodNotAllowed(ApiError):
    status = 405
    type = "methodNotAllowed"
    blames = True

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        allow = ", ".join(allowed)
        message = f"{quote(method)} is not allowed here; send one of {allow}."
        super().__init__(message, headers=[("Allow", allow)])


class NotAcceptable(ApiError):
    status = 406
    type = "notAcceptable"
    blames = True
    key = "Accept"

    def __init__(self, accept: str, there: str) -> None:
        super().__init__(
            f"The Accept header {quote(accept)} does not admit {there}, which is all that there is; "
            "send that or '*/*', or leave it out."
        )


class RequestTimeout(ApiError):
    status = 408
    type = "requestTimeout"
    blames = True

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The request announced a body that did not arrive within {seconds:g} seconds; "
            "send all of it, or none.",
            headers=[("Connection", "close")],
        )


class PayloadTooLarge(ApiError):
    status = 413
    type = "payloadTooLarge"
    blames = True

    def __init__(self, limit: int, flag: str) -> None:
        super().__init__(
            f"The request's body is larger than the {limit:,} bytes that {flag} allows; "
            "send less, or raise that limit.",
            headers=[("Connection", "close")],
        )


class UnsupportedMediaType(ApiError):
    status = 415
    type = "unsupportedMediaType"

    def __init__(self, content_type: str | None, known: Iterable[str]) -> None:
        sent = "no Content-Type" if content_type is None else f"the Content-Type {quote(content_type)}"
        types = " or ".join(map(quote, known))
        super().__init__(f"The request has {sent}; send its body as {types}, or send none.")


class Misdirected(ApiError):
    """421: the request was meant for another host (RFC 9110 section 15.5.20)."""

    status = 421
    type = "misdirectedRequest"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"The Host header is {quote(host)}, which is no address of this machine, so that a page of "
            "another site may be behind the request; call the server by its IP address or as "
            f"'localhost', or start it with --allow-host {shown(host.partition(':')[0])}."
        )


class TooManyRequests(ApiError):
    """429: `wait` is in seconds."""

    status = 429
    type = "tooManyRequests"

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message, headers=[("Retry-After", str(wait))])


class HeadersTooLarge(ApiError):
    status = 431
    type = "requestHeaderFieldsTooLarge"
    blames = True

    def __init__(self, limit: int) -> None:
        super().__init__(f"The headers are larger than {limit:,} bytes; send fewer or shorter ones.")


class NotServed(ApiError):
    status = 501
    type = "notImplemented"

    def __init__(self, operation_id: str) -> None:
        super().__init__(
            f"The document describes {operation_id}, but this server answers list operations only."
        )


class ScriptedError(ApiError):
    """The status that a fault's step names, where it names no body."""

    def __init__(
        self, status: int, error_type: str, fault: str, headers: Sequence[tuple[str, str]]
    ) -> None:
        message = f"A scripted fault ({shown(fault)}) says that this request gets {status}."
        super().__init__(message, headers=headers)
        self.status = status
        self.type = error_type


class InsufficientStorage(ApiError):
    status = 507
    type = "insufficientStorage"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a file cannot be served: where it is, what is wrong, what to do.

    `place` is a JSON pointer or a JSONPath, empty for the whole file; `line` counts from 1.
    """

    file: str
    message: str
    remedy: str
    place: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        place = f" at {self.place}" if self.place else ""
        return f"{where}{place}: {self.message}; {self.remedy}."


class CannotServe(Exception):
    """The files that were given cannot be served; `problems` lists every reason that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
