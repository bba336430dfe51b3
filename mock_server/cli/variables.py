"""Environment variables that begin like those of settings, and are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mock_server.setting_table import OTHER_VARIABLES, PREFIX, SETTINGS, is_service_address
from mock_server.shown_text import did_you_mean, printable

# Beside a Service named mock-server, Kubernetes puts variables such as MOCK_SERVER_SERVICE_HOST and
# MOCK_SERVER_PORT_8080_TCP_ADDR into each container (kubernetes.io, "Service", environment variables).
_INJECTED = re.compile(r"(.+_)?(SERVICE|PORT)_.*", re.ASCII | re.DOTALL)


def find_unknown(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each variable with the prefix that nothing reads, with the nearest name.

    E.g. `'MOCK_SERVER_SEDE' is no variable of this program (did you mean 'MOCK_SERVER_SEED'?).` Those
    that Kubernetes puts there are left out. Values, which may be secrets, are not shown.
    """
    known = [*OTHER_VARIABLES, *(name for setting in SETTINGS for name in setting.variables)]
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and name not in known and not _is_injected(name, text):
            hint = did_you_mean(name, known) or "; `mock-server serve --help` lists them"
            yield f"'{printable(name, 100)}' is no variable of this program{hint}."


def _is_injected(name: str, text: str) -> bool:
    is_service = _INJECTED.fullmatch(name.removeprefix(PREFIX)) is not None
    return is_service or (name.endswith("_PORT") and is_service_address(text))
