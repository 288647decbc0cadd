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


def merge(base: Node | None, over: Node, shape: Shape | None, problems: list[Problem]) -> Node:
    """``over`` on top of ``base``: a new tree; what was replaced is kept in ``history``."""
    mergeable = shape is not None and shape.kind in ("part", "names")
    if isinstance(base, Map) and isinstance(over, Map) and over and mergeable:
        return _merged_map(base, over, shape, problems)
    settled = _without_deletions(over, shape, problems)
    if base is not None:
        settled.history = (base, *base.history)
    return settled


def _merged_map(base: Map, over: Map, shape: Shape | None, problems: list[Problem]) -> Map:
    kept = dict.fromkeys(base)
    kinds = shape.part.one_of if shape is not None and shape.part is not None else ()
    chosen = [key for key in over if key in kinds and not isinstance(over[key], Deletion)]
    merged = Map(position=over.position)
    merged.history = base.history
    for key in kept:
        dropped = chosen and key in kinds and key not in over
        if not dropped and not isinstance(over.get(key), Deletion):
            merged[key] = base[key]
    for key, item in over.items():
        if isinstance(item, Deletion):
            if key not in base:
                path = ".".join(part for part in (over.path, str(key)) if part)
                message = f"!delete of {str(key)!r}, which is not there"
                problems.append(Problem(message, path, item.position))
            continue
        inner = shape.field(key) if shape is not None else None
        below = base.get(key)
        if below is None and chosen and key in kinds:
            replaced = [base[other] for other in kinds if other in base]
            below_history = tuple(replaced)
        else:
            below_history = ()
        value = merge(below, item, inner, problems)
        if below_history and not value.history:
            value.history = below_history
        # the newer key, so that a position points at the file that wrote the value
        merged.pop(key, None)
        merged[key] = value
    return merged


def _without_deletions(node: Node, shape: Shape | None, problems: list[Problem]) -> Node:
    """A tree that has nothing below it: a ``!delete`` in it removes nothing and is reported."""
    if isinstance(node, Map):
        for key in [key for key, item in node.items() if isinstance(item, Deletion)]:
            path = ".".join(part for part in (node.path, str(key)) if part)
            message = f"!delete of {str(key)!r}, which is not there"
            problems.append(Problem(message, path, node[key].position))
            del node[key]
        for key, item in node.items():
            _without_deletions(item, shape.field(key) if shape else None, problems)
    elif isinstance(node, Sequence):
        for item in node:
            _without_deletions(item, None, problems)
    return node
