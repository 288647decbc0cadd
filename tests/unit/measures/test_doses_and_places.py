"""Where every dose went, and places that are never more than full."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cartsim.measures import outcomes
from cartsim.montecarlo.block import compute_facts
from cartsim.scenario.load import load

SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.mark.parametrize("success", ["99%", "60%"])
def test_doses_are_infused_expired_lost_in_stock_or_on_their_way(success: str) -> None:
    loaded = load(
        SCENARIOS / "versus_allogeneic.yaml",
        overrides={f"products.{_product()}.route.steps.conditioning.success": success},
    )
    facts = compute_facts(loaded.model, 1, range(6), "fast")
    told = outcomes(facts)
    values = {(c.name, c.period): told.values[:, i] for i, c in enumerate(told.columns)}
    product = _product()
    bank = loaded.model.products[product].bank
    assert bank is not None
    assert bank.initial is not None
    made = values[f"doses_made@{product}", "all"] + bank.initial.doses.constant
    gone = sum(values[f"doses_{what}@{product}", "all"] for what in ("expired", "lost", "in_stock"))
    records = facts.statement.records
    attempts = records.timelines.source >= 0
    infused = attempts & (records.timelines.start[:, -1] >= 0)
    under_way = attempts & ~infused & ~records.over
    replication = records.replication[records.row]
    in_hand = np.bincount(replication[infused | under_way], minlength=6)
    np.testing.assert_allclose(made, gone + in_hand)
    assert (values[f"doses_lost@{product}", "all"] > 0).any()


def _product() -> str:
    return next(iter(load(SCENARIOS / "versus_allogeneic.yaml").model.products))


def test_no_resource_is_used_for_more_than_all_of_its_time() -> None:
    facts = compute_facts(load(SCENARIOS / "shared_plant.yaml").model, 1, range(24), "fast")
    told = outcomes(facts)
    used = [i for i, c in enumerate(told.columns) if c.name.startswith("utilisation:")]
    values = told.values[:, used]
    assert np.nanmax(values) <= 1.0
    assert np.nanmax(values) > 0.9


def test_supplies_are_never_below_nothing_and_out_for_as_long_as_counted_by_hand() -> None:
    facts = compute_facts(
        load(SCENARIOS / "critical_material_shortage.yaml").model, 1, range(4), "fast"
    )
    told = outcomes(facts)
    plan, journeys, timelines = facts.plan, facts.journeys, facts.timelines
    steps = [(i, dict(step.consumes)) for i, step in enumerate(plan.routes[0].steps)]
    for supply, consumable in enumerate(plan.consumables):
        column = [str(c) for c in told.columns].index(f"supply_out_share:{consumable.name}[all]")
        for replication in range(4):
            level = int(journeys.supply[replication, supply])
            rows = range(journeys.first[replication], journeys.first[replication + 1])
            events = [
                (int(minute), int(journeys.quantity[replication, supply]))
                for minute in timelines.arrived[replication, supply]
                if minute >= 0
            ]
            attempts = range(journeys.attempt_first[rows.start], journeys.attempt_first[rows.stop])
            for attempt in attempts:
                for step, consumes in steps:
                    start = int(timelines.start[attempt, step])
                    if start >= 0 and supply in consumes:
                        events.append((start, -consumes[supply]))
            out, last = 0, 0
            for minute, change in sorted(events, key=lambda event: (event[0], -event[1])):
                out += (minute - last) * (level < 1)
                level, last = level + change, minute
                assert level >= 0
            out += (plan.horizon - last) * (level < 1)
            assert told.values[replication, column] == pytest.approx(out / plan.horizon)
    vector = [i for i, c in enumerate(told.columns) if str(c) == "supply_out_share:vector[all]"]
    assert (told.values[:, vector] > 0.1).all()  # one orders again too late there


def test_what_goes_on_while_places_are_shut_counts_among_the_places() -> None:
    facts = compute_facts(load(SCENARIOS / "shared_plant.yaml").model, 1, range(2), "fast")
    told, journeys, horizon = outcomes(facts), facts.journeys, facts.plan.horizon
    columns = [str(column) for column in told.columns]
    beyond = 0
    for index, name in enumerate(facts.plan.resources):
        asked = facts.holdings
        for replication in range(2):
            mine = (asked.resource == index) & (asked.start >= 0)
            mine &= facts.grid.replication[asked.row] == replication
            begun = np.bincount(asked.start[mine], minlength=horizon + 1)
            ended = np.bincount(asked.free[mine], minlength=horizon + 1)
            held = np.cumsum(begun - ended)[:horizon]  # minute by minute
            at = np.searchsorted(journeys.capacity_time, np.arange(horizon), side="right") - 1
            there = np.maximum(journeys.capacity[replication, at, index], held)
            beyond += int((held > journeys.capacity[replication, at, index]).sum())
            expected = held.sum() / there.sum()
            column = columns.index(f"utilisation:{name}[all]")
            assert told.values[replication, column] == pytest.approx(expected)
    assert beyond > 0
