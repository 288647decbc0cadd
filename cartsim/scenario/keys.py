"""Keys of one map beside each other: those that need, exclude or follow one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from cartsim.errors import Problem
from cartsim.scenario.dates import read_date
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.tree import Map, Node, Scalar


def needs(node: Node | None, key: str, other: str) -> Iterator[Problem]:
    """A key that says nothing without another."""
    if isinstance(node, Map) and key in node and other not in node:
        path = f"{node.path}.{key}"
        message = f"{key!r} says nothing without {other!r}"
        yield Problem(message, path, node.key_position(key))


def together(node: Map, key: str, other: str) -> Iterator[Problem]:
    """Two keys of which neither goes without the other."""
    for one, two in ((key, other), (other, key)):
        if one in node and two not in node:
            message = f"missing key {two!r}, which {one!r} needs"
            yield Problem(message, f"{node.path}.{two}", node.key_position(one))


def clash(node: Map, keys: Iterable[str], others: Iterable[str]) -> Iterator[Problem]:
    """Keys that exclude others."""
    written, against = ([key for key in group if key in node] for group in (keys, others))
    if written and against:
        names = ", ".join(map(repr, against))
        message = f"{written[0]!r} and {names} exclude each other"
        hint = "keep one of them; !delete removes what was extended"
        yield Problem(message, node.path, node.key_position(written[0]), hint)


def in_order(node: Map, first: str, last: str) -> Iterator[Problem]:
    """Two days of which the second is the later."""
    begin, finish = date_of(node, first), date_of(node, last)
    if begin is not None and finish is not None and finish <= begin:
        message = f"{last!r} ({finish}) is not after {first!r} ({begin})"
        yield Problem(message, f"{node.path}.{last}", node[last].position)


def count(node: Map, key: str) -> int | None:
    """A whole number as it is written, or nothing."""
    written = node.get(key)
    text = str(written).replace("_", "") if isinstance(written, Scalar) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def date_of(node: Map, key: str) -> date | None:
    """A day as it is written, or nothing."""
    written = node.get(key)
    try:
        return read_date(str(written)) if isinstance(written, Scalar) else None
    except ValueError:
        return None


def plain(node: object) -> float | None:
    """A number that is written as such, or as the ``value`` of a note or source."""
    if isinstance(node, Map):
        node = node.get("value")
    if not isinstance(node, Scalar) or node.null:
        return None
    for unit in ("number", "share", "days", "money"):
        try:
            return parse_number(str(node), unit)
        except ValueError:
            continue
    return None
