"""The settings of a server that a run starts, from all places that give some."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from mock_server import setting_values
from pytest_mock_server.server import NoServer


def merge(of_file: Mapping[str, Any], of_fixture: Any) -> dict[str, Any]:
    """Return the settings that count, as texts, e.g. `{"seed": "7"}`; raise NoServer.

    A fixture's go before those of pytest's configuration file, and these before the environment's.
    """
    fixture = "mock_server_settings"
    if not isinstance(of_fixture, Mapping):
        raise NoServer(
            f"the fixture {fixture} returned a value of the type {type(of_fixture).__name__}; return a "
            "dict from names of settings to values, such as {'count': 250}"
        )
    try:
        given = {
            **setting_values.from_environment(os.environ),
            **setting_values.parse(of_file, "mock_server_{}".format),
            **setting_values.parse(of_fixture, f"{fixture}[{{!r}}]".format),
        }
    except setting_values.WrongSetting as error:
        message = str(error)
    else:
        return setting_values.as_texts(setting_values.build(given))
    raise NoServer(message)
