"""From the bytes of a YAML file to a tree of values that remember where they were written.

Only what a scenario needs is let in: maps with plain keys, lists and scalars, in one document.
Anchors and aliases are expanded up to a bound; the only tag is ``!delete``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from cartsim.errors import Position, Problem
from cartsim.scenario.tree import Deletion, Map, Node, Scalar, Sequence

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]

MAXIMUM_EXPANSIONS = 1_000
MAXIMUM_NODES = 200_000
MAXIMUM_DEPTH = 60
_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NULL = {"", "~", "null", "Null", "NULL"}


class _Loader(_BaseLoader):
    """Composes nodes; a plain scalar stays text, so no type is ever resolved."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:  # noqa: ARG002
        return ""

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass


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
            where = Position(file, *_line_and_column(before, len(before)))
            byte = f"0x{content[error.start]:02x}"
            hint = "save the file as UTF-8"
            problems.append(Problem(f"not UTF-8: byte {byte}", "", where, hint))
            return None
    root = _compose(text, file, problems)
    return None if root is None else _Converter(file, problems).convert(root)


def _compose(text: str, file: str, problems: list[Problem]) -> yaml.Node | None:
    try:
        loader = _Loader(text)
        try:
            if not loader.check_node():
                problems.append(Problem("the file is empty", "", Position(file, 1, 1)))
                return None
            root = loader.get_node()
            assert root is not None
            if loader.check_node():
                second = loader.get_node()
                mark = (second or root).start_mark
                where = Position(file, mark.line + 1, mark.column + 1)
                problems.append(Problem("a second YAML document; a file holds one", "", where))
                return None
            return root
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        problem_mark = error.problem_mark or error.context_mark
        where = Position(file, 1, 1)
        if problem_mark is not None:
            where = Position(file, problem_mark.line + 1, problem_mark.column + 1)
        said = ", ".join(part for part in (error.context, error.problem) if part)
        hint = _yaml_hint(said)
        if not hint and error.context_mark and error.context_mark.line + 1 != where.line:
            hint = f"it begins in line {error.context_mark.line + 1}"
        problems.append(Problem(f"not valid YAML: {said}", "", where, hint))
    except yaml.reader.ReaderError as error:
        where = Position(file, *_line_and_column(text, error.position))
        code = error.character if isinstance(error.character, int) else ord(error.character)
        message = f"not valid YAML: the character U+{code:04X} is not allowed"
        problems.append(Problem(message, "", where))
    except RecursionError:
        problems.append(Problem("nested too deeply", "", Position(file, 1, 1)))
    return None


def _yaml_hint(said: str) -> str:
    if "mapping values are not allowed" in said:
        return "a text with ': ' in it needs quotes; the keys of a map stand in one column"
    if "scanning a tag" in said:
        return "put a space after the tag"
    if "cannot start any token" in said:
        return "indent with spaces, not tabs; quote a text that begins with @, ` or %"
    return ""


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


class _BoundError(Exception):
    """A bound on size was passed; the file is given up."""


@dataclass
class _Converter:
    """Turns composed YAML nodes into a tree; aliases become copies of their own."""

    file: str
    problems: list[Problem]
    seen: set[int] = field(default_factory=set)
    open: list[int] = field(default_factory=list)
    expansions: int = 0
    nodes: int = 0

    def convert(self, root: yaml.Node) -> Node | None:
        try:
            return self._node(root, ())
        except _BoundError:
            return None

    def _node(self, node: yaml.Node, path: tuple[str, ...]) -> Node:
        where = self._position(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, where, path)
        self._count(node, where, path)
        tag = node.tag
        if tag:
            self._tag_problem(tag, path, where)
        self.open.append(id(node))
        converted: Map | Sequence
        if isinstance(node, yaml.MappingNode):
            converted = self._map(node, where, path)
        else:
            converted = Sequence(position=where)
            for index, item in enumerate(node.value):
                converted.append(self._node(item, (*path, str(index))))
        self.open.pop()
        return converted

    def _map(self, node: yaml.MappingNode, where: Position, path: tuple[str, ...]) -> Map:
        converted = Map(position=where)
        first: dict[str, Position] = {}
        for key_node, item in node.value:
            place = self._position(key_node)
            key = Scalar(key_node.value if isinstance(key_node, yaml.ScalarNode) else "", place)
            inner = (*path, str(key))
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem("a key is a list or a map; a key is a name", path, place)
            elif key == "<<":
                hint = "use extends, which says where each value came from"
                self._problem("YAML merge keys are not read", path, place, hint)
            elif key in first:
                line = first[key].line
                message = f"duplicate key {str(key)!r}; it was written before in line {line}"
                self._problem(message, inner, place)
            elif not self._key_allowed(str(key), path):
                self._problem(f"key {str(key)!r} is not a name", path, place, self._key_hint(key))
            else:
                first[key] = place
                converted[key] = self._node(item, inner)
        converted.damaged = len(converted) < len(node.value)
        return converted

    def _key_allowed(self, key: str, path: tuple[str, ...]) -> bool:
        if path and path[-1] == "choice":
            return True
        if len(path) == 2 and path[0] == "variants":
            return all(_KEY.fullmatch(part) for part in key.split("."))
        return _KEY.fullmatch(key) is not None

    def _key_hint(self, key: str) -> str:
        if "." in key:
            return "dots separate the names of a path; they are for variants and --set"
        return "names are made of letters, digits, _ and -"

    def _scalar(self, node: yaml.ScalarNode, where: Position, path: tuple[str, ...]) -> Scalar:
        self._count(node, where, path)
        if node.tag == "!delete":
            if node.value:
                self._problem("!delete stands alone, without a value", path, where)
            return Deletion("", where, null=True)
        if node.tag:
            self._tag_problem(node.tag, path, where)
        plain = not node.style
        return Scalar(node.value, where, quoted=not plain, null=plain and node.value in _NULL)

    def _count(self, node: yaml.Node, where: Position, path: tuple[str, ...]) -> None:
        self.nodes += 1
        if id(node) in self.open:
            self._problem("an alias stands inside its own anchor", path, where)
            raise _BoundError
        if id(node) in self.seen:
            self.expansions += 1
        self.seen.add(id(node))
        if self.expansions > MAXIMUM_EXPANSIONS:
            self._problem(f"more than {MAXIMUM_EXPANSIONS:,} values come from aliases", path, where)
            raise _BoundError
        if self.nodes > MAXIMUM_NODES:
            self._problem(f"more than {MAXIMUM_NODES:,} values in one file", path, where)
            raise _BoundError
        if len(self.open) > MAXIMUM_DEPTH:
            self._problem(f"nested more than {MAXIMUM_DEPTH} deep", path, where)
            raise _BoundError

    def _tag_problem(self, tag: str, path: tuple[str, ...], where: Position) -> None:
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        self._problem(f"tag {shown!r} is not known", path, where, "the only tag is !delete")

    def _position(self, node: yaml.Node) -> Position:
        mark = node.start_mark
        return Position(self.file, mark.line + 1, mark.column + 1)

    def _problem(
        self, message: str, path: tuple[str, ...], where: Position, hint: str = ""
    ) -> None:
        self.problems.append(Problem(message, ".".join(path), where, hint))
