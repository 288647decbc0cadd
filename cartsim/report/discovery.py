"""Under which inputs something happens, told in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cartsim.analysis import discovery
from cartsim.analysis.discovery import Bound, Discovery, Region
from cartsim.analysis.statistic import Event
from cartsim.montecarlo.result import Result
from cartsim.report.arguments import texts
from cartsim.report.told import (
    Told,
    assumed_note,
    event_in_words,
    own_amount,
    said,
    sentence,
    source_of,
)
from cartsim.report.wording import share

MANY = 2_000
"""Replications from which on regions hardly change with the seed."""


def discover(
    result: Result, event: str, inputs: str | Sequence[str] = (), *, depth: int = discovery.DEPTH
) -> Told:
    """The regions of the inputs in which an event such as ``"closing_cash[2026] < 0"`` happens,
    from a run that is there already."""
    found = discovery.discover(result, Event.parsed(event), texts(inputs), depth)
    return told_discovery(found, result.loaded.model.title)


def told_discovery(found: Discovery, title: str) -> Told:
    """Regions in words, as a table and as a picture."""
    top, *others = found.regions
    what = event_in_words(found.event, found.column)
    headline = sentence(
        f"{what} in {share(found.overall)} of the replications, and no region of the inputs tells "
        "where: it is luck, or more replications are needed."
        if not others
        else f"{what} in {share(found.overall)} of the replications, and in "
        f"{share(top.density)} where {in_words(top)}: {share(top.share)} of all replications, "
        f"which hold {share(top.coverage)} of the cases."
    )

    def draw() -> Any:
        from cartsim.report.discovery_pictures import discovery_picture

        return discovery_picture(found, headline, source_of(title, found.replications, found.seed))

    used = [bound.input for region in found.regions for bound in region.bounds]
    return Told(
        headline,
        f"where {what}",
        ("region", "happens in", "±", "of all cases", "of all replications"),
        tuple(
            (
                in_words(region, marked=True),
                share(region.density),
                f"{region.se * 100:.1f} points",
                share(region.coverage),
                share(region.share),
            )
            for region in found.regions
        ),
        tuple(
            {
                "region": in_words(region),
                "bounds": [
                    {"path": b.input.path, "above": b.low, "below": b.high} for b in region.bounds
                ],
                "density": region.density,
                "se": region.se,
                "coverage": region.coverage,
                "share": region.share,
            }
            for region in found.regions
        ),
        (
            f"Regions from a decision tree grown on half of {found.replications:,} replications "
            "and measured on the other half.",
            _quality(found.told_apart),
            *(
                ["Few replications: another seed may find other regions; run more of them."]
                if found.replications < MANY
                else []
            ),
            *assumed_note(used),
        ),
        {
            "event": str(found.event),
            "overall": found.overall,
            "area_under_curve": found.told_apart,
            "replications": found.replications,
            "seed": found.seed,
        },
        found,
        draw,
    )


def in_words(region: Region, *, marked: bool = False) -> str:
    """``research 2025 is above 412m and supply price is below 31%``."""
    return " and ".join(_bound(bound, marked) for bound in region.bounds) or "anything holds"


def _bound(bound: Bound, marked: bool) -> str:
    name = said(bound.input) if marked else bound.input.label
    low, high = (own_amount(bound.input, value) for value in (bound.low, bound.high))
    if math.isinf(bound.low):
        return f"{name} is below {high}"
    if math.isinf(bound.high):
        return f"{name} is above {low}"
    return f"{name} is between {low} and {high}"


def _quality(area: float) -> str:
    if area < 0.6:
        said_of = "inputs say next to nothing about it: it is mostly luck"
    elif area < 0.75:
        said_of = "inputs tell a part of it"
    else:
        said_of = "inputs tell most of it"
    return (
        f"Given one case and one other replication, the tree tells which is which in "
        f"{share(area)} of the pairs: {said_of}."
    )
