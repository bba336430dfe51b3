"""What an operation can be called on: paths of records that exist, and bodies that refer to such."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from tests.documents.account import Account
from tests.documents.described import NO_BODY, Operation
from tests.documents.published import Published
from tests.documents.serving import value

# As many records are tried of a collection, and of one within another.
RECORDS, NESTED = 60, 3


class Subjects:
    """Finds them for the operations of a document."""

    def __init__(self, published: Published, operations: Sequence[Operation]) -> None:
        self._published = published
        self._by_template = {(each.method, each.template): each for each in operations}
        self._tops = {each.template for each in operations if "{" not in each.template}
        items = {each.template.rpartition("/")[0] for each in operations if each.template.endswith("}")}
        self.collections = sorted(items | {e.template for e in operations if e.method == "post"})

    def operation(self, method: str, template: str) -> Operation | None:
        return self._by_template.get((method, template))

    def paths(self, account: Account, operation: Operation) -> Iterator[str]:
        """Yield paths of records that exist, those of other records last."""
        yield from dict.fromkeys(self._paths(account, operation, operation.segments, [], ""))

    def _paths(
        self, account: Account, operation: Operation, rest: Sequence[str], done: Sequence[str], path: str
    ) -> Iterator[str]:
        for number, segment in enumerate(rest):
            name = segment[1:].partition("}")[0] if segment.startswith("{") else ""
            if not name:
                path = f"{path}/{segment}"
                continue
            before = [*done, *rest[:number]]
            most = RECORDS if "{" not in "/".join(before) else NESTED
            suffix = segment.partition("}")[2]
            for found in islice(self._values(account, operation, before, path, name), most):
                longer = f"{path}/{quote(str(found), safe='')}{suffix}"
                yield from self._paths(
                    account, operation, rest[number + 1 :], [*before, segment], longer
                )
            return
        yield path

    def _values(
        self, account: Account, operation: Operation, before: list[str], path: str, name: str
    ) -> Iterator[Any]:
        """Yield values for a path parameter behind the path of what has the record."""
        last = before[-1] if before else ""
        by = re.fullmatch(r"(by|for)-(.+)", last)
        if by is not None:
            yield from self._by_another(account, before[:-1], by[2])
        else:
            yield from self._own(account, before, path, name)
        yield from self._ids_by_noun(account, name)
        yield from (value(e.query) for e in operation.parameters if e.where == "path" and e.name == name)

    def _own(self, account: Account, before: list[str], path: str, name: str) -> Iterator[Any]:
        records = self.records(account, "/" + "/".join(before), path)
        yield from (key for each in records if (key := key_of(each, name)) is not None)
        # What is added to, and removed from, a list within a record.
        above = self.operation("get", "/" + "/".join(before[:-1]))
        own = before[-1] if before else ""
        if above is not None and path:
            reply = account.call(above, path.rpartition("/")[0])
            members = reply.body if isinstance(reply.body, dict) else {}
            for member, each in members.items():
                if plain(member) == plain(own) and isinstance(each, list):
                    yield from each
        if len(before) > 2 and above is None:
            # There is no operation that gets the record above; its list shows it.
            template, shown = "/" + "/".join(before[:-2]), path.rpartition("/")[0].rpartition("/")
            for record in self.records(account, template, shown[0]):
                if quote(str(key_of(record, "id")), safe="") == shown[2]:
                    yield from next((e for m, e in record.items() if plain(m) == plain(own)), ())

    def _by_another(self, account: Account, before: list[str], word: str) -> Iterator[Any]:
        """Yield what may find a record by something else than its key, e.g. `alias`, `invoice`."""
        for record in self.records(account, "/" + "/".join(before)):
            for member, each in record.items() if isinstance(record, dict) else ():
                if plain(member) in (plain(word), plain(word) + "id", plain(word) + "es"):
                    yield from each if isinstance(each, list) else [each]
        yield from self._by_what_is_created(account, before, word)
        for template in self._tops:
            if plain(word) in plain(template.rpartition("/")[2]) and template.count("/") < 3:
                for record in self.records(account, template)[:20]:
                    yield from (e for e in record.values() if isinstance(e, str)) if record else ()

    def _by_what_is_created(self, account: Account, before: list[str], word: str) -> Iterator[Any]:
        """Create the document's own example, and yield what it says may find it."""
        creation = self.operation("post", "/" + "/".join(before))
        example = creation.example if creation is not None else None
        for member, each in example.items() if isinstance(example, dict) else ():
            if creation is not None and plain(member) in (plain(word), plain(word) + "es"):
                account.call(creation, creation.template, None, example)
                yield from each if isinstance(each, list) else [each]

    def _ids_by_noun(self, account: Account, name: str) -> Iterator[Any]:
        """Yield the ids of the collection that a name refers to, e.g. `customerId`."""
        noun = re.sub(r"(Id|_id|ID|Ids|_ids)$", "", name)
        wanted = {plain(noun) + ending for ending in ("", "s", "es")} | {plain(noun)[:-1] + "ies"}
        for template in self.collections:
            if "{" not in template and plain(template.rpartition("/")[2]) in wanted:
                yield from (key_of(each, "id") for each in self.records(account, template))

    def records(self, account: Account, template: str, path: str | None = None) -> list[Any]:
        """Return the records of a collection by its list, else as the control API has them."""
        listing = self.operation("get", template)
        if listing is not None and (path is not None or "{" not in template):
            takes = any(each.name == "limit" for each in listing.parameters)
            where = template if path is None else path
            reply = account.call(listing, where, {"limit": 50} if takes else {})
            if reply.is_success and reply.records is not None:
                return [each for each in reply.records if isinstance(each, dict)]
            if reply.is_success and isinstance(reply.body, dict):
                return [reply.body]
        return [each for each in account.collection(template.strip("/")) if isinstance(each, dict)]

    def bodies(self, account: Account, operation: Operation) -> Iterator[Any]:
        """Yield the document's own example of a body, then the same with references to what exists."""
        example = operation.example
        if operation.body is None:
            yield NO_BODY
            return
        if example is NO_BODY:
            example = self.made(self._published.at(operation.body))
        yield example
        yield from islice(self._referring(account, example), 400)
        # The example may be wrong itself.
        yield self.made(self._published.at(operation.body))

    def made(self, schema: Any) -> Any:
        """Return a body with what a schema requires."""
        found, _ = self._published.follow(schema)
        parts = list(self._published.parts(found))
        properties = self._published.properties(found)
        if not properties:
            return value_of(found)
        required = [name for part in parts for name in part.get("required", [])]
        return {name: self.made(properties[name]) for name in required if name in properties}

    def _referring(self, account: Account, example: Any) -> Iterator[Any]:
        places = list(references_in(example))
        if not places:
            return
        choices = [self._choices(account, *each) for each in places]
        longest = max((len(each) for each in choices), default=0)
        firsts = [each[0] if each else None for each in choices]
        for number in range(longest):
            # Each by itself first, with the others as they were, then all together.
            yield self._with(example, places, [e[number % len(e)] if e else None for e in choices])
        for one, each in enumerate(choices):
            for found in each:
                yield self._with(example, places, [*firsts[:one], found, *firsts[one + 1 :]])

    def _choices(self, account: Account, place: tuple[Any, ...], old: Any) -> list[Any]:
        name = str(next(step for step in reversed(place) if isinstance(step, str)))
        if not isinstance(old, list):
            return list(dict.fromkeys(islice(self._ids_by_noun(account, name), RECORDS)))
        groups: dict[Any, list[Any]] = {}
        noun = re.sub(r"Ids$", "", name)
        for template in self.collections:
            if plain(template.rpartition("/")[2]) in (plain(noun) + "s", plain(noun) + "es"):
                for record in self.records(account, template):
                    groups.setdefault(record.get("status"), []).append(key_of(record, "id"))
        most = max(len(old), 1)
        return [each[:most] for each in groups.values() if len(each) >= most]

    def _with(self, example: Any, places: Sequence[tuple[Any, Any]], values: Sequence[Any]) -> Any:
        changed = copy.deepcopy(example)
        for (place, _), new in zip(places, values, strict=True):
            if new is not None:
                node = changed
                for step in place[:-1]:
                    node = node[step]
                node[place[-1]] = new
        return changed


def references_in(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield the places of a body that are called like references, and what they have."""
    for name, each in node.items() if isinstance(node, dict) else ():
        is_one = isinstance(each, str) and re.search(r"(Id|_id)$", name)
        is_list = isinstance(each, list) and re.search(r"(Ids|_ids)$", name)
        if is_one or is_list:
            yield (*place, name), each
        else:
            yield from references_in(each, (*place, name))
    for number, each in enumerate(node if isinstance(node, list) else ()):
        yield from references_in(each, (*place, number))


def key_of(record: Any, name: str) -> Any:
    """Return the key of a record: the member of a parameter's name, else its id."""
    if not isinstance(record, dict):
        return None
    return next((record[each] for each in (name, "id", "sid") if record.get(each) is not None), None)


def plain(name: str) -> str:
    """Return a name without case and separators: `notificationtypes` for `notification-types`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def value_of(schema: Any) -> Any:
    if schema.get("type") == "array":
        return []
    text: Any = schema.get("example", (schema.get("enum") or [None])[0])
    kinds = {"integer": 1, "number": 1, "boolean": True, "object": {}}
    return text if text is not None else kinds.get(schema.get("type"), "a1")
