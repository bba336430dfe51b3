"""Answers to a real client: what they hold, where their status is the one expected."""

from __future__ import annotations

from typing import Any

import httpx


def sent(answer: httpx.Response, status: int = 200) -> Any:
    """Return the JSON of an answer, None for none; fail with its text where the status is another."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None
