"""From a scenario to the plan, the capacities and the journeys of its patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache

import numpy as np
import pytest

from cartsim.demand.arrivals import Arrivals, arrivals
from cartsim.demand.orders import demand
from cartsim.errors import ScenarioError
from cartsim.sampling.drawn import Drawn, draw
from cartsim.scenario.load import load_text
from cartsim.scenario.model import Scenario
from cartsim.scenario.values import Quantity
from cartsim.simulation.compile import compile_plan
from cartsim.simulation.drawing import draw_journeys, estimate
from cartsim.simulation.drawing.places import capacities
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import (
    FAILED,
    NO_RETRY,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Plan,
)
from cartsim.units import DAYS_PER_MONTH, MINUTES_PER_DAY, NEVER, Floats, Ints, minutes

TWO_PRODUCTS = """
cartsim: 1
title: two products in one plant
run: {start: 2024-01-01, years: 2, replications: 8, seed: 5}
currency: CNY
company:
  opening_cash: 1bn
  tax: {rate: 25%}
  discount_rate: 10%
products:
  first_cel:
    workflow: autologous
    launch: 2024-01-01
    plant: works
    route:
      order: [scheduling, apheresis, production, testing, transport, infusion]
      steps:
        scheduling: {duration: {gamma: {mean: 10, sd: 4}}}
        apheresis: {role: collection, duration: 1, resource: chair}
        production:
          role: production
          resource: line
          duration: {gamma: {mean: {uniform: [8, 11]}, sd: 1}}
          success: {uniform: [60%, 80%]}
          success_on_retry: 50%
          on_failure: {retry_from: apheresis, attempts: 3}
        testing:
          role: testing
          duration: {uniform: [5, 9]}
          out_of_specification: 40%
          released_under_exception: 50%
          on_failure: {retry_from: production, attempts: 4}
        transport: {role: delivery, duration: 1.5}
        infusion: {role: infusion, duration: 14, resource: bed}
    attrition: {before_collection: {uniform: [4%, 12%]}, after_collection: 5%}
    markets:
      mainland: {orders: {per_month: 5, arrivals: poisson}, price: {list: 1m}}
      abroad: {orders: {per_month: 3, arrivals: poisson}, price: {list: 1m}}
  second_cel:
    workflow: autologous
    launch: 2024-02-01
    plant: works
    route:
      order: [apheresis, production, transport, infusion]
      steps:
        apheresis: {role: collection, duration: 1, resource: chair}
        production: {role: production, duration: {gamma: {mean: 9, sd: 2}}, resource: line}
        transport: {role: delivery, duration: 1}
        infusion: {role: infusion, duration: 14, resource: bed}
    attrition: {before_collection: 0%, after_collection: 5%}
    markets:
      mainland: {orders: {per_month: 4, arrivals: poisson}, price: {list: 1m}}
plants:
  works:
    resources:
      chair: {capacity: 3}
      line: {capacity: {steps: [{from: 2024-01-01, value: 4}, {from: 2024-03-15, value: 6}]}}
      bed: {capacity: {2024: {uniform: [4, 8]}, 2025: 9}}
"""
FIRST, SECOND = 0, 1


def scenario(overrides: Mapping[str, object] | None = None) -> Scenario:
    return load_text(TWO_PRODUCTS, overrides=overrides).model


def block(
    model: Scenario, replications: range = range(8), seed: int = 5
) -> tuple[Plan, Drawn, Arrivals, Journeys]:
    plan = compile_plan(model)
    drawn = draw(model, seed, replications)
    coming = arrivals(model, drawn, demand(model, drawn))
    room = estimate(model, plan, drawn, coming)
    return plan, drawn, coming, draw_journeys(model, plan, drawn, coming, room)


def test_names_become_indices() -> None:
    plan = compile_plan(scenario())
    assert set(plan.resources) == {"works.chair", "works.line", "works.bed"}
    assert [route.product for route in plan.routes] == ["first_cel", "second_cel"]
    first = plan.routes[FIRST]
    assert [step.name for step in first.steps] == [
        "scheduling",
        "apheresis",
        "production",
        "testing",
        "transport",
        "infusion",
    ]
    assert (first.collection, first.delivery, first.infusion) == (1, 4, 5)
    production = first.steps[2]
    assert [plan.resources[r] for r in production.resource] == ["works.line"]
    assert [(f.retry_from, f.attempts) for f in production.failures] == [(1, 3)]
    assert first.steps[0].resource == ()
    assert [f.retry_from for f in first.steps[0].failures] == [NO_RETRY]
    assert (plan.attempts, plan.steps) == (4, 6)
    assert sorted((m.product, m.name) for m in plan.markets) == [
        (0, "abroad"),
        (0, "mainland"),
        (1, "mainland"),
    ]
    assert plan.horizon == (366 + 365) * MINUTES_PER_DAY


def test_markets_of_the_plan_are_those_of_the_demands() -> None:
    model = scenario()
    plan, drawn, _, _ = block(model)
    names = [(plan.products[market.product], market.name) for market in plan.markets]
    assert names == [(item.product, item.market) for item in demand(model, drawn)]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "products.first_cel.route.order",
            ["apheresis", "production", "testing", "transport", "infusion", "scheduling"],
            "'scheduling' comes after it",
        ),
        ("products.second_cel.route.steps.infusion.success", "99%", "cannot fail"),
        ("products.second_cel.route.steps.infusion.out_of_specification", "1%", "cannot fail"),
    ],
)
def test_the_infusion_ends_a_route(path: str, value: object, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario({path: value})


def test_each_cell_is_the_draw_of_its_lot() -> None:
    """Every duration and outcome, looked up one by one along the attempts of each patient."""
    model = scenario()
    plan, drawn, coming, chance = block(model, range(4))
    size = int(np.diff(coming.first).max())

    @cache
    def days(product: str, step: str, attempt: int) -> Floats:
        quantity = model.products[product].route.steps[step].duration
        return drawn.by_index(quantity, size, attempt + 1)

    @cache
    def uniform(path: str) -> Floats:
        return drawn.uniform(path, size)

    seen = np.zeros(chance.duration.shape, dtype=bool)
    for row, product in enumerate(coming.product):
        replication = int(np.searchsorted(coming.first, row, side="right")) - 1
        place = (replication, coming.ordinal[row])
        route = plan.routes[product]
        steps = model.products[route.product].route.steps
        attempt, begin = 0, 0
        while begin != NO_RETRY:
            again = NO_RETRY
            failed_already = False
            for index in range(begin, len(route.steps)):
                planned = route.steps[index]
                step = steps[planned.name]
                cell = (int(chance.attempt_first[row]) + attempt, index)
                seen[cell] = True
                assert chance.duration[cell] == minutes(
                    days(route.product, planned.name, attempt)[place]
                )
                suffix = f"#{attempt + 1}" if attempt else ""

                def lies_below(
                    chance: Quantity,
                    name: str,
                    stream: str = f"{step.path}.{{}}{suffix}",
                    place: tuple[int, int] = place,
                ) -> bool:
                    return bool(uniform(stream.format(name))[place] < drawn.value(chance)[place[0]])

                success = step.success
                if attempt and step.success_on_retry is not None:
                    success = step.success_on_retry
                if not lies_below(success, "outcome"):
                    expected = FAILED
                elif not lies_below(step.out_of_specification, "specification"):
                    expected = SUCCESS
                elif lies_below(step.released_under_exception, "exception"):
                    expected = RELEASED_UNDER_EXCEPTION
                else:
                    expected = REJECTED
                assert chance.outcome[cell] == expected
                if expected in (FAILED, REJECTED) and not failed_already:
                    failed_already = True
                    for failure in planned.failures:
                        if attempt + 1 < failure.attempts:
                            again = failure.retry_from
            attempt, begin = attempt + 1, again
        assert attempt == chance.attempt_first[row + 1] - chance.attempt_first[row]
    assert (chance.duration[~seen] == -1).all()
    assert (chance.outcome[~seen] == SUCCESS).all()
    assert seen[:, 3].any()
    assert set(np.unique(chance.outcome)) == {SUCCESS, FAILED, RELEASED_UNDER_EXCEPTION, REJECTED}


def nth_attempt(chance: Journeys, attempt: int) -> Ints:
    """Rows of the attempts with this number, from 0."""
    number = np.arange(len(chance.duration)) - np.repeat(
        chance.attempt_first[:-1], np.diff(chance.attempt_first)
    )
    return np.flatnonzero(number == attempt)


def test_outcomes_have_their_probabilities() -> None:
    model = scenario({"products.first_cel.route.steps.production.success": "70%"})
    _, _, coming, chance = block(model, range(400))
    of_first = chance.attempt_first[:-1][coming.product == FIRST]
    made = chance.outcome[of_first, 2]
    tested = chance.outcome[of_first, 3]
    retried = nth_attempt(chance, 1)
    again = chance.outcome[retried, 2][chance.duration[retried, 2] >= 0]
    for found, truth in [
        (made == FAILED, 0.3),
        (again == FAILED, 0.5),
        (tested == RELEASED_UNDER_EXCEPTION, 0.2),
        (tested == REJECTED, 0.2),
    ]:
        assert abs(found.mean() - truth) < 4 * np.sqrt(truth * (1 - truth) / found.size)


def test_clocks_follow_the_hazards() -> None:
    """Patience x hazard is exponential with mean 1, whatever the hazard; without one none leaves
    before collection, and the hazard after it waits for that."""
    model = scenario()
    plan, drawn, coming, chance = block(model, range(400))
    replication = np.repeat(np.arange(400), np.diff(coming.first))
    first, second = coming.product == FIRST, coming.product == SECOND
    attrition = model.products["first_cel"].attrition
    before = drawn.value(attrition.before_collection)[replication[first]]
    unit = chance.patience[first] / MINUTES_PER_DAY / DAYS_PER_MONTH * before
    np.testing.assert_allclose(unit, chance.clock[first], atol=1e-4)
    assert abs(unit.mean() - 1) < 4 / np.sqrt(unit.size)
    assert abs((unit > 1).mean() - np.exp(-1)) < 4 * 0.4822 / np.sqrt(unit.size)
    per_month = MINUTES_PER_DAY * DAYS_PER_MONTH
    np.testing.assert_allclose(
        chance.hazard_before[:, FIRST] * per_month, drawn.value(attrition.before_collection)
    )
    np.testing.assert_allclose(chance.hazard_after * per_month, 0.05)
    assert (chance.patience[second] == NEVER).all()
    assert abs(chance.clock[second].mean() - 1) < 4 / np.sqrt(second.sum())
    assert plan.routes[FIRST].product == "first_cel"


def test_weibull_clocks_have_their_survival() -> None:
    """exp(-(h t) ** k) of the patients are still there after t."""
    model = scenario(
        {
            "products.first_cel.attrition.before_collection": "10%",
            "products.first_cel.attrition.shape": 2.0,
        }
    )
    _, _, coming, chance = block(model, range(400))
    months = chance.patience[coming.product == FIRST] / MINUTES_PER_DAY / DAYS_PER_MONTH
    for after in (3.0, 8.0, 15.0):
        truth = np.exp(-((0.1 * after) ** 2))
        error = np.sqrt(truth * (1 - truth) / months.size)
        assert abs((months > after).mean() - truth) < 4 * error


def test_a_block_is_the_sum_of_its_replications() -> None:
    model = scenario()
    _, _, _, together = block(model, range(3, 7))
    parts = [block(model, range(k, k + 1))[3] for k in range(3, 7)]
    running = ("first", "lots_first", "attempt_first", "disruption_first")
    common = ("capacity_time", "capacity", "opening_time", "opening")
    for fact in fields(Journeys):
        if fact.name not in (*running, *common, "campaign_time", "campaign_stock"):
            joined = np.concatenate([getattr(part, fact.name) for part in parts])
            np.testing.assert_array_equal(getattr(together, fact.name), joined, fact.name)
    np.testing.assert_array_equal(np.diff(together.first), [part.order.size for part in parts])


def test_another_failure_rate_changes_no_other_draw() -> None:
    """Common random numbers: what both scenarios draw, they draw alike."""
    _, _, _, base = block(scenario())
    better = scenario({"products.first_cel.route.steps.production.success": "95%"})
    _, _, _, other = block(better)
    np.testing.assert_array_equal(base.order, other.order)
    # the same attempts, row by row
    most = np.minimum(np.diff(base.attempt_first), np.diff(other.attempt_first))
    nth = np.arange(int(most.sum())) - np.repeat(np.cumsum(most) - most, most)
    ours = base.duration[np.repeat(base.attempt_first[:-1], most) + nth]
    theirs = other.duration[np.repeat(other.attempt_first[:-1], most) + nth]
    both = (ours >= 0) & (theirs >= 0)
    assert both[nth == 1].any()
    np.testing.assert_array_equal(ours[both], theirs[both])
    np.testing.assert_array_equal(base.patience, other.patience)
    failed = [
        (found.outcome[found.attempt_first[:-1], 2] == FAILED).sum() for found in (other, base)
    ]
    assert failed[0] < failed[1]


def test_steps_of_capacity_take_effect_on_their_date_and_years_in_january() -> None:
    model = scenario()
    plan, drawn, _, chance = block(model)
    line, bed = plan.resources.index("works.line"), plan.resources.index("works.bed")
    days = chance.capacity_time // MINUTES_PER_DAY
    assert days.tolist() == [0, 31 + 29 + 14, 366]
    assert chance.capacity[:, :, line].tolist() == [[4, 6, 6]] * 8
    beds = next(model.plants["works"].resources["bed"].capacity.quantities())
    whole = np.floor(drawn.value(beds) + 0.5)
    np.testing.assert_array_equal(chance.capacity[:, 0, bed], whole)
    assert len(set(whole)) > 1
    assert (chance.capacity[:, 2, bed] == 9).all()


@pytest.mark.parametrize(
    ("capacity", "days", "places"),
    [
        (7, [0], [7]),
        ("7.5", [0], [8]),
        # of the steps before the start the last counts; one at or after the end never comes
        (
            {
                "steps": [
                    {"from": "2020-01-01", "value": 1},
                    {"from": "2023-06-01", "value": 2},
                    {"from": "2024-01-02", "value": 3},
                    {"from": "2026-01-01", "value": 9},
                ]
            },
            [0, 1],
            [2, 3],
        ),
        ({"steps": [{"from": "2025-01-01", "value": 5}]}, [0], [5]),
    ],
)
def test_forms_of_capacity(capacity: object, days: list[int], places: list[int]) -> None:
    time, line = capacity_of_line(capacity)
    assert (time // MINUTES_PER_DAY).tolist() == days
    assert line.tolist() == [places, places]


def test_a_ramp_of_capacity_goes_month_by_month() -> None:
    ramp = {"ramp": {"from": "2024-01-01", "to": "2024-07-01", "start": 2, "end": 14}}
    time, line = capacity_of_line(ramp)
    assert (time // MINUTES_PER_DAY).tolist() == [0, 31, 60, 91, 121, 152, 182]
    assert line[0].tolist() == [3, 5, 7, 9, 11, 13, 14]


def capacity_of_line(capacity: object) -> tuple[Ints, Ints]:
    """Minutes and places [R, K] of the line, when the other resources never change."""
    path = "plants.works.resources"
    model = scenario(
        {
            f"{path}.line.capacity": capacity,
            f"{path}.chair.capacity": 1,
            f"{path}.bed.capacity": 1,
        }
    )
    time, places = capacities(model, draw(model, 1, range(2)))
    return time, places[:, :, compile_plan(model).resources.index("works.line")]


def test_only_the_lots_asked_for_are_drawn_and_alike() -> None:
    model = scenario()
    drawn = draw(model, 5, range(3))
    quantity = model.products["first_cel"].route.steps["production"].duration
    dense = drawn.by_index(quantity, 40, 2)
    row, index = np.asarray([0, 0, 1, 1, 2, 2]), np.asarray([3, 39, 0, 0, 17, 4])
    some = drawn.at_places(quantity, row, index, 2)
    np.testing.assert_array_equal(some, dense[row, index])
    fixed = model.products["first_cel"].route.steps["transport"].duration
    assert drawn.at_places(fixed, row, index, 2) == 1.5


def test_without_patients_there_are_no_journeys() -> None:
    overrides = {
        f"products.{product}.markets.{market}.orders.per_month": 0
        for product, market in [
            ("first_cel", "mainland"),
            ("first_cel", "abroad"),
            ("second_cel", "mainland"),
        ]
    }
    _, _, _, chance = block(scenario(overrides))
    assert chance.duration.shape == (0, 6)
    assert chance.first.tolist() == [0] * 9
