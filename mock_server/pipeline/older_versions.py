"""Older versions in calls of the control API: they are ready before a call that may be about them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

from mock_server.formats import url_path
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.version_choice import OlderVersion, VersionNotServed
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send

# What names an operation in the query or the body of a call.
_OPERATION = b"operation"


class OlderVersionsReady:
    """ASGI middleware before validation: has older versions compiled, as a request for one would.

    A call may be about a collection or an operation that only an older document has.
    """

    def __init__(
        self,
        app: AsgiApp,
        older: Sequence[OlderVersion],
        known: Collection[str],
        collections: str,
        always: Collection[str],
    ) -> None:
        """Take the older versions, and the names of the collections that the newest document has.

        `collections` is what the paths of calls begin with that name a collection, e.g.
        `/_mock/collections/`; calls at the paths of `always` are about all of them.
        """
        self._app = app
        self._older = older
        self._known = known
        self._collections = collections
        self._always = frozenset(always)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._older and self._waits(scope):
            for each in self._older:
                # A call that needs this one in particular will not find what it names.
                with suppress(VersionNotServed):
                    await each.pipeline()
        await self._app(scope, receive, send)

    def _waits(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if path in self._always:
            return True
        if path.startswith(self._collections):
            name = path.removeprefix(self._collections).partition("/")[0]
            return url_path.restore(name) not in self._known
        exchange: Exchange = scope[EXCHANGE]
        return _OPERATION in scope["query_string"] or _OPERATION in exchange.request.body
