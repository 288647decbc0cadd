"""Pictures of one replication: who was where when, how full the plant was, what lay in stock."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

import numpy as np
from matplotlib import dates, ticker
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from cartsim.measures import Facts
from cartsim.measures.registry import Ratio
from cartsim.measures.stock import doses_wanted, supply_out_share
from cartsim.report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    Picture,
    bare,
)
from cartsim.simulation.plan import ALL_PLACES
from cartsim.simulation.timelines import (
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    WENT_ELSEWHERE,
)
from cartsim.units import MINUTES_PER_DAY, Floats, Ints

ROLES = {
    "collection": ("apheresis", BLUE),
    "production": ("production", ORANGE),
    "testing": ("testing", PURPLE),
    "allocation": ("allocation of a dose", YELLOW),
    "delivery": ("delivery", SKY),
    "infusion": ("infusion, bed", GREEN),
}
"""What a step of each role is called, and its colour; the others are grey."""
ENDINGS = {
    INFUSED: ("o", GREEN, "infused"),
    INFUSED_OUT_OF_SPECIFICATION: ("o", YELLOW, "infused, out of specification"),
    LOST_WAITING: ("X", VERMILLION, "died or withdrew"),
    LOST_MANUFACTURING: ("s", INK, "no dose could be made"),
    WENT_ELSEWHERE: ("D", GREY, "went elsewhere because of the wait"),
}
WAITING = "#DDDDDD"


def gantt(facts: Facts, first: int = 0, number: int = 40) -> Picture:
    """The ways of some patients, one line each, by the order of their orders: steps as bars, waits
    for a place or a dose in light grey."""
    patients = np.flatnonzero(facts.journeys.order >= 0)[first : first + number]
    figure = Picture(figsize=(10.0, max(1.6 + 0.16 * len(patients), 2.4)), layout="constrained")
    axes = figure.subplots()
    begin = _first_day(facts)
    bars: dict[str, list[tuple[float, float, int]]] = {}
    used: dict[str, str] = {}
    for line, row in enumerate(patients.tolist()):
        route = facts.plan.routes[facts.journeys.route[row]]
        attempts = range(
            facts.journeys.attempt_first[row],
            facts.journeys.attempt_first[row] + facts.timelines.attempt[row] + 1,
        )
        for attempt in attempts:
            for step, planned in enumerate(route.steps):
                ready, start, end = (
                    int(table[attempt, step])
                    for table in (facts.timelines.ready, facts.timelines.start, facts.timelines.end)
                )
                if ready < 0:
                    continue
                until = start if start >= 0 else int(facts.timelines.left[row])
                until = facts.plan.horizon if until < 0 else until
                bars.setdefault(WAITING, []).append((ready, until, line))
                if start >= 0:
                    name, colour = ROLES.get(planned.role or "", ("other steps", GREY))
                    used[name] = colour
                    end = facts.plan.horizon if end < 0 else end
                    bars.setdefault(colour, []).append((start, end, line))
    for colour, spans in bars.items():
        axes.add_collection(_bars(spans, begin, colour))
    handles: list[Artist] = [Patch(color=colour, label=name) for name, colour in used.items()]
    handles.append(Patch(color=WAITING, label="waiting"))
    for state, (sign, colour, label) in ENDINGS.items():
        there = [
            (begin + facts.timelines.left[row] / MINUTES_PER_DAY, line)
            for line, row in enumerate(patients.tolist())
            if facts.timelines.state[row] == state
        ]
        if there:
            x, y = zip(*there, strict=True)
            handles.append(
                axes.scatter(x, y, s=26, c=colour, marker=sign, edgecolors="white", label=label)
            )
    axes.autoscale_view()
    axes.set_ylim(len(patients) - 0.4, -0.6)
    axes.set_ylabel(f"patients {first + 1} to {first + len(patients)}", color=INK)
    axes.set_yticks([])
    _dates(axes)
    figure.legend(handles=handles, loc="outside upper left", ncols=5, frameon=False, fontsize=8)
    infused = sum(
        facts.timelines.state[r] in (INFUSED, INFUSED_OUT_OF_SPECIFICATION) for r in patients
    )
    axes.set_title(
        f"{infused} of these {len(patients)} patients are infused", loc="left", fontweight="bold"
    )
    return figure


def resources(facts: Facts) -> Picture:
    """For each resource the places taken and those that there are, and below who waits."""
    names = [
        index
        for index, _ in enumerate(facts.plan.resources)
        if (facts.holdings.resource == index).any()
    ]
    figure = Picture(figsize=(9.5, 1.0 + 2.1 * max(len(names), 1)), layout="constrained")
    panels = figure.subplots(max(len(names), 1), 1, squeeze=False, sharex=True)[:, 0]
    asked, lines = facts.holdings, list[Artist]()
    for axes, resource in zip(panels, names, strict=False):
        here = asked.resource == resource
        held = here & (asked.start >= 0)
        until = np.where(asked.start >= 0, asked.start, asked.free)
        day, taken = _level(facts, asked.start[held], asked.free[held])
        _, queue = _level(facts, asked.ready[here], until[here])
        at = _first_day(facts) + day
        axes.fill_between(
            at, taken, step="post", color=BLUE, alpha=0.55, lw=0, label="places taken"
        )
        there = _capacity(facts, resource, day)
        axes.step(at, there, where="post", color=INK, lw=1.2, label="places")
        # those who wait may be a hundred times the places, so they have an axis of their own
        behind = axes.twinx()
        behind.step(at, queue, where="post", color=VERMILLION, lw=1.0, label="waiting (right)")
        behind.set_ylabel("waiting", color=VERMILLION)
        behind.tick_params(axis="y", colors=VERMILLION)
        behind.set_ylim(bottom=0, top=max(float(queue.max(initial=0.0)) * 1.05, 1.0))
        behind.spines[["top", "left"]].set_visible(False)
        lines += [*axes.get_legend_handles_labels()[0], *behind.get_legend_handles_labels()[0]]
        offered = float(there.mean())
        share = f"{taken.mean() / offered:.0%} of the places taken" if offered > 0 else "no places"
        lacking = " (or for a supply)" if _consumes(facts, resource) else ""
        axes.set_title(
            f"{_readable(facts.plan.resources[resource])}: {share}, "
            f"{queue.mean():.1f} waiting in the mean{lacking}",
            loc="left",
            fontsize=10,
        )
        axes.set_ylabel("places")
        axes.set_ylim(bottom=0)
        bare(axes)
    if names:
        figure.legend(
            handles=lines[:3], loc="outside upper right", ncols=3, frameon=False, fontsize=8
        )
    else:
        panels[0].set_title("No step of this scenario needs a place", loc="left", fontsize=10)
        panels[0].set_yticks([])
        panels[0].set_xticks([])
        return figure
    _dates(panels[-1])
    return figure


def stock(facts: Facts) -> Picture:
    """Doses in stock, the patients who wait for one, and when doses expired, for each product made
    to stock; and what is on hand of each supply."""
    stocks, supplies = facts.plan.stocks, facts.plan.consumables
    number = max(len(stocks) + len(supplies), 1)
    figure = Picture(figsize=(9.5, 1.0 + 2.4 * number), layout="constrained")
    panels = figure.subplots(number, 1, squeeze=False, sharex=True)[:, 0]
    for index, axes in enumerate(panels[: len(stocks)]):
        _doses(facts, index, axes)
    for index, axes in enumerate(panels[len(stocks) : len(stocks) + len(supplies)]):
        _supply(facts, index, axes)
    handles: dict[str, Artist] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    if handles:
        figure.legend(
            handles=list(handles.values()),
            loc="outside upper right",
            ncols=4,
            frameon=False,
            fontsize=8,
        )
    _dates(panels[-1])
    return figure


def _doses(facts: Facts, stock: int, axes: Axes) -> None:
    day, inside, owed, expired = _stock_levels(facts, stock)
    at = _first_day(facts) + day
    axes.fill_between(at, inside, step="post", color=BLUE, alpha=0.5, lw=0, label="doses in stock")
    axes.step(at, owed, where="post", color=VERMILLION, lw=1.2, label="patients waiting for one")
    if expired.any():
        when = np.flatnonzero(expired)
        sizes = 20 + expired[when]
        axes.scatter(at[when], inside[when], s=sizes, c=ORANGE, marker="v", label="doses expire")
    empty = float((inside == 0).mean())
    told = f"stock empty {empty:.0%} of the time, {int(expired.sum()):,} doses expired"
    if not inside.any():
        told = "no dose was ever in stock in this replication"
        axes.set_yticks([0])
    product = facts.plan.stocks[stock].product
    axes.set_title(f"{product}: {told}", loc="left", fontsize=10, fontweight="bold")
    axes.set_ylabel("doses, patients")
    axes.set_ylim(bottom=0)
    bare(axes)


def _supply(facts: Facts, supply: int, axes: Axes) -> None:
    days = facts.plan.horizon // MINUTES_PER_DAY
    replication, minute, change = facts.records.supply_changes[supply]
    here = replication == 0
    by_day = np.bincount(minute[here] // MINUTES_PER_DAY, change[here], minlength=days)[:days]
    at, inside = _first_day(facts) + np.arange(days), np.cumsum(by_day)
    axes.fill_between(
        at, inside, step="post", color=PURPLE, alpha=0.5, lw=0, label="supplies on hand"
    )
    out = supply_out_share(facts)[f":{facts.plan.consumables[supply].name}"]
    assert isinstance(out, Ratio)
    share = float(out.numerator[0].sum() / out.denominator[0].sum())
    came = int((facts.timelines.arrived[0, supply] >= 0).sum())
    axes.set_title(
        f"{facts.plan.consumables[supply].name.replace('_', ' ')}: less than a step takes in "
        f"{share:.0%} of the time, {came:,} deliveries",
        loc="left",
        fontsize=10,
        fontweight="bold",
    )
    axes.set_ylabel("units")
    axes.set_ylim(bottom=0)
    bare(axes)


def _bars(spans: Sequence[tuple[float, float, int]], begin: float, colour: str) -> PolyCollection:
    half = 0.18 if colour == WAITING else 0.4
    corners = []
    for start, end, line in spans:
        left, right = begin + start / MINUTES_PER_DAY, begin + end / MINUTES_PER_DAY
        low, high = line - half, line + half
        corners.append([(left, low), (right, low), (right, high), (left, high)])
    return PolyCollection(corners, facecolors=colour, linewidths=0)


def _level(facts: Facts, begin: Ints, end: Ints) -> tuple[Floats, Floats]:
    """Mean number inside ``[begin, end)`` on each day, float64[day]; days from the start."""
    count = facts.plan.horizon // MINUTES_PER_DAY
    edges = np.arange(count + 1) * MINUTES_PER_DAY
    entered = np.concatenate([[0], np.cumsum(np.sort(begin))])
    left = np.concatenate([[0], np.cumsum(np.sort(end))])
    before = np.searchsorted(np.sort(begin), edges)
    after = np.searchsorted(np.sort(end), edges)
    # integral over time of the number inside, up to each edge
    area = (before * edges - entered[before]) - (after * edges - left[after])
    inside: Floats = np.diff(area) / MINUTES_PER_DAY
    return np.arange(count, dtype=np.float64), inside


def _consumes(facts: Facts, resource: int) -> bool:
    """Whether a step that is done here takes supplies, without which it waits, too."""
    steps = (step for route in facts.plan.routes for step in route.steps)
    return any(step.consumes and resource in step.resource for step in steps)


def _capacity(facts: Facts, resource: int, day: Floats) -> Floats:
    at = np.searchsorted(facts.journeys.capacity_time, day * MINUTES_PER_DAY, side="right") - 1
    places: Floats = facts.journeys.capacity[0, at, resource].astype(np.float64)
    return np.maximum(places - _out_of_service(facts, resource, places), 0.0)


def _out_of_service(facts: Facts, resource: int, places: Floats) -> Floats:
    """Places that disruptions take out of service, mean of each day, float64[day]."""
    journeys, out = facts.journeys, np.zeros(places.size)
    for event in range(journeys.disruption_first[0], journeys.disruption_first[1]):
        kind = facts.plan.disruptions[journeys.disruption_kind[event]]
        if kind.resource == resource:
            begin = journeys.disruption_time[event : event + 1]
            _, inside = _level(facts, begin, begin + journeys.disruption_length[event])
            out += inside * (places if kind.places == ALL_PLACES else kind.places)
    return out


def _stock_levels(facts: Facts, stock: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Day; doses and waiting patients at its end; doses expired in it, float64[day] each."""
    days = facts.plan.horizon // MINUTES_PER_DAY

    def by_day(minute: Ints, number: Ints | None = None) -> Floats:
        inside = minute < facts.plan.horizon
        weights = None if number is None else number[inside]
        day = minute[inside] // MINUTES_PER_DAY
        return np.bincount(day, weights, minlength=days)[:days].astype(np.float64)

    replication, minute, change = facts.records.stock_changes[stock]
    here = replication == 0
    row, ready, start, gone = doses_wanted(facts, stock)
    asked = facts.records.replication[row] == 0
    until = np.where(start >= 0, start, gone)
    lots, expired_at = facts.records.doses_expired()
    mine = (lots >= facts.journeys.lots_first[0, stock]) & (
        lots < facts.journeys.lots_first[0, stock + 1]
    )
    written_off = by_day(expired_at[mine], facts.timelines.expired[lots[mine]])
    inside: Floats = np.cumsum(by_day(minute[here], change[here]))
    owed: Floats = np.cumsum(by_day(ready[asked]) - by_day(until[asked]))
    return np.arange(days, dtype=np.float64), inside, owed, written_off


def _first_day(facts: Facts) -> float:
    return float(dates.date2num(facts.calendar.start))  # type: ignore[no-untyped-call]


def _dates(axes: Axes) -> None:
    axes.xaxis_date()
    locator = axes.xaxis.get_major_locator()
    formatter: ticker.Formatter = dates.ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(formatter)
    bare(axes)


def _readable(resource: str) -> str:
    plant, _, name = resource.partition(".")
    return shorten(f"{name.replace('_', ' ')}, {plant.replace('_', ' ')}", 60)
