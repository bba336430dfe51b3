"""The inspector: a page for people, of what an account's client sent and got.

The page is plain HTML, CSS and ES modules beside this file. It gets all that it shows from the control
API, with credentials of its own; the page itself needs none, since a browser opens it without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

import flask

from mock_server.control import event_stream
from mock_server.errors import NotFound, quote

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}

# Of Swagger UI, what draws a document on a page that somebody else has made.
_SWAGGER = ("swagger-ui.css", "swagger-ui-bundle.js")

# Nothing but files of this server's own is run, drawn or asked; what a client has sent is text alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@cache
def _paths() -> Mapping[str, Path]:
    """The files that are served, by name: those that were there when the first was asked for."""
    own = [path for path in _folder(__name__).iterdir() if path.suffix in _MEDIA_TYPES]
    swagger = [_folder("flask_swagger_ui") / "dist" / name for name in _SWAGGER]
    return {path.name: path for path in (*own, *swagger)}


def _folder(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise LookupError(f"the package {package} is not installed")
    return Path(found.origin).parent


@cache
def _content(path: Path) -> tuple[bytes, str]:
    """The content of a file, and the tag by which a browser knows it again."""
    content = path.read_bytes()
    return content, blake2b(content, digest_size=8).hexdigest()


def _file(name: str) -> flask.Response:
    path = _paths().get(name)
    if path is None:
        raise NotFound(f"The page has no file {quote(name)}; open the page itself.")
    content, tag = _content(path)
    response = flask.Response(content, content_type=_MEDIA_TYPES[path.suffix], headers=_HEADERS)
    response.set_etag(tag)
    response.make_conditional(flask.request)
    del response.headers["Date"]  # The server sends one.
    return response


def _page() -> flask.Response:
    return _file("index.html")


def _page_file(p0: str) -> flask.Response:
    return _file(p0)


def _stream_head() -> flask.Response:
    """What HEAD gets of the stream of events, and the stream before its first event."""
    return flask.Response(headers=event_stream.HEADERS)


# What answers the operations of control.yaml that the page consists of, by their ids.
HANDLERS: Mapping[str, Callable[..., flask.Response]] = {
    "getPage": _page,
    "getPageFile": _page_file,
    "streamEvents": _stream_head,
}
