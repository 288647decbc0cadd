"""From a merged tree to a checked model: variant and overrides, validation, references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cartsim.errors import Position, Problem, ScenarioError
from cartsim.scenario.consistency import inconsistencies
from cartsim.scenario.fingerprint import FORMAT, fingerprint
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.merge import VARIANTS
from cartsim.scenario.model import Scenario
from cartsim.scenario.notices import notices
from cartsim.scenario.override import Override, Overriding
from cartsim.scenario.part import nearest
from cartsim.scenario.read_yaml import read_yaml
from cartsim.scenario.references import dangling_references
from cartsim.scenario.shape import Shape
from cartsim.scenario.totals import impossible_growth, impossible_totals
from cartsim.scenario.tree import (
    Map,
    Node,
    Scalar,
    Sequence,
    assign_paths,
    copied,
    node,
)

SET = "--set"
"""The file name in the position of a value that came from an override."""
SHAPE = Shape("part", part=Scenario)


def resolve(
    merged: Map,
    *,
    path: str,
    variant: str | None,
    overrides: Mapping[str, object],
    files: tuple[str, ...] = (),
    problems: Iterable[Problem] = (),
) -> Loaded:
    """The scenario that a merged tree says, under a variant and overrides.

    ``problems`` are those found while reading. Raises ScenarioError with them and all others.
    """
    found = list(problems)
    tree, model = _resolved(merged, variant, overrides, found)
    if found or model is None:
        raise ScenarioError(found)
    return Loaded(
        model=model,
        tree=tree,
        hash=fingerprint(model),
        path=path,
        variant=variant,
        overrides=dict(overrides),
        notices=notices(model),
        files=files,
        variants=variant_names(merged),
        merged=merged,
    )


def problems_of(merged: Map, variant: str | None, aside: Iterable[Problem] = ()) -> list[Problem]:
    """What is wrong with a merged tree under a variant, but for the problems put ``aside``."""
    found: list[Problem] = []
    _resolved(merged, variant, {}, found)
    written = merged.get(VARIANTS)
    if variant is None or not isinstance(written, Map):
        return found
    own, known = set(_positions(written[variant])), set(aside)
    return [
        problem if problem.position in own else _under(problem, variant)
        for problem in found
        if problem not in known
    ]


def _positions(node: Node) -> Iterator[Position | None]:
    yield node.position
    if isinstance(node, Map):
        for key, item in node.items():
            yield node.key_position(key)
            yield from _positions(item)
    elif isinstance(node, Sequence):
        for item in node:
            yield from _positions(item)


def _under(problem: Problem, variant: str) -> Problem:
    """A problem of a value that is written elsewhere, but only wrong under a variant."""
    return replace(problem, message=f"{problem.message}, under variant {variant!r}")


def variant_names(merged: Map) -> tuple[str, ...]:
    """The names of the variants that a merged tree holds, sorted."""
    variants = merged.get(VARIANTS)
    return tuple(sorted(map(str, variants))) if isinstance(variants, Map) else ()


def _resolved(
    merged: Map, variant: str | None, overrides: Mapping[str, object], problems: list[Problem]
) -> tuple[Map, Scenario | None]:
    tree = copied(merged)
    written = tree.pop(VARIANTS, None)
    for override in _variant(written, variant, problems):
        Overriding(override, problems).apply(tree, SHAPE)
    for path, value in overrides.items():
        given = _override_value(path, value, problems)
        if given is not None:
            Overriding(given, problems).apply(tree, SHAPE)
    tree = _named_in_order(tree, SHAPE)
    assign_paths(tree)
    newer = _newer_format(tree)
    if newer is not None:
        problems[:] = [newer]
        return tree, None
    model = Scenario.model_validate(tree, context=problems)
    problems.extend(dangling_references(tree, model))
    problems.extend(inconsistencies(tree))
    problems.extend(impossible_totals(tree, model))
    problems.extend(impossible_growth(model))
    return tree, model


def _newer_format(tree: Map) -> Problem | None:
    written = tree.get("cartsim")
    if not isinstance(written, Scalar) or not written.isdecimal() or int(written) == FORMAT:
        return None
    message = f"format {written} cannot be read: this cartsim reads format {FORMAT}"
    hint = "update cartsim" if int(written) > FORMAT else f"write cartsim: {FORMAT}"
    return Problem(message, "cartsim", written.position, hint)


def _variant(written: Node | None, variant: str | None, problems: list[Problem]) -> list[Override]:
    """The overrides of a variant; the form of all variants is checked."""
    chosen: list[Override] = []
    if written is not None and not isinstance(written, Map):
        message = "variants are written {name: {dotted.path: value}}"
        problems.append(Problem(message, "variants", written.position))
        return []
    variants = written if written is not None else Map()
    for name, entries in variants.items():
        if not isinstance(entries, Map):
            message = "a variant is a map of dotted paths and values"
            problems.append(Problem(message, f"variants.{name}", entries.position))
        elif name == variant:
            chosen = [
                Override(str(path), value, entries.key_position(path))
                for path, value in entries.items()
            ]
    if variant is not None and variant not in variants:
        hint = nearest(variant, map(str, variants)) or "the scenario has no variants"
        problems.append(Problem(f"unknown variant {variant!r}", "variants", None, hint))
    return chosen


def _override_value(path: str, value: object, problems: list[Problem]) -> Override | None:
    where = Position(SET, 1, 1)
    if not isinstance(value, str) or isinstance(value, Scalar):
        return Override(path, node(value, where), where)
    place = SHAPE.at(path)
    if place is not None and place.kind == "text" and value != "!delete":
        return Override(path, Scalar(value, where), where)
    if not value.strip():
        return Override(path, Scalar("", where, null=True), where)
    found: list[Problem] = []
    read = read_yaml(value, SET, found)
    problems.extend(
        Problem(problem.message, path, problem.position, problem.hint) for problem in found
    )
    return None if read is None else Override(path, read, where)


def _named_in_order(tree: Map, shape: Shape) -> Map:
    """The tree with named entries sorted, so that their order in a file changes nothing."""
    keys = sorted(tree) if shape.kind == "names" else list(tree)
    ordered = Map(position=tree.position)
    ordered.history = tree.history
    ordered.damaged = tree.damaged
    for key in keys:
        ordered[key] = _in_order(tree[key], shape.field(key))
    return ordered


def _in_order(item: Node, shape: Shape | None) -> Node:
    if isinstance(item, Map) and shape is not None and shape.kind in ("part", "names"):
        return _named_in_order(item, shape)
    if isinstance(item, Sequence) and shape is not None and shape.kind == "list":
        renewed = Sequence([_in_order(inner, shape.inner) for inner in item], item.position)
        renewed.history = item.history
        return renewed
    return item
