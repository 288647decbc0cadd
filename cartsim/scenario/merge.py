"""Merging trees: what ``extends``, a variant and an override have in common.

A map merges into a map only where the model has a part or named entries (markets, steps, payers).
Everything else is replaced as a whole: a list, a date, and also a number, however it is written,
so that ``{triangular: ..}`` over ``{pert: ..}`` is not two kinds at once, and a new value never
inherits the source of the old one. An empty map empties; ``!delete`` removes a key; in a part
that is one of several kinds (``adoption: {bass: ..}``) a new kind replaces the old one.
"""

from __future__ import annotations

from cartsim.errors import Problem
from cartsim.scenario.shape import Shape
from cartsim.scenario.tree import Deletion, Map, Node, Sequence

VARIANTS = "variants"
"""The key of a scenario that holds overrides for later, not content."""


def merge(
    base: Node | None, over: Node, shape: Shape | None, problems: list[Problem], path: str = ""
) -> Node:
    """``over`` on top of ``base``, both at ``path``; what was replaced is kept in ``history``.

    Nodes of both trees are used in the new one: they must not be shared with others.
    """
    mergeable = shape is not None and shape.kind in ("part", "names")
    if shape is not None and mergeable and isinstance(base, Map) and isinstance(over, Map):
        written = bool(over) or over.damaged
        return _merged_map(base, over, shape, problems, path) if written else _replaced(base, over)
    report_deletions(over, problems, path)
    return over if base is None else _replaced(base, over)


def _replaced(base: Node, over: Node) -> Node:
    over.history = (base, *base.history)
    return over


def _merged_map(base: Map, over: Map, shape: Shape, problems: list[Problem], path: str) -> Map:
    one_of = shape.part.one_of if shape.part is not None else ()
    chosen = [key for key in over if key in one_of and not isinstance(over[key], Deletion)]
    others = [key for key in base if chosen and key in one_of and key not in over]
    merged = Map(position=over.position)
    merged.history = base.history
    merged.damaged = base.damaged or over.damaged
    for key, item in base.items():
        if key not in over and key not in others:
            merged[key] = item
    for key, item in over.items():
        inside = f"{path}.{key}" if path else str(key)
        if inside == VARIANTS:
            merged[key] = _merged_variants(base.get(key), item)
            continue
        if isinstance(item, Deletion):
            if key not in base:
                problems.append(_nothing_to_delete(inside, item))
            continue
        value = merge(base.get(key), item, shape.field(key), problems, inside)
        if key in chosen and not value.history:
            value.history = tuple(base[other] for other in others)
        merged[key] = value
    return merged


def _merged_variants(base: Node | None, over: Node) -> Node:
    """Variants of the same name merge by path; their values, ``!delete`` too, are for later."""
    if not isinstance(base, Map) or not isinstance(over, Map):
        return over
    merged = Map([*base.items(), *over.items()], over.position)
    for name in over:
        below, above = base.get(name), over[name]
        if isinstance(below, Map) and isinstance(above, Map):
            merged[name] = Map([*below.items(), *above.items()], above.position)
    return merged


def report_deletions(node: Node, problems: list[Problem], path: str) -> None:
    """Report and drop each ``!delete`` in a tree that has nothing below it."""
    children: list[tuple[str, Node]] = []
    if isinstance(node, Map):
        for key in [key for key, item in node.items() if isinstance(item, Deletion)]:
            problems.append(_nothing_to_delete(f"{path}.{key}" if path else str(key), node[key]))
            del node[key]
        children = [(str(key), item) for key, item in node.items() if path or key != VARIANTS]
    elif isinstance(node, Sequence):
        for gone in [item for item in node if isinstance(item, Deletion)]:
            problems.append(Problem("!delete removes a key, not an item", path, gone.position))
        node[:] = [item for item in node if not isinstance(item, Deletion)]
        children = [(str(index), item) for index, item in enumerate(node)]
    for name, item in children:
        report_deletions(item, problems, f"{path}.{name}" if path else name)


def _nothing_to_delete(path: str, node: Node) -> Problem:
    name = path.rpartition(".")[2]
    return Problem(f"!delete of {name!r}, which is not there", path, node.position)
