"""A tree of values as YAML text that reads back as the same tree."""

from __future__ import annotations

from typing import Any

import yaml

from cartsim.scenario.tree import Map, Node, Sequence


class _Dumper(yaml.SafeDumper):
    """Writes scalars as they were typed: as in reading, no type is ever resolved."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - that of the base, emptied


def write_yaml(root: Map) -> str:
    """The text of a tree, keys in its order; texts that were quoted stay quoted."""
    return yaml.serialize(_node(root), Dumper=_Dumper, allow_unicode=True, width=100)


def _node(value: Node) -> yaml.Node:
    if isinstance(value, Map):
        pairs = [(_text(str(key)), _node(item)) for key, item in value.items()]
        return yaml.MappingNode(_Dumper.DEFAULT_MAPPING_TAG, pairs, flow_style=False)
    if isinstance(value, Sequence):
        plain = not any(isinstance(item, Map | Sequence) for item in value)
        items = [_node(item) for item in value]
        return yaml.SequenceNode(_Dumper.DEFAULT_SEQUENCE_TAG, items, flow_style=plain)
    if value.null:
        return _text("null")
    return _text(str(value), '"' if value.quoted else None)


def _text(text: str, style: str | None = None) -> yaml.ScalarNode:
    return yaml.ScalarNode(_Dumper.DEFAULT_SCALAR_TAG, text, style=style)
