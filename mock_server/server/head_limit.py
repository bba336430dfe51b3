"""The limit of a request's head: its request line and headers."""

from __future__ import annotations

HEAD_LIMIT = 64 * 1024
