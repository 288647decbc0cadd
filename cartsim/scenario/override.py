"""Overrides: a value put at a dotted path, as variants, ``--set`` and ``with_overrides`` do.

An override is one more layer on top of the merged tree and merges as ``extends`` does. It may add a
key that the model knows, but no new name: a path that does not exist is a problem, not a new entry.
To add a market or a payer, override the map that holds them. Paths lead into numbers too, as the
quantities are named: ``research.2025``, ``capacity.steps.2026-01-01``, ``duration.pert.mode``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cartsim.distributions import FAMILIES
from cartsim.errors import Position, Problem
from cartsim.scenario.dates import YEAR
from cartsim.scenario.merge import merge
from cartsim.scenario.part import nearest
from cartsim.scenario.shape import Shape
from cartsim.scenario.tree import Deletion, Map, Node, Scalar, Sequence, assign_paths, item_names


@dataclass(frozen=True)
class Override:
    """A value for a path, and where the path was written."""

    path: str
    value: Node
    position: Position | None


@dataclass
class Overriding:
    """Puts one override into a tree, in place (the tree is the caller's own copy)."""

    override: Override
    problems: list[Problem]

    def apply(self, root: Map, shape: Shape) -> None:
        """Put the value at its path, or report why it cannot be put there."""
        segments = self.override.path.split(".")
        assign_paths(self.override.value, self.override.path)
        current: Node = root
        done: list[str] = []
        while segments:
            segment, *rest = segments
            if isinstance(current, Sequence) and shape.kind == "list":
                found = self._item(current, segment, done)
                if found is None or shape.inner is None:
                    return
                container: Map | Sequence = current
                key: str | int = found
                inner, item = shape.inner, current[found]
                if inner.part is not None and inner.part.one_of and _wraps(item) and rest:
                    (only,) = item
                    kind = inner.field(only)
                    if kind is not None and rest[0] != only:
                        inner, item = kind, item[only]
            elif isinstance(current, Map) and shape.kind in ("part", "names"):
                field = shape.field(segment)
                known = shape.keys if shape.kind == "part" else [str(name) for name in current]
                if field is None or (shape.kind == "names" and segment not in current):
                    self._unknown(segment, known, done, adding=shape.kind == "names")
                    return
                container, key, inner = current, segment, field
                item = current.get(segment)
            else:
                self._unknown(segment, (), done)
                return
            done.append(segment)
            if not rest:
                self._put(container, key, inner)
                return
            if inner.kind == "number":
                self._put_inside(container, key, rest, done)
                return
            if item is None:
                if inner.kind != "part" or not isinstance(container, Map):
                    self._unknown(rest[0], (), done, adding=inner.kind == "names")
                    return
                item = Map(position=self.override.position)
                container[str(key)] = item
            current, shape, segments = item, inner, rest

    def _put(self, container: Map | Sequence, key: str | int, shape: Shape | None) -> None:
        value = self.override.value
        if isinstance(container, Sequence):
            index = int(key)
            if isinstance(value, Deletion):
                del container[index]
            else:
                container[index] = merge(container[index], value, shape, self.problems, value.path)
            return
        name = Scalar(str(key), self.override.position)
        if not isinstance(value, Deletion):
            below = container.get(name)
            container[name] = merge(below, value, shape, self.problems, value.path)
        elif container.pop(name, None) is None:
            message = f"!delete of {str(name)!r}, which is not there"
            self._problem(message, value.position)

    def _put_inside(
        self, container: Map | Sequence, key: str | int, segments: list[str], done: list[str]
    ) -> None:
        """Put the value inside a number: at an entry of a series, a distribution's parameter."""
        node: Node | None = (
            container.get(str(key)) if isinstance(container, Map) else container[int(key)]
        )
        if node is None:
            self._unknown(segments[0], (), done)
            return
        if isinstance(node, Map) and "value" in node:
            # what vouched for the whole no longer does; it stays with the other entries
            node = _shared_annotation(node)
            if isinstance(container, Map):
                container[str(key)] = node
            else:
                container[int(key)] = node
        segment, *rest = segments
        family = FAMILIES.get(segment)
        place: tuple[Map | Sequence, str | int] | None = None
        names: Iterable[str] = ()
        if isinstance(node, Map) and segment in node:
            place = (node, segment)
            inner = node[segment]
            if segment == "steps" and isinstance(inner, Sequence) and rest:
                place = self._step(inner, rest[0], [*done, segment])
                done, rest = [*done, segment], rest[1:]
                if place is None:
                    return
            elif segment == "ramp" and isinstance(inner, Map) and rest:
                place, names = _entry(inner, rest[0]), list(inner)
                done, segment, rest = [*done, segment], rest[0], rest[1:]
            elif segment == "truncate" and isinstance(inner, Sequence) and rest:
                names = ("low", "high")
                place = _indexed(inner, names, rest[0])
                done, segment, rest = [*done, segment], rest[0], rest[1:]
            elif family is not None and rest:
                names = [name for form in family.forms for name in form]
                if family.style == "list" and isinstance(inner, Sequence):
                    place = _indexed(inner, family.forms[0], rest[0])
                elif family.style == "scalar":
                    place = (node, segment) if rest[0] in names else None
                else:
                    place = _entry(inner, rest[0])
                done, segment, rest = [*done, segment], rest[0], rest[1:]
        elif isinstance(node, Map):
            names = [str(name) for name in node]
            by_year = any(YEAR.fullmatch(name) for name in names)
            if by_year and YEAR.fullmatch(segment) and not rest:
                self._put(node, segment, None)
                years = sorted(node.items())
                node.clear()
                node.update(years)
                return
        if place is None:
            self._unknown(segment, names, done)
        elif rest:
            self._put_inside(*place, rest, [*done, segment])
        else:
            self._put(*place, None)

    def _step(
        self, steps: Sequence, name: str, done: list[str]
    ) -> tuple[Map | Sequence, str | int] | None:
        index = self._item(steps, name, done)
        if index is None:
            return None
        step = steps[index]
        if not isinstance(step, Map) or "value" not in step:
            return (steps, index)
        kept = Map(((key, step[key]) for key in step if key in ("from", "value")), step.position)
        steps[index] = kept
        return (kept, "value")

    def _item(self, items: Sequence, segment: str, done: list[str]) -> int | None:
        names = item_names(items)
        if segment in names:
            return names.index(segment)
        if segment.isdecimal() and int(segment) < len(items):
            return int(segment)
        self._unknown(segment, names, done)
        return None

    def _unknown(
        self, segment: str, names: Iterable[str], done: list[str], *, adding: bool = False
    ) -> None:
        place = ".".join(done)
        hint = nearest(segment, names)
        if adding and "did you mean" not in hint:
            hint = f"to add {segment!r}, override {place} with {{{segment}: ...}}"
        inside = f" in {place}" if place else ""
        self._problem(f"unknown path: no {segment!r}{inside}", self.override.position, hint)

    def _problem(self, message: str, position: Position | None, hint: str = "") -> None:
        self.problems.append(Problem(message, self.override.path, position, hint))


def _wraps(item: Node) -> bool:
    return isinstance(item, Map) and len(item) == 1 and isinstance(next(iter(item.values())), Map)


def _entry(node: Node, name: str) -> tuple[Map | Sequence, str | int] | None:
    return (node, name) if isinstance(node, Map) and name in node else None


def _indexed(
    node: Sequence, names: tuple[str, ...], name: str
) -> tuple[Map | Sequence, str | int] | None:
    return (node, names.index(name)) if name in names and names.index(name) < len(node) else None


def _shared_annotation(node: Map) -> Node:
    """The value of ``{value, source, note}``; the entries of a series each get the annotation."""
    inner: Node = node["value"]
    notes = [(key, item) for key, item in node.items() if key != "value"]

    def vouched(entry: Node) -> Node:
        if isinstance(entry, Map) and "value" in entry:
            return entry
        return Map([(Scalar("value", entry.position), entry), *notes], entry.position)

    if isinstance(inner, Map):
        if any(YEAR.fullmatch(key) for key in inner):
            inner = Map(((key, vouched(item)) for key, item in inner.items()), inner.position)
        elif isinstance(inner.get("steps"), Sequence):
            steps = [
                Map([*step.items(), *notes], step.position)
                if isinstance(step, Map) and not {"source", "note"} & set(step)
                else step
                for step in inner["steps"]
            ]
            inner = Map([(next(iter(inner)), Sequence(steps, inner.position))], inner.position)
        elif isinstance(inner.get("ramp"), Map) or "growth" in inner:
            ramp: Map = inner.get("ramp", inner)
            ends = [
                (key, vouched(item) if key in ("start", "end") else item)
                for key, item in ramp.items()
            ]
            renewed = Map(ends, ramp.position)
            inner = (
                Map([(next(iter(inner)), renewed)], inner.position) if "ramp" in inner else renewed
            )
    inner.history = (node, *node.history)
    return inner
