"""Try each parameter that filters or sorts with values of the records, and say what it did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from tests.documents.account import Account, Reply
from tests.documents.described import Operation, Parameter
from tests.documents.subjects import key_of, plain

if TYPE_CHECKING:
    from tests.documents.resources import Bench

# Values that are tried of one parameter, beside those that its rule names.
VALUES = 150
_FAR = ("2000-01-01", "2100-01-01", "2022-10-15", "2024-07-30", "2024-08-02", "2024-07-30T12:00:00Z")


@dataclass(frozen=True)
class Tried:
    """What a parameter did: the first value that had an effect, or None, and what its rule expects else."""

    operation: Operation
    parameter: Parameter
    value: str | None
    says: str
    wrong: str

    @property
    def is_right(self) -> bool:
        return self.value is not None and not self.wrong

    def __str__(self) -> str:
        verdict = "ok" if self.is_right else "WRONG" if self.wrong else "NOTHING"
        said = f"{verdict:8}{self.operation} ?{self.parameter.name}"
        said += (
            f"={self.value}: {self.says}" if self.value is not None else f": {self.parameter.text[:120]}"
        )
        return said + (f" WRONG {self.wrong}" if self.wrong else "")


class Rules:
    """The filters that the served document describes by `x-filter`."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def of(self, operation: Operation, name: str) -> Mapping[str, Any] | None:
        """Return the rule of a parameter; None where there is none."""
        item = self._follow(self._document["paths"].get(operation.template, {}))
        spec = item.get(operation.method, {})
        for each in [*(item.get("parameters") or []), *(spec.get("parameters") or [])]:
            found = self._follow(each)
            if found.get("name") == name and found.get("in") == "query":
                rule = found.get("x-filter")
                return rule if isinstance(rule, dict) else None
        return None

    def sums_of(self, operation: Operation) -> Mapping[str, Mapping[str, Any]]:
        """Return the rules of sums of a list's records, by their members."""
        answer = self._follow(self._spec(operation).get("responses", {}).get("200", {}))
        media: Any = next(iter((answer.get("content") or {}).values()), {})
        schema = self._follow(media.get("schema", {}))
        found = {}
        for each in (schema.get("properties") or {}).values():
            record = self._follow(self._follow(each).get("items", {}))
            for name, part in (record.get("properties") or {}).items():
                if isinstance(part.get("x-sum"), dict):
                    found[name] = part["x-sum"]
        return found

    def of_the_account(self) -> Iterator[str]:
        """Yield the members that have the account's id."""
        for schema in self._document.get("components", {}).get("schemas", {}).values():
            for name, each in (schema.get("properties") or {}).items():
                if each.get("x-fill") == "account":
                    yield name

    def extension(self, operation: Operation, name: str) -> Any:
        """Return an extension of an operation, e.g. `x-member`; None where it has none."""
        return self._spec(operation).get(name)

    def _spec(self, operation: Operation) -> Any:
        item = self._follow(self._document["paths"].get(operation.template, {}))
        return item.get(operation.method, {})

    def _follow(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            found = self._document
            for step in node["$ref"].lstrip("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node


def try_filters(bench: Bench, account: Account) -> Iterator[Tried]:
    """Yield what each parameter of a GET does that turns no pages."""
    rules = Rules(account.document())
    for operation in bench.operations:
        if operation.method == "get" and operation.filters:
            yield from _try_all(bench, account, operation, rules)


def _try_all(bench: Bench, account: Account, operation: Operation, rules: Rules) -> Iterator[Tried]:
    created = _create_one(bench, account, operation)
    path, base = _fullest(bench, account, operation)
    for parameter in operation.filters:
        rule = rules.of(operation, parameter.name)
        values = [*_values(parameter, rule, base), *_viewed(bench, account, operation, rules, rule)]
        # What can only be written, no answer shows.
        values += [_text(each) for each in _near(created, parameter.name)]
        yield _try_one(account, operation, path, base, parameter, rule, values)


def _create_one(bench: Bench, account: Account, operation: Operation) -> Mapping[str, Any]:
    """Create a record by the document's own example, and return what was sent."""
    creation = bench.subjects.operation("post", operation.template)
    if creation is None or "{" in operation.template or not isinstance(creation.example, dict):
        return {}
    account.call(creation, creation.template, None, creation.example)
    return creation.example


def _fullest(bench: Bench, account: Account, operation: Operation) -> tuple[str, Reply]:
    """Return the path of a list with several records, of the first parents, and its answer."""
    best: tuple[str, Reply] | None = None
    for path in islice(bench.subjects.paths(account, operation), 15):
        reply = _ask(account, operation, path, {})
        if best is None or len(reply.records or []) > len(best[1].records or []):
            best = path, reply
    return best or ("", Reply(0, {}, None))


def _ask(account: Account, operation: Operation, path: str, query: Mapping[str, str]) -> Reply:
    takes = any(each.name == "limit" for each in operation.parameters)
    asked = {**({"limit": 50} if takes else {}), **query}
    return account.call(operation, path, asked)


def _try_one(
    account: Account,
    operation: Operation,
    path: str,
    base: Reply,
    parameter: Parameter,
    rule: Any,
    values: Iterable[str],
) -> Tried:
    wrong, said, effective = "", "", None
    for value in islice(dict.fromkeys(values), VALUES):
        reply = _ask(account, operation, path, {parameter.name: value})
        if not reply.is_success:
            continue
        wrong = wrong or _contradiction(rule, value, base, reply)
        found = _difference(base, reply)
        if found and effective is None:
            effective, said = value, found
        if effective is not None and (rule is None or wrong):
            break
    return Tried(operation, parameter, effective, said, wrong)


def _difference(base: Reply, reply: Reply) -> str:
    """Say how an answer differs from that without the parameter; "" where it doesn't, or has nothing."""
    one, other = _keys(base), _keys(reply)
    if one is None or other is None or not any(one):
        return "another answer" if base.body != reply.body else ""
    if one == other or not other:
        return ""
    if sorted(map(str, one)) == sorted(map(str, other)):
        return "sorts"
    more = set(map(str, other)) - set(map(str, one))
    return f"adds {len(more)}" if more else f"{len(other)} of {len(one)}"


def _keys(reply: Reply) -> list[Any] | None:
    if reply.records is None:
        return None
    return [key_of(each, "id") if isinstance(each, dict) else each for each in reply.records]


def _contradiction(rule: Any, value: str, base: Reply, reply: Reply) -> str:
    """Say where an answer is not what the rule says of the records that are shown."""
    if not isinstance(rule, dict) or not isinstance(rule.get("field"), str) or len(rule) != 2:
        return ""
    if rule["match"] in ("before", "after") and not re.match(r"\d{4}-\d\d-\d\d", value):
        return ""
    shown = [each for each in base.records or [] if isinstance(each, dict)]
    field = rule["field"]
    if not any(list(values_at(each, field)) for each in shown) or _keys(reply) is None:
        return ""
    expected = [key_of(each, "id") for each in shown if passes(rule, value, each)]
    return (
        ""
        if expected == _keys(reply)
        else f"{value!r}: {len(_keys(reply) or [])} records, not {len(expected)}"
    )


def passes(rule: Mapping[str, Any], text: str, record: Any) -> bool:
    """Tell whether a record passes a filter by a plain reading of its rule."""
    found = [each for each in values_at(record, rule["field"]) if each is not None]
    texts, match = [_text(each) for each in found], rule["match"]
    wanted = [each for each in text.split(",") if each]
    if match == "contains":
        return any(text.lower() in each.lower() for each in texts)
    if match == "not-contains":
        return not any(text.lower() in each.lower() for each in texts)
    if match in ("any-of", "equals"):
        wanted = wanted if match == "any-of" else [text]
        return any(_is_same(one, other) for one in texts for other in wanted)
    if match == "not-any-of":
        return not any(_is_same(one, other) for one in texts for other in wanted)
    if match in ("before", "after"):
        length = 10 if len(text) == 10 else None
        compared = [each[:length] for each in texts]
        return any(each < text if match == "before" else each > text for each in compared)
    return bool(found) == (text.lower() == "true")


def _is_same(one: str, other: str) -> bool:
    try:
        return one == other or float(one) == float(other)
    except ValueError:
        return False


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def values_at(record: Any, path: str) -> Iterator[Any]:
    """Yield what a record has at a path, of each element of the arrays on it."""
    parts: list[Any] = [record]
    for name in path.split("."):
        parts = [
            each
            for part in parts
            for each in _spread(part.get(name) if isinstance(part, dict) else None)
        ]
    yield from (each for each in parts if each is not None)


def _spread(node: Any) -> Iterable[Any]:
    return node if isinstance(node, list) else [node]


def _values(parameter: Parameter, rule: Any, base: Reply) -> Iterator[str]:
    """Yield texts to try, the likeliest first."""
    schema = parameter.query.schema
    yield from map(str, schema.get("enum", []))
    kind, name = schema.get("type"), parameter.name.lower()
    records = [each for each in base.records or [] if isinstance(each, dict)]
    field = rule.get("field") if isinstance(rule, dict) else None
    for path in _spread(field) if field else ():
        yield from _some(
            _text(e) for each in records for e in values_at(each, path) if not isinstance(e, dict)
        )
    if kind == "boolean" or "include" in name or "exclude" in name or "auto" in name:
        yield from ("true", "false")
    if re.search(r"order|direction", name):
        yield from ("ASC", "asc", "DESC", "desc")
    options = re.search(r"(?:Options?|one of|supports)[: ]+(.+)", parameter.text)
    yield from re.findall(r"\b[A-Za-z_]{3,}\b", options[1]) if options else ()
    if "sort" in name:
        yield from sorted({name for each in records for name in each})
    if re.search(r"before|after|date|start|end", name):
        dates = sorted(
            {e for each in records for e in _scalars(each) if re.match(r"\d{4}-\d\d-\d\d", str(e))}
        )
        yield from (str(each)[:10] for each in dates[:: max(1, len(dates) // 20)])
        yield from map(str, dates[:: max(1, len(dates) // 20)])
        yield from _FAR
    near = [each for record in records for each in _near(record, name)]
    yield from _some(map(_text, near))
    yield from _some(_text(e) for each in records[:8] for e in _scalars(each))


def _viewed(
    bench: Bench, account: Account, operation: Operation, rules: Rules, rule: Any
) -> Iterator[str]:
    """Yield the values of the field that a filter reads of the records of another collection."""
    view = rules.extension(operation, "x-view")
    through = rule.get("through") if isinstance(rule, dict) else None
    name = through["collection"] if through else view["of"] if isinstance(view, dict) else None
    if name is not None and isinstance(rule, dict):
        for record in bench.subjects.records(account, f"/{name}")[:40]:
            for field in _spread(rule["field"]):
                yield from map(_text, values_at(record, field))


def _some(texts: Iterable[str]) -> Iterator[str]:
    """Yield each text, some of them together, and a part of each."""
    found = [each for each in dict.fromkeys(texts) if each]
    yield from found[:25]
    yield from (each[1:-1] for each in found[:5] if len(each) > 4)


def _near(record: Mapping[str, Any], name: str) -> Iterator[Any]:
    for member, each in record.items():
        is_like = plain(name).removesuffix("s").endswith(plain(member)[-6:])
        if is_like or plain(member).removesuffix("es") in plain(name):
            yield from (e for e in _spread(each) if not isinstance(e, dict | list))


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _scalars(each)
    elif node is not None:
        yield node
