"""Nouns: what a collection's name calls one of its records, e.g. `invoice` for `invoices`."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.lists.built_in_schemes import plain

# What a plural ends in, and its singular; the first that fits is the most likely.
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ss", "ss"))
_IRREGULAR = {"people": "person", "children": "child", "indices": "index", "data": "datum"}


def last_word(name: str) -> str:
    """Return the last part of a collection's name that is no parameter, e.g. `line-items`."""
    words = [each for each in name.split("/") if each and "{" not in each]
    return words[-1] if words else ""


def singular(word: str) -> str:
    """Return an English noun in the singular, e.g. `policy` for `policies`."""
    return singulars(word)[0]


def singulars(word: str) -> Sequence[str]:
    """Return what the singular of an English noun may be, the likeliest first.

    `aliases` is more than one `alias`, but `licenses` more than one `license`.
    """
    if word.lower() in _IRREGULAR:
        return (_IRREGULAR[word.lower()],)
    for ending, replacement in _ENDINGS:
        if word.endswith(ending):
            return (word[: -len(ending)] + replacement,)
    if word.endswith("ses"):
        return (word[:-2], word[:-1]) if word.endswith(("uses", "ases")) else (word[:-1], word[:-2])
    return (word.removesuffix("s"),)


def nouns_of(name: str) -> Sequence[str]:
    """Return what a collection's name may call one record: in small letters, without `_` and `-`."""
    return tuple(map(plain, singulars(last_word(name))))
