"""Reads DER (X.690) as far as certificates need it. Malformed input raises `ValueError`."""

import calendar
import re
from typing import NamedTuple

SEQUENCE, OBJECT_ID, UTC_TIME, GENERALIZED_TIME = 0x30, 0x06, 0x17, 0x18


class Element(NamedTuple):
    tag: int
    content: bytes
    # With tag and length.
    raw: bytes


def elements(data: bytes) -> list[Element]:
    """The elements that stand one after the other in some bytes."""
    found: list[Element] = []
    start = 0
    while start < len(data):
        if start + 2 > len(data):
            raise ValueError("an element is cut")
        length, begin = data[start + 1], start + 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                raise ValueError("an element has no length")
            length, begin = int.from_bytes(data[begin : begin + size], "big"), begin + size
        if begin + length > len(data):
            raise ValueError("an element is cut")
        found.append(Element(data[start], data[begin : begin + length], data[start : begin + length]))
        start = begin + length
    return found


def members(element: Element, tag: int = SEQUENCE) -> list[Element]:
    """The elements in another one, which must have a tag."""
    if element.tag != tag:
        raise ValueError(f"a tag is {element.tag:#x}, not {tag:#x}")
    return elements(element.content)


def unix_time(element: Element) -> int:
    """A UTCTime or a GeneralizedTime as RFC 5280 restricts them."""
    text = element.content.decode("ascii", "replace")
    if element.tag == UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    elif element.tag != GENERALIZED_TIME:
        raise ValueError("no time")
    if not re.fullmatch(r"[0-9]{14}Z", text):
        raise ValueError("no time in UTC")
    parts = [int(text[:4]), *(int(text[at : at + 2]) for at in range(4, 14, 2))]
    return calendar.timegm((*parts, 0, 0, 0))
