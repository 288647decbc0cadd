"""From YAML text to plain nodes with positions, without recursion and without resolved types.

The nodes are built from the parser's events with an explicit stack, so that a hostile file can
neither exhaust the interpreter's stack nor construct an object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from cartsim.errors import Position, Problem

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAXIMUM_DEPTH = 60
TOO_DEEP = f"nested more than {MAXIMUM_DEPTH} deep"

Kind = Literal["scalar", "list", "map", "alias"]


@dataclass(slots=True, eq=False)
class Written:
    """A node as the parser saw it.

    ``items`` holds the nodes of a list, keys and values in turn of a map, and the node that an
    alias stands for.
    """

    kind: Kind
    position: Position
    tag: str = ""
    text: str = ""
    plain: bool = True
    items: list[Written] = field(default_factory=list)


def compose(text: str, file: str, problems: list[Problem]) -> Written | None:
    """The root of the only document of a text, or None after reporting why there is none."""
    composer = _Composer(file, problems)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if not composer.take(event):
                return None
        if composer.root is None:
            problems.append(Problem("the file is empty", "", Position(file, 1, 1)))
        return composer.root
    except yaml.MarkedYAMLError as error:
        where = _position(file, error.problem_mark or error.context_mark)
        said = ", ".join(part for part in (error.context, error.problem) if part)
        if "maximum nesting depth" in said:  # newer parsers have a bound of their own
            problems.append(Problem(TOO_DEEP, "", where))
            return None
        hint = _hint(said)
        if not hint and error.context_mark and error.context_mark.line + 1 != where.line:
            hint = f"it begins in line {error.context_mark.line + 1}"
        problems.append(Problem(f"not valid YAML: {said}", "", where, hint))
    except yaml.reader.ReaderError as error:
        where = Position(file, *line_and_column(text, error.position))
        code = error.character if isinstance(error.character, int) else ord(error.character)
        message = f"not valid YAML: the character U+{code:04X} is not allowed"
        problems.append(Problem(message, "", where))
    return None


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset into a text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _position(file: str, mark: Any) -> Position:
    return Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)


def _hint(said: str) -> str:
    if "mapping values are not allowed" in said:
        return "a text with ': ' in it needs quotes; the keys of a map stand in one column"
    if "scanning a tag" in said:
        return "put a space after the tag"
    if "cannot start any token" in said:
        return "indent with spaces, not tabs; quote a text that begins with @, ` or %"
    return ""


@dataclass
class _Composer:
    file: str
    problems: list[Problem]
    root: Written | None = None
    stack: list[Written] = field(default_factory=list)
    anchors: dict[str, Written] = field(default_factory=dict)

    def take(self, event: Any) -> bool:
        """Take one event; False where the file is given up."""
        if isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
        if not isinstance(event, yaml.NodeEvent):
            return True
        where = _position(self.file, event.start_mark)
        if self.root is not None and not self.stack:
            return self._give_up("a second YAML document; a file holds one", where)
        node = self._node(event, where)
        if node.kind == "alias":
            if event.anchor not in self.anchors:
                return self._give_up(f"not valid YAML: no anchor {event.anchor!r} before it", where)
            node.items.append(self.anchors[event.anchor])
        elif event.anchor is not None:
            self.anchors[event.anchor] = node
        if self.stack:
            self.stack[-1].items.append(node)
        else:
            self.root = node
        if node.kind in ("list", "map"):
            if len(self.stack) >= MAXIMUM_DEPTH:
                return self._give_up(TOO_DEEP, where)
            self.stack.append(node)
        return True

    def _node(self, event: Any, where: Position) -> Written:
        if isinstance(event, yaml.AliasEvent):
            return Written("alias", where)
        # the tag `!` only says that a scalar is a text, which all are
        tag = "" if event.tag in (None, "!") else event.tag
        if isinstance(event, yaml.ScalarEvent):
            return Written("scalar", where, tag, event.value, plain=not event.style)
        return Written("map" if isinstance(event, yaml.MappingStartEvent) else "list", where, tag)

    def _give_up(self, message: str, where: Position) -> bool:
        self.problems.append(Problem(message, "", where))
        return False
