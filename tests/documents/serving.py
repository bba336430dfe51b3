"""A server of a published document, and requests to it with the credentials that the document wants."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import quote, urlsplit

from hypothesis import strategies
from hypothesis.errors import NonInteractiveExampleWarning

from tests.documents.published import Get, Published, Query
from tests.documents.walking import Reply

COUNT = 45
# Loading may be slow on a machine with other work; a server that says nothing for longer hangs.
PATIENCE = 120.0


class NotServed(Exception):
    """Says why a document is not served."""


class Served:
    """A server of a document, over one connection."""

    def __init__(self, published: Published, process: subprocess.Popen[bytes], address: str) -> None:
        self.process = process
        self._published = published
        self._address = address
        self._connection = http.client.HTTPConnection(address, timeout=60)

    @property
    def url(self) -> str:
        return f"http://{self._address}"

    @property
    def processor(self) -> float:
        """Seconds of the processor used so far."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    @property
    def memory(self) -> float:
        """MiB of its own, and its share of what other processes use too."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0

    def close(self) -> None:
        self._connection.close()

    def first_record(self, get: Get) -> Any:
        """Return a record of a list, as the server's own control API has it; None where it has none."""
        headers, _ = credentials(self._published, get)
        name = quote(get.template.removeprefix("/"), safe="")
        where = f"/_mock/collections/{name}?limit=1"
        self._connection.request("GET", where, headers={"Authorization": "Basic YTpi", **headers})
        answer = self._connection.getresponse()
        text = answer.read()
        items = json.loads(text).get("items") if answer.status == 200 else None
        return items[0] if items else None

    def ask(self, get: Get, where: str) -> Reply:
        headers, query = credentials(self._published, get)
        headers |= {each.name: value(each) for each in get.headers if each.required}
        joined = "&" if "?" in where else "?"
        asked = where + (joined + query if query else "")
        for attempt in range(2):
            try:
                self._connection.request("GET", asked, headers=headers)
                answer = self._connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):
                self._connection.close()
                if attempt:
                    raise
        try:
            body = json.loads(text)
        except ValueError:
            body = text.decode("latin-1")
        kept = {name.lower(): each for name, each in answer.getheaders()}
        return Reply(where, answer.status, kept, body, self.url)


@contextmanager
def serving(published: Published, *flags: str) -> Iterator[Served]:
    """Serve a document while the block runs; raise NotServed with what was printed."""
    program = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--count", str(COUNT)]
    with TemporaryFile() as said:
        words = [*program, "--document", str(published.path), *flags]
        process = subprocess.Popen(words, stdout=said, stderr=said)
        try:
            served = Served(published, process, _address(process, said))
            try:
                yield served
            finally:
                served.close()
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[bytes], said: Any) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        text = os.pread(said.fileno(), 100_000, 0).decode(errors="replace")
        found = re.search(r"http://[\w.\[\]:]+", text)
        if found and process.poll() is None:
            return urlsplit(found[0]).netloc
        if process.poll() is not None:
            raise NotServed(text.strip() or f"it ended with {process.returncode}")
        time.sleep(0.01)
    raise NotServed(f"nothing after {PATIENCE:.0f} s: {text}")


def credentials(published: Published, get: Get) -> tuple[dict[str, str], str]:
    """Return headers, and a piece of the query, that meet the first alternative of a GET's security that is described."""
    headers: dict[str, str] = {}
    query: list[str] = []
    schemes = published.data.get("components", {}).get("securitySchemes", {})
    # Some documents only name a scheme: nobody can send it.
    known = [each for each in get.security if all(name in schemes for name in each)]
    for name in known[0] if known else ():
        scheme, _ = published.follow(schemes[name])
        kind, where = scheme["type"], scheme.get("in")
        if kind == "http" and scheme["scheme"].lower() == "basic":
            headers["Authorization"] = "Basic " + base64.b64encode(b"survey:secret").decode()
        elif kind != "apiKey":
            headers["Authorization"] = "Bearer survey-token"
        elif where == "header":
            headers[scheme["name"]] = "survey-key"
        elif where == "cookie":
            headers["Cookie"] = f"{scheme['name']}=survey-key"
        else:
            query.append(f"{quote(scheme['name'], safe='')}=survey-key")
    return headers, "&".join(query)


def path_of(get: Get) -> str:
    """Return the path of a GET with values for its parameters."""

    def filled(match: re.Match[str]) -> str:
        parameter = get.path.get(match[1], Query(match[1], True, {"type": "string"}))
        return quote(value(parameter), safe="")

    return get.base + re.sub(r"\{([^}]*)\}", filled, get.template)


def required_query(get: Get, record: Any = None) -> dict[str, str]:
    """Return values for the parameters of the query that must be sent.

    Those that are called like a member of `record` have its value, which may be what they filter by.
    """
    known = record if isinstance(record, dict) else {}
    return {
        each.name: str(known[each.name]) if isinstance(known.get(each.name), str | int) else value(each)
        for each in get.query
        if each.required
    }


def value(parameter: Query) -> str:
    """Return a text for a parameter that its schema allows."""
    found = _value(parameter.schema, parameter.example)
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, list):
        return ",".join(map(str, found))
    return json.dumps(found) if isinstance(found, Mapping) else str(found)


_FORMATS = {
    "uuid": "5f93a185-b011-419f-83f4-ffdb122a6f51", "date": "2024-07-30", "email": "a@example.com",
    "date-time": "2024-07-30T00:00:00Z", "uri": "https://example.com/", "ulid": "01G65Z755AFWAKHE12NY0CQ9FH",
}  # fmt: skip


def _value(schema: Any, example: Any = None) -> Any:
    if not isinstance(schema, dict):
        return "a1"
    for known in (example, schema.get("example"), schema.get("default"), schema.get("const")):
        if known is not None and not isinstance(known, dict) and _is_fit(known, schema):
            return known
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else next((k for k in kinds if k != "null"), "string")
    made: dict[str, Callable[[], Any]] = {
        "integer": lambda: max(1, int(schema.get("minimum", 1))),
        "number": lambda: max(1, int(schema.get("minimum", 1))),
        "boolean": lambda: True,
        "array": lambda: [_value(schema.get("items", {}))],
    }
    return schema["enum"][0] if schema.get("enum") else made.get(kind, lambda: _text(schema))()


def _is_fit(example: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether an example is of a plain type that a schema asks for; some are `{{placeholders}}`."""
    if schema.get("type") == "boolean":
        return str(example).lower() in ("true", "false")
    return schema.get("type") not in ("integer", "number") or str(example).lstrip("-")[:1].isdigit()


def _text(schema: Mapping[str, Any]) -> str:
    if "pattern" in schema:
        return _matching(schema["pattern"], schema)
    text = _FORMATS.get(str(schema.get("format")), "a1")
    return text.ljust(int(schema.get("minLength", 0)), "1")[: int(schema.get("maxLength", 100))]


def _matching(pattern: str, schema: Mapping[str, Any]) -> str:
    for text in ("a1", "1", "a", "AC" + "0" * 32, "CA" + "0" * 32, "0" * 26, "2024-07-30"):
        if re.search(pattern, text) and len(text) >= int(schema.get("minLength", 0)):
            return text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NonInteractiveExampleWarning)
        return strategies.from_regex(re.compile(pattern, re.ASCII), fullmatch=True).example()
