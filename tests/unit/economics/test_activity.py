"""Facts become monthly counts and lot costs, in the month and with the fate that they had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from unit.economics.company_by_hand import (
    APHERESIS,
    DELIVERY,
    PRODUCTION,
    TESTING,
    Company,
    Patient,
    Visit,
    company,
    facts,
    well,
)

from cartsim.economics.activity import Activity, activity
from cartsim.economics.events import Records
from cartsim.economics.grid import Grid
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import FAILED, REJECTED, RELEASED_UNDER_EXCEPTION, SUCCESS
from cartsim.simulation.timelines import (
    DISCARDED,
    IN_PROCESS,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    Timelines,
)


def count(patients: list[Patient], replications: int = 1) -> Activity:
    made = company(replications=replications)
    journeys, timelines = facts(patients, replications)
    return counted_in(made, journeys, timelines)


def counted_in(made: Company, journeys: Journeys, timelines: Timelines) -> Activity:
    grid = Grid.of(made.drawn.calendar, made.plan, journeys)
    return activity(made.scenario, made.drawn, grid, Records(made.plan, journeys, timelines))


def months(table: np.ndarray, market: int = 0, replication: int = 0) -> dict[int, float]:
    row = table[market, replication]
    return {int(month): float(row[month]) for month in np.flatnonzero(row)}


def test_every_event_falls_into_its_own_month() -> None:
    # Apheresis on 30 January, production on 31 January, delivered 15 February.
    counted = count([well(order=4, start=29)])
    assert months(counted.orders) == {0: 1}
    assert months(counted.collections) == {0: 1}
    assert months(counted.lots_started) == {0: 1}
    assert months(counted.deliveries) == {1: 1}
    assert months(counted.infusions) == {1: 1}
    assert months(counted.lots_failed) == months(counted.lost_waiting) == {}
    assert months(counted.cost_variable) == {0: 51_000, 1: 14_000}
    assert months(counted.cost_failed) == {}


def test_the_last_minute_of_a_month_belongs_to_it() -> None:
    made = company()
    journeys, timelines = facts([well(order=30, start=40)], 1)
    journeys = replace(journeys, order=np.asarray([31 * 1440 - 1]))
    counted = counted_in(made, journeys, timelines)
    assert months(counted.orders) == {0: 1}
    journeys = replace(journeys, order=np.asarray([31 * 1440]))
    counted = counted_in(made, journeys, timelines)
    assert months(counted.orders) == {1: 1}


def test_markets_and_replications_are_kept_apart() -> None:
    patients = [
        well(1, 2),
        well(1, 2, market=1),
        well(3, 4, replication=2),
        well(40, 41, market=1, replication=2),
    ]
    counted = count(patients, replications=3)
    assert counted.markets == ("alpha.home", "alpha.abroad")
    assert counted.orders.sum(axis=2).tolist() == [[1, 0, 1], [1, 0, 1]]
    assert months(counted.deliveries, market=1, replication=2) == {1: 1}
    assert counted.total("orders").sum() == counted.of("orders", "alpha.home").sum() + 2


def test_a_failed_attempt_is_a_failed_lot_with_all_its_costs() -> None:
    retry = tuple(Visit(v.step, v.start, v.end, v.result, attempt=1) for v in well(4, 40).visits)
    first = (
        Visit(APHERESIS, 10, 11, SUCCESS),
        Visit(PRODUCTION, 11, 19, SUCCESS),
        Visit(TESTING, 19, 32, REJECTED),
    )
    counted = count([Patient(4, first + retry, left=57)])
    assert months(counted.lots_started) == {0: 1, 1: 1}
    assert months(counted.lots_failed) == {1: 1}
    assert months(counted.cost_failed) == {0: 61_000}
    assert months(counted.cost_variable) == {1: 65_000}


def test_a_patient_lost_to_manufacturing() -> None:
    visits = tuple(
        Visit(step, start + 20 * attempt, end + 20 * attempt, result, attempt)
        for attempt in (0, 1)
        for step, start, end, result in [
            (APHERESIS, 5, 6, SUCCESS),
            (PRODUCTION, 6, 14, FAILED),
        ]
    )
    counted = count([Patient(4, visits, LOST_MANUFACTURING, left=34)])
    assert months(counted.lots_failed) == {0: 1, 1: 1}
    assert months(counted.lost_manufacturing) == {1: 1}
    assert months(counted.cost_failed) == {0: 102_000}
    assert months(counted.deliveries) == months(counted.cost_variable) == {}


def test_a_lot_whose_patient_left_in_the_step_or_in_the_queue_is_wasted() -> None:
    in_step = (
        Visit(APHERESIS, 5, 6, SUCCESS),
        Visit(PRODUCTION, 6, 14, DISCARDED),
    )
    in_queue = (Visit(APHERESIS, 5, 6, SUCCESS),)
    on_the_way = (*well(4, 5).visits[:3], Visit(DELIVERY, 21, 22, DISCARDED))
    counted = count(
        [
            Patient(4, in_step, LOST_WAITING, left=10),
            Patient(4, in_queue, LOST_WAITING, left=40),
            Patient(4, on_the_way, LOST_WAITING, left=21),
        ],
    )
    assert months(counted.lost_waiting) == {0: 2, 1: 1}
    assert months(counted.lots_failed) == {}, "no lot failed by itself"
    assert months(counted.deliveries) == {}
    assert months(counted.cost_failed) == {0: 51_000 + 1_000 + 65_000}
    assert months(counted.cost_variable) == {}


def test_a_dose_delivered_to_a_patient_who_then_died_is_delivered() -> None:
    visits = well(4, 5).visits[:4]
    counted = count([Patient(4, visits, LOST_WAITING, left=50)])
    assert months(counted.deliveries) == {0: 1}
    assert months(counted.infusions) == {}
    assert months(counted.lost_waiting) == {1: 1}
    assert months(counted.cost_variable) == {0: 65_000}
    assert months(counted.cost_failed) == {}


def test_costs_of_lots_still_in_process_are_variable() -> None:
    visits = (Visit(APHERESIS, 699, 700, SUCCESS), Visit(PRODUCTION, 730))
    counted = count([Patient(698, visits, IN_PROCESS)])
    assert months(counted.cost_variable) == {22: 1_000, 23: 50_000}
    assert months(counted.cost_failed) == {}


def test_a_dose_out_of_specification_is_counted_apart() -> None:
    visits = list(well(4, 5).visits)
    visits[TESTING] = Visit(TESTING, 14, 21, RELEASED_UNDER_EXCEPTION)
    counted = count([Patient(4, tuple(visits), INFUSED_OUT_OF_SPECIFICATION, left=22), well(9, 12)])
    assert months(counted.infusions) == {0: 2}
    assert months(counted.infused_out_of_specification) == {0: 1}
    assert months(counted.deliveries) == {0: 2}


def test_a_block_without_patients() -> None:
    counted = count([], replications=2)
    assert counted.orders.shape == (2, 2, 24)
    assert not counted.orders.any()
    assert not counted.cost_variable.any()
