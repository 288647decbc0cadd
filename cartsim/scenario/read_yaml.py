"""From the bytes of a YAML file to a tree of values that remember where they were written.

Only what a scenario needs is let in: maps with plain keys, lists and scalars, in one document.
Anchors and aliases are expanded up to a bound; the only tag is ``!delete``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cartsim.errors import Position, Problem
from cartsim.scenario.compose_yaml import MAXIMUM_DEPTH, Written, compose, line_and_column
from cartsim.scenario.tree import Deletion, Map, Node, Scalar, Sequence

MAXIMUM_EXPANSIONS = 1_000
MAXIMUM_NODES = 200_000
_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NULL = {"", "~", "null", "Null", "NULL"}


def read_yaml(content: bytes | str, file: str, problems: list[Problem]) -> Node | None:
    """The tree of a YAML text (UTF-8), or None after reporting why there is none.

    Every node has a :class:`~cartsim.errors.Position` in ``file``, line and column from 1.
    """
    if isinstance(content, str):
        text = content
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8", "replace")
            where = Position(file, *line_and_column(before, len(before)))
            byte = f"0x{content[error.start]:02x}"
            hint = "save the file as UTF-8"
            problems.append(Problem(f"not UTF-8: byte {byte}", "", where, hint))
            return None
    root = compose(text, file, problems)
    return None if root is None else _Converter(problems).convert(root)


class _BoundError(Exception):
    """A bound on size was passed; the file is given up."""


@dataclass
class _Converter:
    """Turns what was written into a tree; what an alias stands for becomes a copy of its own."""

    problems: list[Problem]
    open: list[Written] = field(default_factory=list)
    aliased: int = 0
    expansions: int = 0
    nodes: int = 0

    def convert(self, root: Written) -> Node | None:
        try:
            return self._node(root, ())
        except _BoundError:
            return None

    def _node(self, node: Written, path: tuple[str, ...]) -> Node:
        self._count(node, path)
        if node.kind == "alias":
            (target,) = node.items
            if any(target is around for around in self.open):
                self._give_up("an alias stands inside its own anchor", path, node.position)
            self.aliased += 1
            converted = self._node(target, path)
            self.aliased -= 1
            return converted
        if node.tag and node.tag != "!delete":
            shown = node.tag.replace("tag:yaml.org,2002:", "!!")
            hint = "the only tag is !delete"
            self._problem(f"tag {shown!r} is not known", path, node.position, hint)
        if node.tag == "!delete":
            if node.kind != "scalar" or node.text:
                self._problem("!delete stands alone, without a value", path, node.position)
            return Deletion("", node.position, null=True)
        if node.kind == "scalar":
            null = node.plain and node.text in _NULL
            return Scalar(node.text, node.position, quoted=not node.plain, null=null)
        self.open.append(node)
        if node.kind == "map":
            made: Node = self._map(node, path)
        else:
            items = [self._node(item, (*path, str(i))) for i, item in enumerate(node.items)]
            made = Sequence(items, node.position)
        self.open.pop()
        return made

    def _map(self, node: Written, path: tuple[str, ...]) -> Map:
        converted = Map(position=node.position)
        first: dict[str, Position] = {}
        for key_node, item in zip(node.items[::2], node.items[1::2], strict=True):
            place = key_node.position
            key = Scalar(key_node.text, place)
            inner = (*path, str(key))
            if key_node.kind != "scalar":
                self._problem("a key is a list or a map; a key is a name", path, place)
            elif key == "<<":
                hint = "use extends, which says where each value came from"
                self._problem("YAML merge keys are not read", path, place, hint)
            elif key in first:
                line = first[key].line
                message = f"duplicate key {str(key)!r}; it was written before in line {line}"
                self._problem(message, inner, place)
            elif not _key_allowed(str(key), path):
                self._problem(f"key {str(key)!r} is not a name", path, place, _key_hint(key))
            else:
                first[key] = place
                converted[key] = self._node(item, inner)
        converted.damaged = 2 * len(converted) < len(node.items)
        return converted

    def _count(self, node: Written, path: tuple[str, ...]) -> None:
        self.nodes += 1
        self.expansions += 1 if self.aliased else 0
        if self.expansions > MAXIMUM_EXPANSIONS:
            message = f"more than {MAXIMUM_EXPANSIONS:,} values come from aliases"
            self._give_up(message, path, node.position)
        if self.nodes > MAXIMUM_NODES:
            self._give_up(f"more than {MAXIMUM_NODES:,} values in one file", path, node.position)
        if len(self.open) > 2 * MAXIMUM_DEPTH:
            message = f"aliases nested more than {2 * MAXIMUM_DEPTH} deep"
            self._give_up(message, path, node.position)

    def _give_up(self, message: str, path: tuple[str, ...], where: Position) -> None:
        self._problem(message, path, where)
        raise _BoundError

    def _problem(
        self, message: str, path: tuple[str, ...], where: Position, hint: str = ""
    ) -> None:
        self.problems.append(Problem(message, ".".join(path), where, hint))


def _key_allowed(key: str, path: tuple[str, ...]) -> bool:
    if path and path[-1] == "choice":
        return True
    if len(path) == 2 and path[0] == "variants":
        return all(_KEY.fullmatch(part) for part in key.split("."))
    return _KEY.fullmatch(key) is not None


def _key_hint(key: str) -> str:
    if "." in key:
        return "dots separate the names of a path; they are for variants and --set"
    return "names are made of letters, digits, _ and -"
