"""From a tree node to a quantity or a series: every form in which a number may be written.

The reader never raises and never guesses: what it cannot read becomes a
:class:`~cartsim.errors.Problem` and a placeholder, so that one pass finds everything.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cartsim.errors import Position, Problem
from cartsim.scenario.dates import YEAR
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.part import nearest
from cartsim.scenario.read_distribution import read_distribution
from cartsim.scenario.tree import Map, Node, Scalar, Sequence
from cartsim.scenario.values import DriverReference, Quantity, Scope, Series

ANNOTATIONS = ("value", "source", "note")


@dataclass(frozen=True, slots=True)
class Annotated:
    """A value without its annotation: ``{value: 8%, source: "..."}`` taken apart."""

    node: Node
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuantityReader:
    """Reads the numbers of one field: its unit, the values possible, the scopes allowed.

    ``low`` and ``high`` are inclusive, in the field's unit (shares are 0 to 1, durations days).
    Problems are appended to ``problems``; a number that could not be read is given as ``low`` or 0.
    """

    unit: str
    low: float
    high: float
    scope: Scope
    scopes: tuple[Scope, ...]
    problems: list[Problem]

    def quantity(self, node: Node, path: str | None = None) -> Quantity:
        """The quantity that a node describes: a constant, a distribution or a driver."""
        path = node.path if path is None else path
        annotated = self.annotation(node, path)
        inner = annotated.node
        base = Quantity(
            path,
            self._placeholder(),
            self.unit,
            self.scope,
            self.low,
            self.high,
            annotated.source,
            annotated.note,
            inner.position,
        )
        if isinstance(inner, Scalar):
            return replace(base, value=self.constant(inner, path), text=str(inner))
        if isinstance(inner, Sequence):
            message = "expected a number or a distribution; got a list"
            self.problem(message, path, inner.position, "a distribution is {kind: parameters}")
            return base
        if set(inner) & {"driver"}:
            name = inner["driver"]
            if set(inner) != {"driver"} or not isinstance(name, Scalar) or name.null:
                message = "expected {driver: name} and nothing beside it"
                self.problem(message, path, inner.position)
                return base
            text = f"{{driver: {name}}}"
            return replace(base, value=DriverReference(str(name)), scope="replication", text=text)
        if varies_in_time(inner):
            message = "this number does not vary in time; got a series"
            self.problem(message, path, inner.position, "give one number or one distribution")
            return base
        read = read_distribution(self, inner, path)
        if read is None:
            return base
        distribution, scope = read
        return replace(base, value=distribution, scope=scope, text=written_text(inner))

    def series(self, node: Node, path: str | None = None) -> Series:
        """The series that a node describes: constant in time, or one of the four forms."""
        from cartsim.scenario.read_series import read_series

        return read_series(self, node, node.path if path is None else path)

    def constant(self, scalar: Scalar, path: str) -> float:
        """The number that a scalar says, checked against the field's bounds."""
        value = self.number(scalar, path)
        if value is None:
            return self._placeholder()
        if not self.low <= value <= self.high:
            hint = ""
            if self.unit == "share" and 1 < value <= 100 and "%" not in scalar:
                hint = f"did you mean {str(scalar).strip()}%?"
            self.problem(f"{str(scalar)!r} must be {self.between()}", path, scalar.position, hint)
        # a value inside the bounds, so that one wrong number is one problem
        return min(max(value, self.low), self.high)

    def number(self, node: Node, path: str, unit: str | None = None) -> float | None:
        """The number that a scalar says in a unit, or None (with a problem)."""
        if not isinstance(node, Scalar):
            given = "a map" if isinstance(node, Map) else "a list"
            self.problem(f"expected a number; got {given}", path, node.position)
            return None
        if node.null:
            self.problem("expected a number; got nothing", path, node.position)
            return None
        try:
            return parse_number(str(node), unit or self.unit)
        except ValueError as error:
            self.problem(str(error), path, node.position)
            return None

    def annotation(self, node: Node, path: str) -> Annotated:
        """Takes ``{value, source, note}`` apart; any other node stays as it is."""
        if not isinstance(node, Map) or "value" not in node:
            return Annotated(node)
        texts = {"source": "", "note": ""}
        for key, item in node.items():
            if key == "value":
                continue
            if key not in texts:
                message = f"unknown key {str(key)!r} beside 'value'"
                where = node.key_position(key)
                self.problem(message, path, where, nearest(str(key), ANNOTATIONS))
            elif not isinstance(item, Scalar) or item.null:
                self.problem(f"expected a text as {key}", path, item.position)
            else:
                texts[str(key)] = str(item)
        inner = node["value"]
        if isinstance(inner, Map) and "value" in inner:
            message = "an annotated value stands inside another one"
            self.problem(message, path, inner.position, "keep one {value, source, note}")
            inner = self.annotation(inner, path).node
        return Annotated(inner, texts["source"], texts["note"])

    def between(self) -> str:
        """The field's bounds in words."""
        low, high = (display(bound, self.unit) for bound in (self.low, self.high))
        if math.isinf(self.high):
            return "positive" if 0 < self.low < 1e-6 else f"{low} or more"
        return f"between {low} and {high}" if math.isfinite(self.low) else f"{high} or less"

    def inner(self, unit: str | None = None, low: float = -math.inf) -> QuantityReader:
        """The reader of a parameter: replication scope, without the field's bounds."""
        return QuantityReader(
            self.unit if unit is None else unit,
            low,
            math.inf,
            "replication",
            ("replication",),
            self.problems,
        )

    def problem(
        self, message: str, path: str, position: Position | None = None, hint: str = ""
    ) -> None:
        """Add a problem to the list."""
        self.problems.append(Problem(message, path, position, hint))

    def unknown(self, name: str, names: Iterable[str], what: str, path: str, node: Map) -> None:
        """Add the problem of an unknown key of a map, with the nearest valid one."""
        where = node.key_position(name)
        self.problem(f"unknown {what} {str(name)!r}", path, where, nearest(str(name), names))

    def _placeholder(self) -> float:
        return min(max(0.0, self.low), self.high)


def varies_in_time(node: Map) -> bool:
    """Whether a map is one of the four forms of a series."""
    return bool(set(node) & {"steps", "ramp", "growth"}) or (
        bool(node) and all(YEAR.fullmatch(key) for key in node)
    )


def display(value: float, unit: str) -> str:
    """A bound as a person would write it."""
    if unit == "share" and value in (0.0, 1.0):
        return f"{value:.0%}" if value else "0"
    return f"{value:g}"


def written_text(node: Node) -> str:
    """A node as one line of YAML, as its author might have written it."""
    if isinstance(node, Map):
        return "{" + ", ".join(f"{key}: {written_text(item)}" for key, item in node.items()) + "}"
    if isinstance(node, Sequence):
        return "[" + ", ".join(written_text(item) for item in node) + "]"
    return "null" if node.null else str(node)


def plain_text(node: Node) -> str:
    """A number as one line of YAML, without its annotations."""
    if isinstance(node, Map):
        if "value" in node and not set(node) - {*ANNOTATIONS, "from"}:
            text = plain_text(node["value"])
            return f"{{from: {node['from']}, value: {text}}}" if "from" in node else text
        return "{" + ", ".join(f"{key}: {plain_text(item)}" for key, item in node.items()) + "}"
    if isinstance(node, Sequence):
        return "[" + ", ".join(plain_text(item) for item in node) + "]"
    return written_text(node)
