"""The inspector: the page at /_mock/, which shows an account's requests and steers it.

The page is plain HTML, CSS and ES modules beside this file. It gets its data from the control API, with
credentials that its user enters; its own files are served without, since a browser opens a page so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flask

from mock_server.errors import NotFound
from mock_server.shown_text import quote

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}

# The files of Swagger UI that render a document inside another page.
_SWAGGER = ("swagger-ui.css", "swagger-ui-bundle.js")

# The page shows what clients have sent: only this server's own files may run, and only this server may
# be asked, whatever a client's text holds.
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
    """Return the paths of the files that are served, by file name; the folders are listed once."""
    own = [path for path in _folder(__name__).iterdir() if path.suffix in _MEDIA_TYPES]
    swagger = [_folder("flask_swagger_ui") / "dist" / name for name in _SWAGGER]
    return {path.name: path for path in (*own, *swagger)}


def _folder(package: str) -> Path:
    """Return the folder of an installed package, without importing it; raises LookupError."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise LookupError(f"the package {package} is not installed")
    return Path(found.origin).parent


@cache
def _content(path: Path) -> tuple[bytes, str]:
    """Return the content of a file and its ETag, read once."""
    content = path.read_bytes()
    return content, blake2b(content, digest_size=8).hexdigest()


def handlers(environ: Callable[[], dict[str, Any]]) -> Mapping[str, Callable[..., flask.Response]]:
    """Return what answers the operations of control.yaml that give the page, by their ids.

    `environ` gives the WSGI environment of the request that is answered.
    """

    def answer_page() -> flask.Response:
        return _file("index.html", environ())

    def answer_file(p0: str) -> flask.Response:
        # The routed name of the first path parameter.
        return _file(p0, environ())

    return {"getPage": answer_page, "getPageFile": answer_file}


def _file(name: str, environ: dict[str, Any]) -> flask.Response:
    """Return the response with a file, or 304 if the browser has it; raises NotFound."""
    path = _paths().get(name)
    if path is None:
        raise NotFound(f"The page has no file {quote(name)}; open the page itself.")
    content, tag = _content(path)
    response = flask.Response(content, content_type=_MEDIA_TYPES[path.suffix], headers=_HEADERS)
    response.set_etag(tag)
    response.make_conditional(environ)
    del response.headers["Date"]  # The server adds one to every response.
    return response
