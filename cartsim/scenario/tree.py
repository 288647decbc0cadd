"""A scenario file as a tree of values that remember where they were written.

The YAML is composed, not constructed: every plain scalar stays text until the field that it
belongs to says what it must be, so a date is never a timestamp by accident and ``no`` is never
False. The tree's nodes are ``str``, ``dict`` and ``list`` with a position and, after merging, a
dotted path, which lets pydantic validate them while errors still point at file, line and column.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cartsim.errors import Position


class Scalar(str):
    """A scalar of the file as text. ``quoted`` tells ``'8'`` from ``8``."""

    position: Position | None
    path: str
    quoted: bool
    null: bool
    history: tuple[Scalar | Sequence | Map, ...]
    """What this value replaced (through ``extends``, a variant or ``--set``), newest first."""

    def __new__(
        cls,
        text: str,
        position: Position | None = None,
        *,
        quoted: bool = False,
        null: bool = False,
    ) -> Scalar:
        node = super().__new__(cls, text)
        node.position, node.path, node.quoted, node.null, node.history = (
            position, "", quoted, null, (),
        )  # fmt: skip
        return node


class Deletion(Scalar):
    """``!delete`` in place of a value: the key is removed from what is extended."""


class Sequence(list[Any]):
    """A list of nodes."""

    def __init__(self, items: Iterable[Any] = (), position: Position | None = None) -> None:
        super().__init__(items)
        self.position = position
        self.path = ""
        self.history: tuple[Node, ...] = ()


class Map(dict[str, Any]):
    """A map of nodes; its keys are scalars with positions of their own."""

    def __init__(
        self, items: Iterable[tuple[str, Any]] = (), position: Position | None = None
    ) -> None:
        super().__init__(items)
        self.position = position
        self.path = ""
        self.history: tuple[Node, ...] = ()
        self.damaged = False
        """Whether keys were left out because they could not be read."""

    def key_position(self, key: str) -> Position | None:
        """Where a key was written."""
        for known in self:
            if known == key:
                return getattr(known, "position", self.position)
        return self.position


Node = Scalar | Sequence | Map


def node(value: Any, position: Position | None = None) -> Node:
    """A plain Python value (as given to ``with_overrides``) as a tree node.

    NumPy's numbers and arrays are taken too, and a pandas series: by year where its index holds
    years, in steps where it holds dates.
    """
    if isinstance(value, Scalar | Sequence | Map):
        return value
    if hasattr(value, "to_dict") and hasattr(value, "index"):
        return node(_in_time(value.to_dict()), position)
    if hasattr(value, "tolist"):
        return node(value.tolist(), position)
    if isinstance(value, dict):
        pairs = [(Scalar(str(key), position), node(item, position)) for key, item in value.items()]
        return Map(pairs, position)
    if isinstance(value, list | tuple):
        return Sequence([node(item, position) for item in value], position)
    if value is None:
        return Scalar("null", position, null=True)
    if isinstance(value, bool):
        return Scalar("true" if value else "false", position)
    return Scalar(repr(float(value)) if isinstance(value, float) else str(value), position)


def _in_time(entries: dict[Any, Any]) -> Any:
    """Entries of a series as the file has them: by year, or steps from dates on."""
    if all(hasattr(key, "isoformat") for key in entries):
        return {
            "steps": [
                {"from": key.isoformat()[:10], "value": value} for key, value in entries.items()
            ]
        }
    return entries


def copied(root: Map) -> Map:
    """A copy of a tree whose maps, lists and scalars are its own; histories are shared."""
    copy: Map = _copy(root)
    return copy


def _copy(root: Any) -> Any:
    renewed: Any
    if isinstance(root, Map):
        renewed = Map(((key, _copy(item)) for key, item in root.items()), root.position)
        renewed.damaged = root.damaged
    elif isinstance(root, Sequence):
        renewed = Sequence((_copy(item) for item in root), root.position)
    elif isinstance(root, Deletion):
        renewed = Deletion(root, root.position, null=True)
    else:
        renewed = Scalar(root, root.position, quoted=root.quoted, null=root.null)
    renewed.path, renewed.history = root.path, root.history
    return renewed


def item_names(items: Sequence) -> list[str]:
    """The path segment of each item of a list.

    A list item is named by what identifies it, so that adding an item changes no other item's
    path (and with it, its random stream): its ``name``, its ``from`` date or, for a map of one key
    such as a contract's leg, that key; where a name repeats, ``_2``, ``_3`` follow; else its index.
    """
    names: list[str] = []
    for index, item in enumerate(items):
        name = str(index)
        if isinstance(item, Map):
            inner = next(iter(item.values())) if len(item) == 1 else None
            if isinstance(item.get("name"), str):
                name = str(item["name"])
            elif isinstance(item.get("from"), str) and "value" in item:
                name = str(item["from"])
            elif isinstance(inner, Map):
                name = str(inner.get("name", next(iter(item))))
        candidate, count = name, 1
        while candidate in names:
            count += 1
            candidate = f"{name}_{count}"
        names.append(candidate)
    return names


def assign_paths(root: Node, path: str = "") -> None:
    """Give every node its dotted path, in place, once the tree is merged."""
    root.path = path
    prefix = f"{path}." if path else ""
    if isinstance(root, Map):
        for key, item in root.items():
            assign_paths(item, f"{prefix}{key}")
    elif isinstance(root, Sequence):
        for name, item in zip(item_names(root), root, strict=True):
            # a leg `- upfront: {...}` is addressed as legs.upfront.amount, not legs.upfront.upfront
            if (
                isinstance(item, Map)
                and len(item) == 1
                and isinstance(next(iter(item.values())), Map)
            ):
                item.path = f"{prefix}{name}"
                assign_paths(next(iter(item.values())), f"{prefix}{name}")
            else:
                assign_paths(item, f"{prefix}{name}")


def find(root: Node, path: str) -> Node | None:
    """The node at a dotted path, or None. A list item may be named or given by its index."""
    current: Any = root
    parts = [part for part in path.split(".") if part]
    while parts:
        part = parts.pop(0)
        if isinstance(current, Map):
            if part not in current:
                return None
            current = current[part]
        elif isinstance(current, Sequence):
            names = item_names(current)
            if part in names:
                current = current[names.index(part)]
            elif part.isdecimal() and int(part) < len(current):
                current = current[int(part)]
            else:
                return None
            if isinstance(current, Map) and len(current) == 1 and parts and parts[0] not in current:
                only = next(iter(current.values()))
                current = only if isinstance(only, Map) else current
        else:
            return None
    found: Node = current
    return found


def plain(root: Node) -> Any:
    """The tree as plain dicts, lists and strings."""
    if isinstance(root, Map):
        return {str(key): plain(item) for key, item in root.items()}
    if isinstance(root, Sequence):
        return [plain(item) for item in root]
    return None if root.null else str(root)
