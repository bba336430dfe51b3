"""Markup: elements of XML and HTML, into which no text can smuggle any."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

from mock_server.report.model import plain

__all__ = ["Element", "as_html", "as_xml", "element"]


def element(tag: str, *children: Element | str, **attributes: str) -> Element:
    """An element; of texts, what can't be printed is escaped, since XML allows no control characters.

    A name that is Python's own is written with `_` at its end: `class_`.
    """
    made = Element(tag, {name.rstrip("_"): plain(value) for name, value in attributes.items()})
    for child in children:
        if isinstance(child, Element):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + plain(child)
        else:
            made.text = (made.text or "") + plain(child)
    return made


def as_xml(root: Element) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def as_html(root: Element) -> str:
    return f"<!DOCTYPE html>\n{tostring(root, encoding='unicode', method='html')}\n"
