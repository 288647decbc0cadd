"""Each numbered rule of ``cartsim.simulation.rules`` on the smallest plan that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from cartsim.simulation import ENGINES, rules
from cartsim.simulation.plan import (
    FAILED,
    NO_RESOURCE,
    NO_RETRY,
    NO_STEP,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Journeys,
    Plan,
    RoutePlan,
    StepPlan,
)
from cartsim.simulation.timelines import (
    DISCARDED,
    IN_PROCESS,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NOT_DONE,
    Timelines,
)
from cartsim.units import NEVER

COLLECT, MAKE, INFUSE = 0, 1, 2
LINE = 0


def step(resource: int = NO_RESOURCE, retry_from: int = NO_RETRY, attempts: int = 1) -> StepPlan:
    return StepPlan("step", None, resource, retry_from, attempts)


def simulate(
    steps: Sequence[StepPlan],
    patients: Sequence[Mapping[str, Any]],
    *,
    capacity: Mapping[int, int] | None = None,
    horizon: int = 1000,
    collection: int = NO_STEP,
) -> Timelines:
    """One product, one resource (one place unless said), one replication. Patients are given by
    ``order``, ``duration`` and ``outcome`` (by step, or by attempt and step), and their clocks."""
    route = RoutePlan("product", tuple(steps), collection, NO_STEP, len(steps) - 1)
    plan = Plan(horizon, ("plant.line",), (route,), ((0, "market"),))
    shape = (plan.attempts, plan.steps)
    places = {0: 1} if capacity is None else capacity
    count = len(patients)

    def column(name: str, otherwise: Any) -> Any:
        return [patient.get(name, otherwise) for patient in patients]

    def by_step(name: str, otherwise: int, kind: type) -> Any:
        values = [
            np.broadcast_to(np.asarray(v, dtype=kind), shape) for v in column(name, otherwise)
        ]
        return np.asarray(values, dtype=kind).reshape(count, *shape)

    patience = np.asarray(column("patience", NEVER), dtype=np.int64)
    journeys = Journeys(
        first=np.asarray([0, count]),
        product=np.zeros(count, dtype=np.int64),
        market=np.zeros(count, dtype=np.int64),
        order=np.asarray(column("order", 0), dtype=np.int64),
        duration=by_step("duration", 10, np.int64),
        outcome=by_step("outcome", SUCCESS, np.int8),
        patience=patience,
        patience_after=np.asarray(column("patience_after", 1.0), dtype=np.float64),
        clock_after=np.asarray(
            column("clock_after", NEVER) if (patience == NEVER).all() else np.full(count, -1)
        ),
        capacity_time=np.asarray(list(places)),
        capacity=np.asarray(list(places.values())).reshape(1, -1, 1),
    )
    return ENGINES["reference"](plan, journeys)


def test_rule_1_nothing_happens_at_the_horizon() -> None:
    facts = simulate([step(), step()], [{"duration": [4, 6]}, {"duration": [4, 5]}], horizon=10)
    assert facts.state.tolist() == [INFUSED, INFUSED]
    assert facts.end[:, 0].tolist() == [[4, -1], [4, 9]]
    assert facts.result[:, 0].tolist() == [[SUCCESS, NOT_DONE], [SUCCESS, SUCCESS]]


def test_rule_1_a_patient_whose_step_would_end_at_the_horizon_is_still_in_process() -> None:
    facts = simulate([step(), step()], [{"duration": [10, 1]}], horizon=10)
    assert facts.state.tolist() == [IN_PROCESS]
    assert facts.step.tolist() == [0]
    assert facts.left.tolist() == [-1]
    assert facts.ready[0, 0].tolist() == [0, -1]


def test_rule_2_steps_follow_at_once() -> None:
    facts = simulate([step(), step(), step()], [{"order": 3, "duration": [5, 0, 2]}])
    assert facts.ready[0, 0].tolist() == [3, 8, 8]
    assert facts.start[0, 0].tolist() == [3, 8, 8]
    assert facts.end[0, 0].tolist() == [8, 8, 10]
    assert facts.left.tolist() == [8]


def test_rule_3_who_leaves_now_starts_nothing_now() -> None:
    facts = simulate([step(LINE)], [{"duration": 5}, {"patience": 5}, {"patience": 6, "order": 0}])
    assert facts.state.tolist() == [INFUSED, LOST_WAITING, INFUSED]
    assert facts.left.tolist() == [0, 5, 5]


def test_rule_4_who_waits_leaves_the_queue_and_a_step_in_progress_keeps_its_place() -> None:
    facts = simulate(
        [step(LINE), step()],
        [
            {"duration": [10, 1], "patience": 4},  # leaves while on the line
            {"patience": 7},  # leaves while waiting for it
            {"duration": [2, 1], "patience": 100},  # is next
        ],
    )
    assert facts.state.tolist() == [LOST_WAITING, LOST_WAITING, INFUSED]
    assert facts.left.tolist() == [4, 7, 12]
    assert facts.start[:, 0, 0].tolist() == [0, -1, 10]


@pytest.mark.parametrize("outcome", [SUCCESS, FAILED, REJECTED, RELEASED_UNDER_EXCEPTION])
def test_rules_5_and_6_a_step_that_ends_after_or_as_its_patient_leaves(outcome: int) -> None:
    facts = simulate(
        [step(), step()],
        [{"patience": 9, "outcome": outcome}, {"patience": 10, "outcome": outcome}],
    )
    assert facts.result[:, 0, 0].tolist() == [DISCARDED, outcome]
    assert facts.end[:, 0, 0].tolist() == [10, 10]
    assert facts.state.tolist() == [LOST_WAITING, LOST_WAITING]
    assert facts.left.tolist() == [9, 10]
    assert facts.step.tolist() == [0, 0]
    assert (facts.ready[:, 0, 1] == -1).all()


def test_rule_7_an_order_may_arrive_and_leave_at_one_minute() -> None:
    facts = simulate([step()], [{"order": 5, "patience": 0}])
    assert facts.state.tolist() == [LOST_WAITING]
    assert (facts.ready[0, 0, 0], facts.start[0, 0, 0], facts.left[0]) == (5, -1, 5)


def test_rule_8_attempts_are_counted_over_the_whole_route() -> None:
    steps = [step(retry_from=0, attempts=3), step(retry_from=1, attempts=3), step()]
    fails_thrice = [[FAILED, SUCCESS, SUCCESS], [SUCCESS, REJECTED, SUCCESS], [SUCCESS, FAILED, 0]]
    facts = simulate(steps, [{"outcome": fails_thrice}])
    assert facts.ready[0].tolist() == [[0, -1, -1], [10, 20, -1], [-1, 30, -1]]
    assert facts.state.tolist() == [LOST_MANUFACTURING]
    assert (facts.left[0], facts.step[0], facts.attempt[0]) == (40, 1, 2)


def test_rule_8_the_fewer_attempts_of_a_step_count_where_it_fails() -> None:
    steps = [step(retry_from=0, attempts=3), step(retry_from=0, attempts=1), step()]
    facts = simulate(steps, [{"outcome": [[SUCCESS, FAILED, SUCCESS]] * 3}])
    assert facts.state.tolist() == [LOST_MANUFACTURING]
    assert facts.attempt.tolist() == [0]


@pytest.mark.parametrize(
    ("retry_from", "state"),
    [(0, INFUSED), (1, INFUSED), (2, INFUSED_OUT_OF_SPECIFICATION)],
)
def test_rule_9_a_repeated_step_is_judged_anew(retry_from: int, state: int) -> None:
    steps = [step(), step(), step(retry_from=retry_from, attempts=2), step()]
    first = [SUCCESS, RELEASED_UNDER_EXCEPTION, FAILED, SUCCESS]
    facts = simulate(steps, [{"outcome": [first, [SUCCESS] * 4]}])
    assert facts.state.tolist() == [state]


def test_rule_9_the_earliest_exception_counts() -> None:
    released = RELEASED_UNDER_EXCEPTION
    steps = [step(), step(), step(retry_from=1, attempts=2), step()]
    facts = simulate(steps, [{"outcome": [[released, released, FAILED, 0], [0, 0, 0, 0]]}])
    assert facts.state.tolist() == [INFUSED_OUT_OF_SPECIFICATION]


def test_rule_10_the_clock_changes_where_collection_first_starts() -> None:
    steps = [step(), step(retry_from=1, attempts=2), step()]
    patient = {"duration": [4, 10, 10], "patience": 9, "outcome": [[0, FAILED, 0], [0, 0, 0]]}
    for patience_after, leaves in [(0.5, 6), (1.0, 9), (3.0, 19), (3.9, 23)]:
        facts = simulate(steps, [{**patient, "patience_after": patience_after}], collection=1)
        assert facts.left.tolist() == [leaves], patience_after
    facts = simulate(steps, [{**patient, "patience_after": np.inf}], collection=1)
    assert facts.state.tolist() == [INFUSED]


def test_rule_10_a_clock_that_runs_out_as_collection_starts_lets_it_finish() -> None:
    facts = simulate([step(), step(), step()], [{"clock_after": 0}], collection=1)
    assert facts.state.tolist() == [LOST_WAITING]
    assert (facts.left[0], facts.step[0]) == (10, 1)
    assert facts.start[0, 0].tolist() == [0, 10, -1]
    assert facts.result[0, 0].tolist() == [SUCCESS, DISCARDED, NOT_DONE]


def test_rule_10_without_hazard_before_collection_the_clock_starts_there() -> None:
    facts = simulate([step(), step(), step()], [{"clock_after": 9}], collection=1)
    assert (facts.state[0], facts.left[0]) == (LOST_WAITING, 19)


def test_rule_11_the_infused_are_safe_and_hold_the_bed_to_the_end() -> None:
    facts = simulate([step(LINE)], [{"patience": 3, "outcome": FAILED}, {"patience": 30}])
    assert facts.state.tolist() == [INFUSED, INFUSED]
    assert facts.left.tolist() == [0, 10]
    assert facts.result[:, 0, 0].tolist() == [FAILED, SUCCESS]


def test_rule_12_a_decrease_stops_nobody_and_grants_wait_for_it() -> None:
    facts = simulate(
        [step(LINE)],
        [{"duration": 10}, {"duration": 20}, {}, {"order": 40}],
        capacity={0: 2, 5: 1, 50: 0, 60: 3},
    )
    assert facts.start[:, 0, 0].tolist() == [0, 0, 20, 40]
    assert facts.end[:, 0, 0].tolist() == [10, 20, 30, 50]


def test_rule_12_an_increase_counts_at_its_minute() -> None:
    facts = simulate([step(LINE)], [{}, {}, {}], capacity={0: 0, 7: 2, 8: 3})
    assert facts.start[:, 0, 0].tolist() == [7, 7, 8]


def test_rule_13_a_place_goes_from_hand_to_hand_within_a_minute() -> None:
    facts = simulate([step(LINE)], [{}, {"order": 10}, {"order": 3}])
    assert facts.start[:, 0, 0].tolist() == [0, 20, 10]


def test_a_step_of_zero_length_gives_its_place_back_in_the_next_round() -> None:
    facts = simulate([step(LINE), step()], [{"duration": [0, 1]}] * 3)
    assert facts.end[:, 0, 0].tolist() == [0, 0, 0]


def test_ties_go_to_the_earlier_ready_then_to_the_lower_number() -> None:
    steps = [step(), step(LINE)]
    facts = simulate(steps, [{"duration": [5, 2]}, {"duration": [3, 4]}, {"duration": [5, 2]}])
    assert facts.start[:, 0, 1].tolist() == [7, 3, 9]


def test_queue_key_orders_by_priority_then_ready_then_number() -> None:
    waiting = [(1, 0, 0), (0, 5, 2), (0, 5, 1), (0, 4, 9)]
    assert sorted(waiting, key=lambda who: rules.queue_key(*who)) == [
        (0, 4, 9),
        (0, 5, 1),
        (0, 5, 2),
        (1, 0, 0),
    ]


def test_a_clock_is_never_stretched_beyond_never() -> None:
    assert rules.leaves_after_collection(10, NEVER, 7.5, -1) == NEVER
    assert rules.leaves_after_collection(10, 20, np.inf, -1) == NEVER


def test_a_block_without_patients_has_empty_facts() -> None:
    facts = simulate([step()], [])
    assert facts.state.shape == (0,)
    assert facts.start.shape == (0, 1, 1)
