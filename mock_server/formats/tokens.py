"""Tokens and keys: the name by which one is shown, which is that of its account too."""

from __future__ import annotations

import re
from hashlib import sha256

from mock_server.settings import DEFAULT, RESERVED

# What stands for a token wherever it would be shown.
SHOWN = re.compile(r"token-[0-9a-f]{16}")


def shown_name(token: str | bytes) -> str:
    """Return the name of a token's account, which does not tell the token: `token-2cf24dba5fb0a30e`.

    A token whose text is a reserved client id acts as that. A text is taken in UTF-8.
    """
    raw = token.encode("utf-8", "surrogatepass") if isinstance(token, str) else token
    for reserved in (*RESERVED, DEFAULT):
        if raw == reserved.encode():
            return reserved
    return f"token-{sha256(raw).hexdigest()[:16]}"
