"""Requests that hypothesis draws by a document: right ones, wrong ones, and odd ones.

`__id.customers.0__` in a request stands for the id that an answer below `/customers` had last, `__id.customers.1__`
for the one before, `__id.any.0__` for one of any answer, and `__cursor.any.0__` for a cursor. They are put in when
the request is sent.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from hypothesis import strategies as st

METHODS = ("get", "put", "post", "delete", "patch")


class Ask(NamedTuple):
    """A request: its line, its headers without those of its framing, and its body, None for none."""

    method: str
    target: str
    headers: tuple[str, ...] = ()
    body: bytes | None = None
    is_chunked: bool = False


class Described(NamedTuple):
    """An operation of a document."""

    id: str
    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    content: Mapping[str, Any]


def described(document: Mapping[str, Any], base_path: str) -> list[Described]:
    """Return the operations of a document without references."""
    return [
        Described(
            operation.get("operationId", ""),
            method.upper(),
            base_path + path,
            (*item.get("parameters", ()), *operation.get("parameters", ())),
            operation.get("requestBody", {}).get("content", {}),
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


IDS = st.integers(0, 30).map("__id.any.{}__".format)
CURSORS = st.integers(0, 6).map("__cursor.any.{}__".format)
ODD = st.sampled_from([
    "", "0", "-1", "+5", "007", "1.5", "x", "true", "null", "%00", "%zz", "%C3%A9", "%ff", "a,b", "a%2Cb", "%35",
    "a+b", "9" * 30, "A" * 300, "2025-13-01", "*",
])  # fmt: skip
GOOD = {
    "integer": ["1", "2", "5", "20"],
    "number": ["1", "2.5"],
    "boolean": ["true", "false"],
    "date": ["2025-01-01", "2024-02-29"],
}
TEXTS = ["a", "e", "S", "SUM", "draft", "issued", "NO", "name", "asc"]


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    """Draw raw values of a parameter, of which most fit."""
    schema = schema.get("items", schema)
    good = schema.get("enum") or GOOD.get(schema.get("format") or schema.get("type", ""), TEXTS)
    texts = st.sampled_from([str(each) for each in good])
    return st.one_of(
        texts, texts, texts, st.lists(texts, min_size=2, max_size=3).map(",".join), IDS, CURSORS, ODD
    )


NAMES = st.sampled_from(["limt", "colour", "eventType[]", "", "LIMIT", "a%20b", "%6Cimit", "api_key"])


def queries(parameters: tuple[Mapping[str, Any], ...]) -> st.SearchStrategy[str]:
    pairs = [
        st.tuples(st.just(each["name"]), values(each.get("schema", {}))).map("=".join)
        for each in parameters
        if each["in"] == "query"
    ]
    unknown = st.tuples(NAMES, ODD).map("=".join)
    lone = st.sampled_from(["", "limit", "=", "a=b=c", "&"])
    pieces = st.lists(st.one_of(*pairs, *pairs, unknown, lone), max_size=4)
    return pieces.map(lambda drawn: f"?{'&'.join(drawn)}" if drawn else "")


# Other spellings of a path, of which most lead nowhere.
SPELLINGS = (
    lambda path: path, lambda path: path.replace("-", "%2D"), lambda path: path + "/", str.upper,
    lambda path: path.replace("/", "//", 1), lambda path: path.rpartition("/")[0] or "/", lambda path: path + "x",
    lambda path: path.replace("s", "%73", 1), lambda path: path.replace("/", "%2F", 2), lambda path: path + "%00",
)  # fmt: skip


@st.composite
def targets(draw: st.DrawFn, operation: Described, known: Mapping[str, st.SearchStrategy[str]]) -> str:
    """Draw a target; `known` are values for names of parameters in paths, where they are no ids."""
    path = operation.path
    for segment, name in re.findall(r"([\w-]+|})/{([^}]+)}", path):
        own = st.integers(0, 3).map(f"__id.{segment.replace('}', 'any')}.{{}}__".format)
        usual = known.get(name, own)
        path = path.replace(f"{{{name}}}", draw(st.one_of(*[usual] * 8, IDS, ODD.filter(bool))))
    spelled = draw(st.sampled_from([*SPELLINGS[:1] * 30, *SPELLINGS]))(path)
    return str(spelled) + draw(queries(operation.parameters))


# What credentials a request may come with; `{}` stands for the account's name.
def bearer(text: str) -> str:
    return f"Authorization: Bearer {text}"


def basic(text: str) -> str:
    return f"Authorization: Basic {base64.b64encode(text.encode()).decode()}"


def credentials(scheme: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw the headers by which a request says who sends it; most times one of two accounts."""
    own = [(basic(f"{each}:secret") if scheme == "basic" else bearer(each),) for each in ("one", "two")]
    others: list[tuple[str, ...]] = [
        (), (basic("one:other"),), (bearer("two"),), ("Authorization: Basic !!",), ("Authorization:",),
        (basic("nocolon"),), (basic(":secret"),), (*own[0], *own[1]), ("Authorization: Digest x",), (basic("401:x"),),
    ]  # fmt: skip
    return st.sampled_from([*own[:1] * 50, *own[1:] * 30, *others])


FURTHER = st.sampled_from([
    "Accept: application/json", "Accept: text/html", "Accept: */*;q=0.1", "Accept: application/*, text/plain;q=0.5",
    "Prefer: code=503", "Prefer: code=200, delay=0", "Prefer: return=minimal", "Prefer: example=x", "Prefer: code=404",
    "Sequence-Version: 1999-01-01", "Sequence-Version: 2024-07-30", "User-Agent: other", "X-Odd: \xe9", "Cookie: a=b",
    "Idempotency-Key: k1", "Idempotency-Key: k2", "Idempotency-Key:", "Origin: https://a.example", "X-Api-Key: k",
    "Connection: Upgrade\r\nUpgrade: websocket", "X-Forwarded-Host: a.example", "Content-Type: text/plain",
])  # fmt: skip

VALUES: st.SearchStrategy[Any] = (
    st.sampled_from([None, "", 0, -1, "x", True, [], {}, ["a"], [[]], {"a": None}]) | IDS
)


def near(value: Any) -> st.SearchStrategy[Any]:
    """Draw what may stand in the place of a value, and is wrong where its schema says much."""
    match value:
        case bool():
            return VALUES
        case int():
            return st.sampled_from([0, -1, 1, value + 0.5, float(value), str(value), 10**12, None])
        case str():
            texts = ["", value * 40, f"{value}!", "2025-13-01", "\u00e9", "NO", "__id.any.0__"]
            return st.sampled_from(["", *texts, 0, None])
        case list():
            return st.sampled_from([[], value * 2, value * 60, [None], value[:1], None])
        case dict():
            return objects(value) | VALUES
    return VALUES


_ID = re.compile(r"[a-z]{3}_[0-9a-f]{12}")


def with_ids(value: Any) -> Any:
    """Return an example with the ids of records that are there in place of its own."""
    if isinstance(value, dict):
        return {name: with_ids(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_ids(each) for each in value]
    return "__id.any.0__" if isinstance(value, str) and _ID.fullmatch(value) else value


@st.composite
def objects(draw: st.DrawFn, example: Any) -> Any:
    """Draw a body like an example: as it is, or with members dropped, changed, or unknown."""
    value = with_ids(example)
    if not isinstance(value, dict):
        return draw(st.just(value) | VALUES)
    value = dict(value)
    if "name" in value:
        value["name"] = f"{value['name']} {draw(st.integers(0, 5))}"
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 1, 2]))):
        name = draw(st.sampled_from([*value, "unknown", "id"]))
        value[name] = draw(near(value.get(name)))
    dropped = draw(st.sampled_from([None, *[None] * 3 * len(value), *value]))
    return {name: each for name, each in value.items() if name != dropped}


BROKEN = st.sampled_from([
    b"", b"{", b"[]", b"null", b'{"a": 1, "a": 2}', b"\xff", b"[" * 200, b"NaN", b'{"name": "\\ud800"}', b"x=1&x=2", b"1e999",
])  # fmt: skip
TYPES = st.sampled_from([
    "application/json", "application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded",
    "application/merge-patch+json", "APPLICATION/JSON", "x", "application/yaml",
])  # fmt: skip


def as_form(value: Any) -> bytes:
    flat = dict(members(value)) if isinstance(value, dict) else {"x": "y"}
    return urlencode(flat).encode()


def members(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, each in value.items():
        if isinstance(each, dict):
            yield from ((f"{name}[{inner}]", str(text)) for inner, text in each.items())
        else:
            yield name, each if isinstance(each, str) else json.dumps(each)


@st.composite
def bodies(draw: st.DrawFn, operation: Described) -> tuple[tuple[str, ...], bytes | None]:
    """Draw a body and its Content-Type: most times as the operation takes it, seldom something else."""
    content = operation.content
    kind = draw(st.sampled_from(["usual"] * 12 + ["broken", "other", "none"])) if content else "none"
    if kind == "none":
        return draw(
            st.sampled_from([((), None)] * 8 + [((), b""), (("Content-Type: application/json",), b"{}")])
        )
    media_type = draw(st.sampled_from([*content]))
    examples = [each["example"] for each in content.values() if "example" in each]
    value = draw(objects(examples[0] if examples else {}))
    sent = as_form(value) if media_type.endswith("urlencoded") else json.dumps(value).encode()
    if kind == "broken":
        sent = draw(BROKEN)
    if kind == "other":
        media_type = draw(TYPES)
    return (f"Content-Type: {media_type}",), sent


@st.composite
def asks(
    draw: st.DrawFn,
    operations: list[Described],
    scheme: str,
    known: Mapping[str, st.SearchStrategy[str]],
) -> Ask:
    """Draw a request for one of some operations."""
    operation = draw(st.sampled_from([*operations, *[each for each in operations if each.content] * 2]))
    method = draw(
        st.sampled_from([operation.method] * 25 + ["HEAD", "HEAD", "OPTIONS", "POST", "PURGE"])
    )
    typed, body = draw(bodies(operation))
    headers = draw(st.lists(FURTHER, max_size=2)) if draw(st.integers(0, 3)) == 0 else []
    headers = [*draw(credentials(scheme)), *typed, *headers]
    return Ask(
        method, draw(targets(operation, known)), tuple(headers), body, draw(st.integers(0, 5)) == 0
    )


@st.composite
def repeated(draw: st.DrawFn, once: st.SearchStrategy[Ask], others: tuple[str, ...]) -> tuple[Ask, ...]:
    """Draw a request that comes several times, each time maybe with a change; `others` are credentials."""
    ask = draw(once)

    def changed() -> Ask:
        match draw(st.sampled_from(["as it is"] * 6 + ["head", "header", "caller", "body"])):
            case "head":
                return ask._replace(method="GET" if ask.method == "HEAD" else "HEAD")
            case "header":
                return ask._replace(headers=(*ask.headers, draw(FURTHER)))
            case "caller":
                return ask._replace(
                    headers=(f"Authorization: {draw(st.sampled_from(others))}", *ask.headers[1:])
                )
            case "body":
                return ask._replace(body=draw(st.sampled_from([None, b"", b"{}"])))
        return ask

    return tuple(changed() for _ in range(draw(st.integers(2, 5))))
