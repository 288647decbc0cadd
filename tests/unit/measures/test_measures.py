"""Measures of facts that were built by hand, against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from unit.economics.company_by_hand import (
    APHERESIS,
    PRODUCTION,
    TESTING,
    Company,
    Patient,
    Visit,
    company,
    facts,
    well,
)

from cartsim.economics.events import Records
from cartsim.measures import Facts, Outcomes, outcomes
from cartsim.simulation.plan import FAILED, SUCCESS
from cartsim.simulation.timelines import DISCARDED, IN_PROCESS, LOST_MANUFACTURING, LOST_WAITING
from cartsim.units import MINUTES_PER_DAY

# Days since 1 January 2024: 1 February is 31, 1 July 182, 1 January 2025 366.


def with_line(made: Company) -> Company:
    """The company's production held on a line, `works.line`."""
    (route,) = made.plan.routes
    steps = list(route.steps)
    steps[PRODUCTION] = replace(steps[PRODUCTION], resource=(0,))
    plan = replace(
        made.plan, resources=("works.line",), routes=(replace(route, steps=tuple(steps)),)
    )
    return replace(made, plan=plan)


def told(
    patients: list[Patient],
    made: Company | None = None,
    capacity: dict[int, int] | None = None,
) -> Facts:
    """Facts of the company; ``capacity`` is the number of lines from each day on."""
    made = with_line(made or company())
    journeys, timelines = facts(patients, made.replications)
    days = capacity or {0: 1}
    places = np.asarray(list(days.values()), dtype=np.int64)[None, :, None]
    journeys = replace(
        journeys,
        capacity_time=np.asarray(list(days), dtype=np.int64) * MINUTES_PER_DAY,
        capacity=np.repeat(places, made.replications, axis=0),
        changeover=np.zeros((made.replications, 1), dtype=np.int64),
    )
    records = Records(made.plan, journeys, timelines)
    statement = replace(made.statement(patients), records=records)
    return Facts(made.scenario, made.drawn, (), statement)


def value(found: Outcomes, name: str, period: str, replication: int = 0) -> float:
    names = [(c.name, c.period) for c in found.columns]
    return float(found.values[replication, names.index((name, period))])


def values(found: Outcomes, name: str, *periods: str) -> list[float]:
    return [value(found, name, period) for period in periods]


def test_counts_fall_into_the_periods_of_their_events() -> None:
    # Ordered in January, June and July 2024 and December 2024; infused 17 days after apheresis.
    patients = [well(4, 29), well(170, 175), well(190, 195, market=1), well(360, 364)]
    found = outcomes(told(patients))
    assert values(found, "orders", "2024", "2025", "all") == [4, 0, 4]
    assert values(found, "orders", "2024H1", "2024H2", "2024Q1", "2024Q2") == [2, 2, 1, 1]
    assert values(found, "infusions", "2024", "2025", "2024Q1") == [3, 1, 1]
    assert values(found, "orders@alpha", "2024", "2025") == [4, 0]
    assert values(found, "orders@alpha.home", "2024H1", "2024H2") == [2, 1]
    assert values(found, "orders@alpha.abroad", "2024H1", "2024H2") == [0, 1]
    assert values(found, "in_process", "2024", "2025", "all") == [1, 0, 0]


def test_fates_of_patients_and_lots() -> None:
    repeated = Patient(
        order=0,
        visits=(
            Visit(APHERESIS, 1, 2, SUCCESS),
            Visit(PRODUCTION, 2, 10, FAILED),
            Visit(APHERESIS, 10, 11, SUCCESS, attempt=1),
            Visit(PRODUCTION, 11, 19, FAILED, attempt=1),
        ),
        state=LOST_MANUFACTURING,
        left=19,
    )
    gone = Patient(
        order=0,
        visits=(Visit(APHERESIS, 1, 2, SUCCESS), Visit(PRODUCTION, 2, 10, DISCARDED)),
        state=LOST_WAITING,
        left=5,
    )
    going_on = Patient(order=700, visits=(Visit(APHERESIS, 725),), state=IN_PROCESS)
    found = outcomes(told([repeated, gone, going_on]))
    assert values(found, "apheresis", "2024", "2025") == [3, 1]
    assert values(found, "lots_started", "2024", "2025") == [3, 0]
    assert values(found, "lots_failed", "2024", "2025") == [2, 0]
    assert values(found, "lost_manufacturing", "2024", "2024H2") == [1, 0]
    assert values(found, "lost_waiting", "2024", "2024H2") == [1, 0]
    assert values(found, "in_process", "2024", "all") == [0, 1]
    # Three aphereses at 1,000 and three lots at 50,000; the apheresis of 2025 has no lot.
    assert value(found, "cost_per_started_lot", "2024") == pytest.approx(51_000)
    assert np.isnan(value(found, "cost_per_started_lot", "2025"))


def test_times_are_means_over_the_patients_of_the_event() -> None:
    # 17 days from apheresis to infusion each; orders 25, 5 and 7 days before the apheresis.
    found = outcomes(told([well(4, 29), well(170, 175), well(360, 367)]))
    assert values(found, "vein_to_vein_days", "2024", "2025") == [17, 17]
    assert values(found, "turnaround_days", "2024", "2025") == [16, 16]
    assert values(found, "order_to_infusion_days", "2024Q1", "2024H2", "2025") == [42, 22, 24]
    # Infused on day 192 (July), so the second patient belongs to the second half.
    assert values(found, "order_to_infusion_days", "2024", "all") == [32, pytest.approx(88 / 3)]
    assert np.isnan(value(found, "vein_to_vein_days", "2024Q2"))


def test_vein_to_vein_starts_with_the_collection_that_was_used() -> None:
    first = (Visit(APHERESIS, 1, 2, SUCCESS), Visit(PRODUCTION, 2, 10, FAILED))
    again = replace(
        well(0, 10), visits=first + tuple(replace(v, attempt=1) for v in well(0, 10).visits)
    )
    kept = replace(
        well(0, 10), visits=first + tuple(replace(v, attempt=1) for v in well(0, 10).visits[1:])
    )
    assert value(outcomes(told([again])), "vein_to_vein_days", "2024") == 17
    assert value(outcomes(told([kept])), "vein_to_vein_days", "2024") == 26


def test_utilisation_is_held_over_available_place_time() -> None:
    # One lot from day 30 to 38: 1 day of January, 7 of February; one from day 360 to 368.
    patients = [well(4, 29), well(340, 359)]
    found = outcomes(told(patients, capacity={0: 2, 31: 1, 366: 4}))
    name = "utilisation:works.line"
    held_in_first_quarter, there = 8, 31 * 2 + 60
    assert value(found, name, "2024Q1") == pytest.approx(held_in_first_quarter / there)
    assert value(found, name, "2024") == pytest.approx((8 + 6) / (62 + 335))
    assert value(found, name, "2025") == pytest.approx(2 / (365 * 4))
    assert value(found, name, "all") == pytest.approx(16 / (62 + 335 + 1460))


def test_a_step_without_an_end_holds_its_place_to_the_horizon() -> None:
    # Production starts on 1 November 2025 (day 670) and never ends within the run.
    late = Patient(
        order=660,
        visits=(Visit(APHERESIS, 669, 670, SUCCESS), Visit(PRODUCTION, 670)),
        state=IN_PROCESS,
    )
    found = outcomes(told([late]))
    assert value(found, "utilisation:works.line", "2025Q4") == pytest.approx(61 / 92)
    assert value(found, "utilisation:works.line", "2024") == 0


def test_without_places_there_is_no_utilisation() -> None:
    found = outcomes(told([], capacity={0: 0, 366: 1}))
    assert np.isnan(value(found, "utilisation:works.line", "2024"))
    assert value(found, "utilisation:works.line", "2025") == 0


def test_waits_for_a_resource_count_where_the_step_starts() -> None:
    made = told([well(4, 29), well(340, 359)])
    made.timelines.ready[0, PRODUCTION] -= 3 * MINUTES_PER_DAY
    made.timelines.ready[2, TESTING] -= 5 * MINUTES_PER_DAY
    found = outcomes(made)
    assert value(found, "wait_days:works.line", "2024Q1") == 3
    assert value(found, "wait_days:works.line", "2024") == 1.5


def test_money_is_summed_and_balances_are_read_at_the_end() -> None:
    # At home 1.03m less 3% tax and 10% deductions: 0.9m on delivery (day 46, February). A lot is
    # 65,000: apheresis, vector, media, tests, courier. Administration is 1.2m a year.
    made = company({"company.administration": "1.2m", "company.opening_cash": "1m"})
    found = outcomes(told([well(4, 29)], made))
    assert values(found, "revenue", "2024", "2025", "all") == pytest.approx([0.9e6, 0, 0.9e6])
    assert values(found, "revenue@alpha.home", "2024Q1") == pytest.approx([0.9e6])
    assert values(found, "revenue@alpha.abroad", "2024") == [0]
    assert values(found, "cost_of_goods", "2024") == pytest.approx([65_000])
    assert values(found, "cost_per_infused_dose", "2024") == pytest.approx([65_000])
    assert np.isnan(value(found, "cost_per_infused_dose", "2025"))
    assert values(found, "operating_result", "2024", "2025") == pytest.approx([-365e3, -1.2e6])
    assert values(found, "opening_cash", "2024", "2025") == pytest.approx([1e6, 635e3])
    assert values(found, "closing_cash", "2024", "2025", "all") == pytest.approx(
        [635e3, -565e3, -565e3]
    )
    assert values(found, "cumulative_net_result", "2024", "2025") == pytest.approx(
        [-365e3, -1.565e6]
    )
    assert values(found, "funding_gap", "2024", "2025") == pytest.approx([0, 565e3])
    assert values(found, "peak_funding", "all") == pytest.approx([565e3])
    # 635,000 at 100,000 a month (of 30.4 days) lasts to the middle of the seventh month of 2025.
    assert values(found, "runway_months", "all") == [18]
    assert values(found, "out_of_cash", "2024", "2025H1", "2025Q3", "2025") == [0, 0, 1, 1]


def test_the_bridge_from_orders_to_revenue() -> None:
    # Two orders at 1.03m in 2024; one is delivered, the other is in process at the year's end.
    found = outcomes(told([well(4, 29), well(360, 364)]))
    names = ("gross_order_value", "not_yet_delivered", "value_added_tax", "deductions", "revenue")
    assert [value(found, name, "2024") for name in names] == pytest.approx(
        [2.06e6, 1.03e6, 30e3, 100e3, 0.9e6]
    )


def test_every_replication_has_its_own_row() -> None:
    made = company(replications=3)
    found = outcomes(
        told([well(4, 29), well(4, 29, replication=2), well(9, 29, replication=2)], made)
    )
    assert found.replications == range(3)
    assert [value(found, "orders", "2024", r) for r in range(3)] == [1, 0, 2]
    assert [value(found, "utilisation:works.line", "2024Q1", r) for r in range(3)] == pytest.approx(
        [8 / 91, 0, 16 / 91]
    )


def test_money_is_named_in_the_currency_of_the_scenario() -> None:
    units = {c.name: c.unit for c in outcomes(told([])).columns}
    assert units["revenue"] == "CNY"
    assert units["cost_per_infused_dose"] == "CNY/dose"
    assert units["orders"] == "patients"


def test_a_run_without_patients_has_no_times_and_zero_counts() -> None:
    found = outcomes(told([]))
    assert values(found, "orders", "2024", "all") == [0, 0]
    assert np.isnan(value(found, "vein_to_vein_days", "all"))
    assert np.isnan(value(found, "order_to_infusion_days@alpha", "all"))
