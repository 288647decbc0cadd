"""Distributions as written: ``{pert: [8, 10, 14], per: lot}`` to :class:`Distribution`, checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cartsim.distributions import FAMILIES, Quantiles
from cartsim.distributions.family import Family
from cartsim.scenario.part import nearest
from cartsim.scenario.reach import ImpossibleError, range_of, reach
from cartsim.scenario.tree import Map, Node, Scalar, Sequence
from cartsim.scenario.values import SCOPES, Distribution, Quantity, Scope

if TYPE_CHECKING:
    from cartsim.scenario.read_quantity import QuantityReader

OPTIONS = ("truncate", "per", "loadings")
QUANTILES: dict[frozenset[str], str] = {
    frozenset(("p5", "p95")): "p5_p95",
    frozenset(("p10", "p50", "p90")): "p10_p50_p90",
}
"""The quantile forms: their keys stand in the distribution's own map."""
PURE_NUMBERS = {"sigma", "shape", "alpha", "beta", "cv"}
"""Parameters without the field's unit, in any family."""


def kinds() -> list[str]:
    """The kinds that a scenario may name; quantile forms have no name."""
    return sorted(set(FAMILIES) - set(QUANTILES.values()))


def parameter_unit(family: Family, parameter: str, unit: str) -> str:
    """The unit of a family's parameter in a field of a unit."""
    if family.name == "bernoulli":
        return "share"
    return "number" if family.style == "map" and parameter in PURE_NUMBERS else unit


def read_distribution(
    reader: QuantityReader, node: Map, path: str
) -> tuple[Distribution, Scope] | None:
    """The distribution that a map describes and its scope, or None after reporting why not."""
    before = len(reader.problems)
    scope = _scope(reader, node, path)
    kind = _kind(reader, node, path)
    if kind is None:
        return None
    family = FAMILIES[kind]
    points: tuple[tuple[float, float], ...] = ()
    parameters: dict[str, Quantity] = {}
    if kind in QUANTILES.values():
        parameters = {
            name: reader.inner().quantity(node[name], f"{path}.{name}") for name in family.forms[0]
        }
    elif family.style == "points":
        points = _points(reader, node[kind], f"{path}.{kind}")
    else:
        parameters = _parameters(reader, family, node[kind], f"{path}.{kind}")
    low, high = _truncation(reader, node, path)
    loadings = _loadings(reader, node, path, scope)
    if len(reader.problems) > before:
        return None
    distribution = Distribution(kind, parameters, points, low, high, loadings)
    note = _check(reader, distribution, node, path)
    if len(reader.problems) > before:
        return None
    return Distribution(kind, parameters, points, low, high, loadings, note), scope


def _kind(reader: QuantityReader, node: Map, path: str) -> str | None:
    keys = [str(key) for key in node if key not in OPTIONS]
    quantile = QUANTILES.get(frozenset(keys))
    if quantile in FAMILIES:
        return quantile
    named = [key for key in keys if key in kinds()]
    if not keys:
        message = "expected a distribution; got an empty map"
        if node:
            message = f"no kind of distribution beside {', '.join(map(repr, map(str, node)))}"
        reader.problem(message, path, node.position, f"kinds: {', '.join(kinds())}")
        return None
    if len(named) > 1:
        message = f"two kinds of distribution in one map: {', '.join(map(repr, named))}"
        reader.problem(message, path, node.position, "keep one")
        return None
    unknown = [key for key in keys if key not in kinds()]
    for key in unknown:
        if named and key in {"source", "note"}:
            hint = f"write {{value: {{{named[0]}: ...}}, {key}: ...}}"
            message = f"{key!r} beside a kind of distribution"
            reader.problem(message, path, node.key_position(key), hint)
        elif named:
            message = f"unknown key {key!r} beside {named[0]!r}"
            reader.problem(message, path, node.key_position(key), nearest(key, OPTIONS))
        elif any(key in form for form in QUANTILES):
            message = f"quantiles {', '.join(keys)} are not a form that is known"
            hint = "write {p5: .., p95: ..} or {p10: .., p50: .., p90: ..}"
            reader.problem(message, path, node.key_position(key), hint)
            return None
        else:
            message = f"unknown kind of distribution {key!r}"
            names = [*kinds(), "value", "driver"]
            reader.problem(message, path, node.key_position(key), nearest(key, names))
    return named[0] if named and not unknown else None


def _parameters(
    reader: QuantityReader, family: Family, node: Node, path: str
) -> dict[str, Quantity]:
    """The parameters of a kind in its written style, each a quantity of replication scope."""

    def parameter(name: str, item: Node) -> Quantity:
        inner = reader.inner(parameter_unit(family, name, reader.unit))
        return inner.quantity(item, f"{path}.{name}")

    if family.style == "scalar":
        (name,) = family.forms[0]
        return {name: parameter(name, node)}
    if family.style == "list":
        names = family.forms[0]
        expected = f"[{', '.join(names)}]"
        if not isinstance(node, Sequence):
            reader.problem(f"{family.name} is written {expected}", path, node.position)
            return {}
        if len(node) != len(names):
            message = f"{family.name} takes {len(names)} numbers, {expected}; got {len(node)}"
            reader.problem(message, path, node.position)
            return {}
        return {name: parameter(name, item) for name, item in zip(names, node, strict=True)}
    forms = " or ".join("{" + ", ".join(form) + "}" for form in family.forms)
    if not isinstance(node, Map):
        reader.problem(f"{family.name} is written {forms}", path, node.position)
        return {}
    known = {name for form in family.forms for name in form}
    unknown = [str(key) for key in node if key not in known]
    for key in unknown:
        reader.unknown(key, known, f"parameter of {family.name}", path, node)
    given = {str(key) for key in node}
    if not unknown and given not in [set(form) for form in family.forms]:
        message = f"{family.name} takes {forms}; got {{{', '.join(map(str, node))}}}"
        reader.problem(message, path, node.position)
    return {str(key): parameter(str(key), item) for key, item in node.items() if key in known}


def _points(reader: QuantityReader, node: Node, path: str) -> tuple[tuple[float, float], ...]:
    """Values and weights of ``choice`` (a map) or ``empirical`` (a list, weight 1 each)."""
    pairs: list[tuple[float, float]] = []
    if isinstance(node, Map) and path.endswith("choice"):
        for key, item in node.items():
            place = Scalar(str(key), node.key_position(key))
            value = reader.number(place, path)
            weight = reader.number(item, path, "share")
            if value is not None and weight is not None:
                pairs.append((value, weight))
                if weight < 0:
                    reader.problem(f"weight {str(item)!r} is negative", path, item.position)
    elif isinstance(node, Sequence) and path.endswith("empirical"):
        for item in node:
            value = reader.number(item, path)
            if value is not None:
                pairs.append((value, 1.0))
    else:
        form = "choice: {value: weight, ...}" if path.endswith("choice") else "empirical: [..]"
        reader.problem(f"expected {{{form}}}", path, node.position)
        return ()
    values = [value for value, _ in pairs]
    if path.endswith("choice") and len(set(values)) < len(values):
        reader.problem("a value is written twice", path, node.position)
    if not node:
        reader.problem("no values are given", path, node.position)
    return tuple(sorted(pairs))


def _truncation(
    reader: QuantityReader, node: Map, path: str
) -> tuple[Quantity | None, Quantity | None]:
    bounds = node.get("truncate")
    if bounds is None:
        return None, None
    where = f"{path}.truncate"
    if not isinstance(bounds, Sequence) or len(bounds) != 2:
        reader.problem("truncate is written [low, high]", where, bounds.position, "null: no bound")
        return None, None
    low, high = (
        None
        if isinstance(item, Scalar) and item.null
        else reader.inner().quantity(item, f"{where}.{name}")
        for name, item in zip(("low", "high"), bounds, strict=True)
    )
    if low is None and high is None:
        reader.problem("truncate has neither a lower nor an upper bound", where, bounds.position)
    return low, high


def _scope(reader: QuantityReader, node: Map, path: str) -> Scope:
    per = node.get("per")
    if per is None:
        return reader.scope
    for scope in SCOPES:
        if per == scope:
            if scope not in reader.scopes:
                message = f"this field cannot vary per {scope}"
                hint = f"allowed: {', '.join(reader.scopes)}"
                reader.problem(message, path, per.position, hint)
            return scope
    given = repr(str(per)) if isinstance(per, Scalar) else "a map or a list"
    hint = nearest(str(per), reader.scopes)
    reader.problem(f"unknown scope {given}", path, per.position, hint)
    return reader.scope


def _loadings(reader: QuantityReader, node: Map, path: str, scope: Scope) -> dict[str, float]:
    written = node.get("loadings")
    if written is None:
        return {}
    where = f"{path}.loadings"
    if scope != "replication":
        message = f"loadings need a number that is drawn per replication, not per {scope}"
        hint = "put the loadings on a parameter of the distribution"
        reader.problem(message, where, written.position, hint)
    if not isinstance(written, Map) or not written:
        reader.problem("loadings are written {driver: loading}", where, written.position)
        return {}
    loadings: dict[str, float] = {}
    for driver, item in written.items():
        loading = reader.number(item, where, "number")
        if loading is None:
            continue
        loadings[str(driver)] = loading
        if not -1 <= loading <= 1:
            reader.problem(f"loading {str(item)!r} is not between -1 and 1", where, item.position)
    squares = sum(loading**2 for loading in loadings.values())
    if squares > 1 + 1e-9 and all(-1 <= loading <= 1 for loading in loadings.values()):
        message = f"the squares of the loadings sum to {squares:.3g}, more than 1"
        reader.problem(message, where, written.position)
    return loadings


def _check(reader: QuantityReader, distribution: Distribution, node: Map, path: str) -> str:
    """Reports impossible parameters and values out of bounds; returns a note for the reader."""
    try:
        low, high = reach(distribution, math.isfinite(reader.low), math.isfinite(reader.high))
    except ImpossibleError as error:
        reader.problem(str(error), path, node.position)
        return ""
    tolerance = 1e-12 * max(1.0, abs(low), abs(high))
    if low < reader.low - tolerance or high > reader.high + tolerance:
        bounded = math.isfinite(reader.low) or distribution.low is not None
        bounds = [
            f"{bound:g}" if math.isfinite(bound) else "null" for bound in (reader.low, reader.high)
        ]
        message = f"the distribution reaches {low:.4g} to {high:.4g}; must be {reader.between()}"
        hint = (
            f"add truncate: [{', '.join(bounds)}]" if bounded or math.isfinite(reader.high) else ""
        )
        reader.problem(message, path, node.position, hint)
    family = FAMILIES[distribution.kind]
    if isinstance(family, Quantiles):
        names = list(distribution.parameters)
        ends = [range_of(distribution.parameters[name]) for name in names]
        became = {
            family.became(**dict(zip(names, [end[side] for end in ends], strict=True)))
            for side in (0, -1)
        }
        return f"{{{', '.join(names)}}} read as {' or '.join(sorted(became))}"
    return ""
