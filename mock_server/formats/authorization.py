"""Authorization headers: the token of one, however its client writes it (RFC 9110 section 11.4)."""

from __future__ import annotations

import re

# A scheme before one credential, e.g. `Bearer abc`, `token abc` or `SSWS abc`.
_AFTER_WORD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) +([^\s,]+)")
# A token as the one parameter of a scheme, e.g. `Token token="abc"`.
_NAMED = re.compile(r"(?:token|key|api_key|apikey)=\"?([^\s,\"]+)\"?", re.IGNORECASE)
# Schemes whose credentials are no token: a pair, or what differs from request to request.
_OTHERS = frozenset(["basic", "digest", "hoba", "mutual", "negotiate", "ntlm", "oauth", "hawk"])
# Words that alone are a scheme whose credentials are missing.
_WORDS = _OTHERS | {"apikey", "bearer", "bot", "token"}


def token_of(text: str) -> str | None:
    """Return the token of a header, e.g. `abc` of `token abc`, `Token token="abc"` and `abc`.

    None where it holds none, or another kind of credentials, such as a pair or a signature.
    """
    text = text.strip()
    found = _AFTER_WORD.fullmatch(text)
    if found is not None:
        word, token = found.groups()
        if word.lower() in _OTHERS:
            return None
        named = _NAMED.fullmatch(token)
        if named is not None:
            return named[1]
        return None if '="' in token else token
    is_one = bool(text) and re.search(r"[\s,]", text) is None and text.lower() not in _WORDS
    return text if is_one else None
