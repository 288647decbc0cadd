"""Whether two engines tell the same: every array, its type, or that there were too few draws."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from cartsim.simulation import Engine
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import NO_DOSE, Timelines, TooFewDraws


def told(engine: Engine, plan: Plan, journeys: Journeys) -> Timelines | None:
    """The facts, or ``None`` where the engine asks for more draws."""
    try:
        return engine(plan, journeys)
    except TooFewDraws:
        return None


def assert_same(one: Timelines | None, other: Timelines | None) -> None:
    assert (one is None) == (other is None), "only one of them has draws enough"
    if one is None or other is None:
        return
    for fact in fields(Timelines):
        left, right = getattr(one, fact.name), getattr(other, fact.name)
        assert left.dtype == right.dtype, fact.name
        np.testing.assert_array_equal(left, right, err_msg=fact.name)


BY_ROW = ("route", "market", "order", "doses", "shelf_life", "patience", "clock", "bridging")
BY_ROW += ("risk", "acceptable")
BY_ATTEMPT = ("duration", "outcome")
BY_EVENT = ("disruption_time", "disruption_length", "disruption_kind")
OF_ALL = ("capacity_time", "opening_time", "opening", "campaign_time", "campaign_stock")


def journeys_alone(journeys: Journeys, replication: int) -> Journeys:
    """Those of one replication of a block, as a block."""
    first, following = journeys.first[replication : replication + 2]
    rows = slice(first, following)
    attempts = slice(*journeys.attempt_first[[first, following]])
    begin, end = journeys.disruption_first[replication : replication + 2]
    changed = {
        "first": np.asarray([0, following - first]),
        "lots_first": journeys.lots_first[[replication]] - first,
        "attempt_first": journeys.attempt_first[first : following + 1] - attempts.start,
        "disruption_first": np.asarray([0, end - begin]),
    }
    for names, part in ((BY_ROW, rows), (BY_ATTEMPT, attempts), (BY_EVENT, slice(begin, end))):
        changed |= {name: getattr(journeys, name)[part] for name in names}
    rest = {field.name for field in fields(Journeys)} - set(changed) - set(OF_ALL)
    changed |= {name: getattr(journeys, name)[[replication]] for name in rest}
    return replace(journeys, **changed)


def facts_alone(journeys: Journeys, facts: Timelines, replication: int) -> Timelines:
    """Those of one replication of a block, as those of a block."""
    first, following = journeys.first[replication : replication + 2]
    attempts = slice(*journeys.attempt_first[[first, following]])
    parts = (
        (attempts, ("ready", "start", "end", "result", "chosen", "source")),
        (slice(first, following), ("state", "step", "attempt", "left", "made", "expired")),
        (slice(replication, replication + 1), ("ordered", "arrived")),
    )
    part = {name: getattr(facts, name)[of] for of, names in parts for name in names}
    part["source"] = np.where(part["source"] == NO_DOSE, NO_DOSE, part["source"] - first)
    return Timelines(**part)
