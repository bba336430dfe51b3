"""The handlers of the control API, which control.yaml describes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import flask
import orjson

from mock_server import __version__
from mock_server.control.request_body import Body
from mock_server.data import collection_edits, record_completion
from mock_server.data.collection import Collection
from mock_server.data.records import RecordSchema, as_seen
from mock_server.errors import JSON, InvalidRequest, NotFound, Violation, hint, quote
from mock_server.formats import source_file
from mock_server.formats.headers import by_name
from mock_server.formats.timestamps import NoMoment, format_moment, parse_moment
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.openapi.request_validation import ARGUMENTS, Arguments
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.wsgi_bridge import COMMIT, SCOPE, Commit
from mock_server.sandbox import faults, journal, transcripts
from mock_server.sandbox.account import Account
from mock_server.sandbox.clock import Clock
from mock_server.sandbox.sandbox import Sandbox
from mock_server.sandbox.transcripts import Transcript
from mock_server.settings import ANONYMOUS, FAIL_ON
from mock_server.verdict import verdict
from mock_server.verdict.coverage import coverables


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its parameters by name, its body and the bytes of that, and what is wrong with them."""

    exchange: Exchange
    values: Mapping[str, Any]
    body: Any
    size: int
    violations: tuple[Violation, ...]

    @property
    def account(self) -> Account:
        """The account that it acts on."""
        return self.exchange.acting

    @property
    def name(self) -> str:
        return str(self.values["name"])


Handler = Callable[..., flask.Response]

# A short fault holds more memory than its text.
_LEAST_FAULT_BYTES = 1_000


class Control:
    """What the calls do, by their operation ids."""

    def __init__(
        self, document: Document, sandbox: Sandbox, schemas: Mapping[str, RecordSchema]
    ) -> None:
        self._document = document
        self._coverables = coverables(document)
        self._sandbox = sandbox
        self._schemas = schemas
        self._lists = {o.id: o.collection is not None for o in document.operations}
        self.calls: dict[str, Callable[[Call], flask.Response]] = {
            "health": self._health,
            "getDocument": self._get_document,
            "reset": self._reset,
            "loadFixtures": self._load_fixtures,
            "listRecords": self._list_records,
            "replaceRecords": self._replace_records,
            "addRecords": self._add_records,
            "generateCollection": self._generate_collection,
            "removeRecord": self._remove_record,
            "listRequests": self._list_requests,
            "clearRequests": self._clear_requests,
            "getRequest": self._get_request,
            "listWalks": self._list_walks,
            "listViolations": self._list_violations,
            "getCoverage": self._get_coverage,
            "getVerdict": self._get_verdict,
            "getReport": self._get_report,
            "addFault": self._add_fault,
            "listFaults": self._list_faults,
            "removeFaults": self._remove_faults,
            "removeFault": self._remove_fault,
            "getClock": self._get_clock,
            "setClock": self._set_clock,
        }
        # What is wrong with a call that control.yaml can't say; its body may be anything.
        self._checks: dict[str, Callable[[Call], Iterable[Violation]]] = {
            "listRequests": self._check_operation,
            "loadFixtures": self._check_fixtures,
            "addFault": self._check_fault,
            "replaceRecords": self._check_items,
            "addRecords": self._check_items,
            "setClock": _check_clock,
        }

    def handler(self, operation: Operation, body: Body) -> Handler:
        """The handler of an operation that takes such a body."""
        call = self.calls[operation.id]
        check = self._checks.get(operation.id, _nothing)
        names = operation.path_parameters.items()

        def handle(**path: str) -> flask.Response:
            made = _call(body, {name: unquote(path[known_as]) for name, known_as in names})
            violations = [*made.violations, *check(made)]
            if violations:
                raise InvalidRequest(violations)
            return call(made)

        return handle

    def _health(self, _call: Call) -> flask.Response:
        document = self._document
        described = {"title": document.title, "version": document.version}
        accounts = {"live": self._sandbox.live, "evicted": self._sandbox.evicted}
        return _json(
            {
                "status": "ok",
                "version": __version__,
                "document": described,
                "basePath": document.base_path,
                "records": self._sandbox.counts(),
                "accounts": accounts,
            }
        )

    def _get_document(self, _call: Call) -> flask.Response:
        return flask.Response(self._document.as_served, content_type=JSON)

    def _reset(self, call: Call) -> flask.Response:
        self._sandbox.reset(call.account)
        return _done()

    # Collections

    def _collection(self, call: Call) -> Collection:
        if call.name not in self._schemas:
            there = ", ".join(self._schemas)
            raise NotFound(f"There is no collection {quote(call.name)} here; there is {there}.")
        return self._sandbox.collection(call.account, call.name)

    def _list_records(self, call: Call) -> flask.Response:
        collection = self._collection(call)
        offset = call.values["offset"]
        positions = collection.positions[offset : offset + call.values["limit"]]
        items = as_seen(b",".join(collection.at(positions)), call.account.own_id)
        body = b'{"items":[' + items + b'],"total":' + str(len(collection)).encode() + b"}"
        return flask.Response(body, content_type=JSON)

    def _check_items(self, call: Call) -> Iterator[Violation]:
        """The flaws of items that will not be loaded anyway; those that may be are checked then."""
        if call.violations and isinstance(call.body, dict) and isinstance(call.body.get("items"), list):
            self._collection(call)
            yield from collection_edits.find_violations(self._schemas[call.name], call.body["items"])

    def _check_fixtures(self, call: Call) -> Iterator[Violation]:
        """Collections that are not there; then the flaws of the others too, as nothing is loaded."""
        there = call.body.items() if isinstance(call.body, dict) else ()
        known = list(self._schemas)
        unknown = [name for name, _ in there if name not in known]
        for name in unknown:
            message = f"the document has no collection {quote(name)}{hint(name, known)}"
            yield Violation("enum", f"{message}; use {', '.join(known)}.", source_file.pointer((name,)))
        if unknown or call.violations:
            for name, items in there:
                if name in known and isinstance(items, list):
                    yield from collection_edits.find_violations(self._schemas[name], items, (name,))

    def _load_fixtures(self, call: Call) -> flask.Response:
        olds = [self._sandbox.collection(call.account, name) for name in call.body]
        new = collection_edits.load_fixture(olds, self._schemas, call.body)

        def commit() -> bool:
            self._sandbox.change(call.account, *new)
            return True

        _leave(commit)
        return _json({"records": {each.name: len(each) for each in new}})

    def _replace_records(self, call: Call) -> flask.Response:
        old = self._collection(call)
        new = collection_edits.replace_records(old, self._schemas[call.name], call.body["items"])
        return self._changed(call, None, new, 200)

    def _add_records(self, call: Call) -> flask.Response:
        old = self._collection(call)
        created = format_moment(call.account.clock.now())
        new = collection_edits.add_records(old, self._schemas[call.name], call.body["items"], created)
        return self._changed(call, old, new, 201)

    def _generate_collection(self, call: Call) -> flask.Response:
        old = self._collection(call)
        count, seed = call.body["count"], call.body.get("seed", 0)
        new = collection_edits.generate_records(old, self._schemas[call.name], count, seed)
        return self._changed(call, None, new, 201)

    def _remove_record(self, call: Call) -> flask.Response:
        old = self._collection(call)
        new = old.removing(call.values["id"])
        if new is None:
            raise NotFound(f"There is no record {quote(call.values['id'])} in {call.name}.")
        self._changed(call, old, new, 200)
        return _done()

    def _changed(
        self, call: Call, old: Collection | None, new: Collection, status: int
    ) -> flask.Response:
        """Leaves the change to the event loop, where it is made if the account still has the old one."""

        def commit() -> bool:
            if old is not None and self._sandbox.collection(call.account, call.name) is not old:
                return False
            self._sandbox.change(call.account, new)
            return True

        _leave(commit)
        return _json({"total": len(new)}, status)

    # The journal

    def _list_requests(self, call: Call) -> flask.Response:
        values = call.values
        account = self._sandbox.known(ANONYMOUS) if "account" in values else call.account
        if account is None:
            return _json({"items": [], "recorded": 0, "dropped": 0})
        kept = account.journal
        entries = kept.newest(
            operation=values.get("operation"),
            status=values.get("status"),
            limit=values.get("limit"),
        )
        items = journal.as_json(entries)
        return _json({"items": items, "recorded": kept.recorded, "dropped": kept.dropped})

    def _check_operation(self, call: Call) -> Iterator[Violation]:
        operation, known = call.values.get("operation"), list(self._lists)
        if operation is not None and operation not in known:
            message = (
                f"{quote(operation)} was sent for 'operation', which must be one of {', '.join(known)}"
                f"{hint(operation, known)}; send that, or leave it out."
            )
            yield Violation("enum", message, "operation")

    def _clear_requests(self, call: Call) -> flask.Response:
        call.account.journal.clear()
        return _done()

    def _get_request(self, call: Call) -> flask.Response:
        entry_id = call.values["id"]
        entry = call.account.journal.find(entry_id)
        if entry is None:
            message = f"The journal of this account has no request {quote(entry_id)}, or not any more."
            raise NotFound(message)
        return _json(entry.as_json() | _transcript(self._sandbox.transcripts.get(entry_id)))

    def _list_walks(self, call: Call) -> flask.Response:
        return _json({"items": [walk.as_json() for walk in call.account.journal.walks]})

    # The verdict

    def _list_violations(self, call: Call) -> flask.Response:
        found = verdict.findings(self._sandbox, _scope(call))
        return _json({"items": [group.as_json() for group in found.ledger]})

    def _get_coverage(self, call: Call) -> flask.Response:
        return _json(self._report(call)["coverage"])

    def _get_verdict(self, call: Call) -> flask.Response:
        report = self._report(call)
        counts = report["counts"]
        return _json(
            {
                "passed": report["passed"],
                "violations": counts["violations"],
                "warnings": counts["warnings"],
                "unfiredFaults": counts["unfired"],
                "coverage": report["coverage"]["percent"],
            }
        )

    def _get_report(self, call: Call) -> flask.Response:
        return _json(self._report(call))

    def _report(self, call: Call) -> dict[str, Any]:
        fail_on, fail_under = call.values.get("failOn"), call.values.get("failUnder")
        return verdict.report(
            self._sandbox,
            self._coverables,
            _scope(call),
            FAIL_ON if fail_on is None else fail_on,
            fail_under,
        )

    # Faults

    def _check_fault(self, call: Call) -> Iterator[Violation]:
        yield from map(
            collection_edits.as_violation, record_completion.find_large_numbers((), call.body)
        )
        yield from faults.violations(call.body, self._lists)
        if faults.counts_pages(call.body) and not call.account.journal.is_kept:
            message = "pages are counted in the journal, which --journal-size 0 has turned off."
            yield Violation("journal", message, "/when/page")

    def _add_fault(self, call: Call) -> flask.Response:
        fault = call.account.faults.prepare(call.body, max(call.size, _LEAST_FAULT_BYTES))
        _leave(lambda: self._sandbox.register(call.account, fault))
        return _json(fault.as_json(), 201)

    def _list_faults(self, call: Call) -> flask.Response:
        return _json({"items": [fault.as_json() for fault in call.account.faults]})

    def _remove_faults(self, call: Call) -> flask.Response:
        self._sandbox.remove_faults(call.account, [fault.id for fault in call.account.faults])
        return _done()

    def _remove_fault(self, call: Call) -> flask.Response:
        fault_id = call.values["id"]
        if not self._sandbox.remove_faults(call.account, [fault_id]):
            raise NotFound(f"There is no fault {quote(fault_id)} here; GET faults lists them.")
        return _done()

    # The clock

    def _get_clock(self, call: Call) -> flask.Response:
        return _shown(call.account.clock)

    def _set_clock(self, call: Call) -> flask.Response:
        call.account.clock = _set(call.account.clock, call.body)
        return _shown(call.account.clock)


def _nothing(_call: Call) -> Iterable[Violation]:
    return ()


def _call(body: Body, path: Mapping[str, str]) -> Call:
    """The call that is being handled, and what its document finds wrong with it."""
    scope = flask.request.environ[SCOPE]
    exchange: Exchange = scope[EXCHANGE]
    arguments: Arguments = scope[ARGUMENTS]
    sent = flask.request.get_data()
    value, violations = body.read(scope["headers"], sent)
    values = {**arguments.values, **path}
    return Call(exchange, values, value, len(sent), (*arguments.violations, *violations))


def _scope(call: Call) -> str:
    """The account that a question is about, or `*` for all."""
    return str(call.values.get("account", call.account.key))


def _transcript(kept: Transcript | None) -> dict[str, Any]:
    """What was said beside what the journal tells; all is null where there is none any more."""
    if kept is None:
        return {"requestBody": None, "responseHeaders": None, "responseBody": None}
    return {
        "requestBody": transcripts.shown(kept.asked),
        "responseHeaders": by_name(kept.headers),
        "responseBody": transcripts.shown(kept.body),
    }


def _leave(commit: Commit) -> None:
    """Leave a change of the state to the event loop."""
    flask.request.environ[COMMIT] = commit


def _check_clock(call: Call) -> Iterator[Violation]:
    told = {violation.key for violation in call.violations}
    for name in ("now", "advance"):
        if f"/{name}" in told:
            continue
        try:
            _set(call.account.clock, {name: call.body[name]})
        except NoMoment:
            message = "it leads beyond the years 1 to 9000; send a moment within them, as in RFC 3339."
            yield Violation("range", message, f"/{name}")
        except (LookupError, TypeError):
            pass  # It was not sent.


def _set(now: Clock, asked: Mapping[str, Any]) -> Clock:
    [(name, value)] = asked.items()
    if name == "now":
        return now.freeze(parse_moment(value))
    return now.advance(value) if name == "advance" else now.run()


def _shown(shown: Clock) -> flask.Response:
    return _json({"now": format_moment(shown.now()), "frozen": shown.frozen})


def _json(value: Any, status: int = 200) -> flask.Response:
    return flask.Response(orjson.dumps(value), status=status, content_type=JSON)


def _done() -> flask.Response:
    response = flask.Response(status=204)
    del response.headers["Content-Type"]
    return response
