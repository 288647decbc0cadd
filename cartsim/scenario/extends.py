"""``extends``: files that a scenario, or a part of one, is built on.

``extends: name`` or a list of names may stand in any map of the model. ``library/<name>`` is a file
of the shipped library; any other name is a path relative to the file that says it. Later files
override earlier ones, and the map that says ``extends`` overrides them all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from cartsim.errors import Position, Problem
from cartsim.scenario.merge import merge
from cartsim.scenario.part import nearest
from cartsim.scenario.read_yaml import read_yaml
from cartsim.scenario.shape import Shape
from cartsim.scenario.tree import Map, Node, Scalar, Sequence

LIBRARY = "library/"


@dataclass(frozen=True)
class Source:
    """A file of a scenario: how it is named in messages, and where it is."""

    name: str
    path: Path
    in_library: bool = False


def library_folder() -> Path:
    """Where the shipped library is installed."""
    return Path(str(resources.files("cartsim").joinpath("library")))


def library_names() -> list[str]:
    """The names that ``extends`` may give after ``library/``, sorted."""
    folder = library_folder()
    files = folder.rglob("*.yaml") if folder.is_dir() else []
    return sorted(file.relative_to(folder).with_suffix("").as_posix() for file in files)


@dataclass
class Assembly:
    """Reads a file and everything that it extends, reporting into ``problems``."""

    problems: list[Problem]
    files: list[str] = field(default_factory=list)
    """Every file read, in the order read."""
    incomplete: bool = False
    """Whether a file that is extended could not be used."""

    def file(
        self, source: Source, shape: Shape, stack: tuple[Source, ...] = (), path: str = ""
    ) -> Node | None:
        """The merged tree of a file, or None after reporting why there is none.

        ``shape`` is what may stand at the dotted ``path`` for which the file is read.
        """
        try:
            content = source.path.read_bytes()
        except OSError as error:
            reason = "is a folder" if source.path.is_dir() else (error.strerror or "").lower()
            message = f"cannot read {source.name}: {reason or 'not readable'}"
            self.problems.append(Problem(message, "", Position(source.name, 1, 1)))
            return None
        return self.text(content, source, shape, stack, path)

    def text(
        self,
        content: bytes | str,
        source: Source,
        shape: Shape,
        stack: tuple[Source, ...] = (),
        path: str = "",
    ) -> Node | None:
        """The merged tree of a file's content."""
        self.files.append(source.name)
        root = read_yaml(content, source.name, self.problems)
        if root is None:
            return None
        if not isinstance(root, Map):
            given = "a list" if isinstance(root, Sequence) else repr(str(root))
            message = f"expected a map of keys and values; got {given}"
            self.problems.append(Problem(message, "", root.position))
            return None
        return self._expand(root, source, shape, (*stack, source), path)

    def _expand(
        self, node: Node, source: Source, shape: Shape | None, stack: tuple[Source, ...], path: str
    ) -> Node:
        """The node with every ``extends`` in it replaced by what it stands for."""
        if isinstance(node, Sequence):
            inner = shape.inner if shape is not None and shape.kind == "list" else None
            items = [
                self._expand(item, source, inner, stack, f"{path}.{index}")
                for index, item in enumerate(node)
            ]
            return Sequence(items, node.position)
        if not isinstance(node, Map) or shape is None or shape.kind not in ("part", "names"):
            return node
        expanded = Map(position=node.position)
        expanded.damaged = node.damaged
        for key, item in node.items():
            if key == "extends":
                continue
            inner_path = f"{path}.{key}" if path else str(key)
            expanded[key] = self._expand(item, source, shape.field(key), stack, inner_path)
        if "extends" not in node:
            return expanded
        base: Node | None = None
        for entry in self._entries(node["extends"], path):
            below = self._base(entry, source, shape, stack, path)
            self.incomplete = self.incomplete or below is None
            if below is not None:
                base = below if base is None else merge(base, below, shape, self.problems, path)
        if base is None or not (expanded or expanded.damaged):
            return expanded if base is None else base
        return merge(base, expanded, shape, self.problems, path)

    def _entries(self, node: Node, path: str) -> list[Scalar]:
        items = node if isinstance(node, Sequence) else [node]
        entries = []
        for item in items:
            if isinstance(item, Scalar) and item and not item.null:
                entries.append(item)
            else:
                where = f"{path}.extends" if path else "extends"
                message = "expected the name of a file, or a list of names"
                self.problems.append(Problem(message, where, item.position))
        return entries

    def _base(
        self, entry: Scalar, source: Source, shape: Shape, stack: tuple[Source, ...], path: str
    ) -> Node | None:
        where = f"{path}.extends" if path else "extends"
        base = self._resolve(entry, source)
        if not base.path.is_file():
            hint = ""
            if base.in_library:
                wanted = base.name.removeprefix(LIBRARY).removesuffix(".yaml")
                hint = nearest(wanted, library_names())
            elif base.path.parent.is_dir():
                names = [file.name for file in base.path.parent.glob("*.yaml")]
                hint = nearest(base.path.name, names)
            message = f"no file {str(entry)!r}"
            self.problems.append(Problem(message, where, entry.position, hint))
            return None
        chain = [step.path.resolve() for step in stack]
        if base.path.resolve() in chain:
            first = chain.index(base.path.resolve())
            circle = " -> ".join([*(step.name for step in stack[first:]), base.name])
            self.problems.append(Problem(f"extends in a circle: {circle}", where, entry.position))
            return None
        return self.file(base, shape, stack, path)

    def _resolve(self, entry: Scalar, source: Source) -> Source:
        text = str(entry)
        if text.startswith(LIBRARY):
            name = text.removeprefix(LIBRARY)
            file = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
            return Source(LIBRARY + file, library_folder() / file, in_library=True)
        path = source.path.parent / text
        if path.suffix not in (".yaml", ".yml") and not path.is_file():
            path = path.with_name(f"{path.name}.yaml")
        name = os.path.normpath(Path(source.name).parent / path.relative_to(source.path.parent))
        return Source(name, path, source.in_library)
