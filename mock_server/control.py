"""The handlers of the control API, which control.yaml describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import flask
import orjson

from mock_server import __version__, clock, journal, loads, scripts
from mock_server.account import Account
from mock_server.bodies import Body
from mock_server.bridge import COMMIT, SCOPE
from mock_server.clock import Clock, NoMoment
from mock_server.collection import Collection
from mock_server.document import Document
from mock_server.errors import JSON, InvalidRequest, NotFound, Violation, quote
from mock_server.exchange import EXCHANGE, Exchange
from mock_server.gate import ANONYMOUS
from mock_server.operations import Operation
from mock_server.parameters import hint
from mock_server.records import RecordSchema, as_seen
from mock_server.sandbox import Sandbox
from mock_server.validation import ARGUMENTS, Arguments


@dataclass(frozen=True, slots=True)
class Call:
    """A valid call: the account that it acts on, its parameters by name, and its body with its size."""

    account: Account
    values: Mapping[str, Any]
    body: Any
    size: int

    @property
    def name(self) -> str:
        return str(self.values["name"])


Handler = Callable[..., flask.Response]


class Control:
    """What the calls do, by their operation ids."""

    def __init__(
        self, document: Document, sandbox: Sandbox, schemas: Mapping[str, RecordSchema]
    ) -> None:
        self._document = document
        self._sandbox = sandbox
        self._schemas = schemas
        self._lists = {o.id: o.collection is not None for o in document.operations}
        self.calls: dict[str, Callable[[Call], flask.Response]] = {
            "reset": self._reset,
            "listRecords": self._list_records,
            "replaceRecords": self._replace_records,
            "addRecords": self._add_records,
            "generateCollection": self._generate_collection,
            "removeRecord": self._remove_record,
            "listRequests": self._list_requests,
            "clearRequests": self._clear_requests,
            "listWalks": self._list_walks,
            "addFault": self._add_fault,
            "listFaults": self._list_faults,
            "removeFaults": self._remove_faults,
            "removeFault": self._remove_fault,
            "getClock": self._get_clock,
            "setClock": self._set_clock,
        }

    def handler(self, operation: Operation, body: Body) -> Handler:
        """The handler of an operation that takes such a body."""
        if operation.id == "health":
            return self._health
        call = self.calls[operation.id]
        names = operation.path_parameters.items()

        def handle(**path: str) -> flask.Response:
            return call(_call(body, {name: path[known_as] for name, known_as in names}))

        return handle

    def _health(self) -> flask.Response:
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

    def _replace_records(self, call: Call) -> flask.Response:
        old = self._collection(call)
        new = loads.replacing(old, self._schemas[call.name], call.body["items"])
        return self._changed(call, None, new, 200)

    def _add_records(self, call: Call) -> flask.Response:
        old = self._collection(call)
        created = clock.shown(call.account.clock.now())
        new = loads.adding(old, self._schemas[call.name], call.body["items"], created)
        return self._changed(call, old, new, 201)

    def _generate_collection(self, call: Call) -> flask.Response:
        old = self._collection(call)
        count, seed = call.body["count"], call.body.get("seed", 0)
        new = loads.generating(old, self._schemas[call.name], count, seed)
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

        flask.request.environ[COMMIT] = commit
        return _json({"total": len(new)}, status)

    # The journal

    def _list_requests(self, call: Call) -> flask.Response:
        values = call.values
        operation = values.get("operation")
        if operation is not None and operation not in self._lists:
            raise InvalidRequest([self._no_operation(operation)])
        account = self._sandbox.account(ANONYMOUS) if "account" in values else call.account
        kept = account.journal
        entries = kept.newest(
            operation=operation, status=values.get("status"), limit=values.get("limit")
        )
        items = journal.as_json(entries)
        return _json({"items": items, "recorded": kept.recorded, "dropped": kept.dropped})

    def _no_operation(self, operation: str) -> Violation:
        known = list(self._lists)
        message = (
            f"{quote(operation)} was sent for 'operation', which must be one of {', '.join(known)}"
            f"{hint(operation, known)}; send that, or leave it out."
        )
        return Violation("enum", message, "operation")

    def _clear_requests(self, call: Call) -> flask.Response:
        call.account.journal.clear()
        return _done()

    def _list_walks(self, call: Call) -> flask.Response:
        return _json({"items": [walk.as_json() for walk in call.account.journal.walks]})

    # Faults

    def _add_fault(self, call: Call) -> flask.Response:
        violations = list(scripts.violations(call.body, self._lists))
        if "page" in call.body.get("when", {}) and not call.account.journal.is_kept:
            message = "pages are counted in the journal, which --journal-size 0 has turned off."
            violations.append(Violation("journal", message, "/when/page"))
        if violations:
            raise InvalidRequest(violations)
        fault = self._sandbox.register(call.account, call.body, call.size)
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


def _call(body: Body, path: Mapping[str, str]) -> Call:
    """The call that is being handled; raises what is wrong with it."""
    scope = flask.request.environ[SCOPE]
    exchange: Exchange = scope[EXCHANGE]
    arguments: Arguments = scope[ARGUMENTS]
    sent = flask.request.get_data()
    value = body.read(scope["headers"], sent, arguments.violations)
    return Call(exchange.acting, {**arguments.values, **path}, value, len(sent))


def _set(now: Clock, asked: Mapping[str, Any]) -> Clock:
    [(name, value)] = asked.items()
    try:
        if name == "now":
            return now.freeze(clock.parse(value))
        return now.advance(value) if name == "advance" else now.run()
    except NoMoment:
        message = "it leads beyond the years 1 to 9000; send a moment within them, as in RFC 3339."
        raise InvalidRequest([Violation("range", message, f"/{name}")]) from None


def _shown(shown: Clock) -> flask.Response:
    return _json({"now": clock.shown(shown.now()), "frozen": shown.frozen})


def _json(value: Any, status: int = 200) -> flask.Response:
    return flask.Response(orjson.dumps(value), status=status, content_type=JSON)


def _done() -> flask.Response:
    return flask.Response(status=204)
