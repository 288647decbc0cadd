"""Numbers that are each possible and not together: shares of one whole, growth over a run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from cartsim.errors import Problem
from cartsim.scenario.model import Scenario
from cartsim.scenario.parameters import series
from cartsim.scenario.reach import range_of
from cartsim.scenario.tree import Map, find
from cartsim.scenario.values import (
    ByYear,
    DriverReference,
    Flat,
    Growth,
    Quantity,
    Ramp,
    Series,
    Steps,
)

_ROUNDING = 1e-9


def impossible_totals(tree: Map, model: Scenario) -> Iterator[Problem]:
    """Shares of one whole that exceed it even with every uncertain one at its lowest.

    The model may be incomplete: parts that could not be read are passed over.
    """
    for name, product in (getattr(model, "products", None) or {}).items():
        for key, market in (getattr(product, "markets", None) or {}).items():
            path = f"products.{name}.markets.{key}"
            regions = getattr(market, "regions", None) or {}
            shares = [getattr(region, "share", None) for region in regions.values()]
            yield from _total(tree, shares, f"{path}.regions", "the regions' shares")
            places = {path: market, **{f"{path}.regions.{r}": regions[r] for r in regions}}
            for where, place in places.items():
                payers = getattr(place, "payers", None) or {}
                shares = [getattr(payer, "share", None) for payer in payers.values()]
                yield from _total(tree, shares, f"{where}.payers", "the payers' shares")
    company = getattr(model, "company", None)
    abroad = getattr(company, "cash_held_abroad", None) or {}
    yield from _total(tree, list(abroad.values()), "company.cash_held_abroad", "the shares")


def impossible_growth(model: Scenario) -> Iterator[Problem]:
    """Series that start inside their bounds and grow out of them before the run ends."""
    run = getattr(model, "run", None)
    start, years = getattr(run, "start", None), getattr(run, "years", None)
    if not isinstance(start, date) or not isinstance(years, int):
        return
    for item in series(model):
        form = item.form
        if not isinstance(form, Growth):
            continue
        low, high = extremes(form.start, start)
        for year in range(start.year, start.year + min(years, 60)):
            slowest, fastest = extremes(form.growth, date(year, 1, 1))
            low *= 1 + (slowest if low > 0 else fastest)
            high *= 1 + (fastest if high > 0 else slowest)
            if low < form.start.low - _ROUNDING or high > form.start.high + _ROUNDING:
                beyond = high if high > form.start.high else low
                message = (
                    f"grows to {beyond:.4g} by the end of {year}; "
                    f"{form.start.low:g} to {form.start.high:g} is possible"
                )
                hint = "give the series by year, in steps or as a ramp"
                yield Problem(message, item.path, item.position, hint)
                break


def extremes(number: Quantity | Series, day: date) -> tuple[float, float]:
    """The least and the most that a number can be on a day, as far as it is known beforehand."""
    if isinstance(number, Quantity):
        if isinstance(number.value, DriverReference):
            return max(number.low, 0.0), number.high
        ends = range_of(number)
        return ends[0], ends[-1]
    form = number.form
    if isinstance(form, Flat):
        return extremes(form.level, day)
    if isinstance(form, ByYear):
        years = [item for year, item in form.years if year <= day.year]
        return extremes(years[-1] if years else form.years[0][1], day)
    if isinstance(form, Steps):
        held = [item for begin, item in form.steps if begin <= day]
        return extremes(held[-1] if held else form.steps[0][1], day)
    if isinstance(form, Ramp):
        ends = (*extremes(form.start, day), *extremes(form.end, day))
        return min(ends), max(ends)
    return max(form.start.low, 0.0), form.start.high


def _total(tree: Map, shares: list[Any], path: str, what: str) -> Iterator[Problem]:
    if any(not isinstance(share, Quantity | Series) for share in shares):
        return
    days = sorted({day for share in shares for day in _changes(share)}) or [date.min]
    for day in days:
        total = sum(extremes(share, day)[0] for share in shares)
        if total > 1 + _ROUNDING:
            node = find(tree, path)
            when = "" if day == days[0] else f" from {day}"
            message = f"{what} sum to {total:.4g}{when}, more than 1"
            yield Problem(message, path, node.position if node is not None else None)
            return


def _changes(share: Quantity | Series) -> Iterator[date]:
    if isinstance(share, Series):
        if isinstance(share.form, ByYear):
            yield from (date(max(year, 1), 1, 1) for year, _ in share.form.years)
        elif isinstance(share.form, Steps):
            yield from (day for day, _ in share.form.steps)
