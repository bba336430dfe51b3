"""The reference of overlays, from their JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from docs_site.schema_table import table
from mock_server.openapi import overlay_schema


def render_vocabulary() -> str:
    """Return the fields of an overlay and of an action, and a section for each extension."""
    schema = overlay_schema.schema()
    action = schema["definitions"]["action"]
    return "\n".join(
        [
            f"## The file\n\n{table(schema, _link)}",
            f"## An action\n\n{action['description']}\n\n{table(action, _link)}",
            *(_section(name, each) for name, each in overlay_schema.EXTENSIONS.items()),
        ]
    )


def _link(reference: str) -> tuple[str, str]:
    return {"action": "[action](#an-action)", "part": "anything"}[reference.rpartition("/")[2]], ""


def _section(name: str, schema: Mapping[str, Any]) -> str:
    example = f"```json\n{json.dumps({name: _example(schema)}, indent=2)}\n```\n"
    return "\n".join(
        filter(None, [f"## {name}\n", f"{schema['description']}\n", table(schema, _link), example])
    )


def _example(schema: Mapping[str, Any]) -> Any:
    return schema["examples"][0] if "examples" in schema else schema["enum"][0]
