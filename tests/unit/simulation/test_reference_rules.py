"""Rules 1 to 12 of ``cartsim.simulation.rules``, each on the smallest plan that shows it.

They are those of one journey: ready, start, end, failure, attrition, further doses. What journeys
share is in ``test_rules_of_sharing.py`` and ``test_rules_of_stocks.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from simulated import failing, journeys_by_hand, patients_route, places, plan_of, step

from cartsim.simulation import Engine
from cartsim.simulation.plan import (
    FAILED,
    NO_STEP,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    FailurePlan,
    Kind,
    Policy,
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

LINE = 0


def simulate(
    engine: Engine,
    steps: Sequence[StepPlan],
    patients: Sequence[Mapping[str, Any]],
    *,
    horizon: int = 1000,
    collection: int = NO_STEP,
    **given: Any,
) -> Timelines:
    """One autologous product, one resource (one place unless said)."""
    plan = plan_of(patients_route(*steps, collection=collection), horizon=horizon)
    return engine(plan, journeys_by_hand(plan, patients, **given))


def test_rule_1_nothing_happens_at_the_horizon(engine: Engine) -> None:
    facts = simulate(
        engine, [step(), step()], [{"duration": [4, 6]}, {"duration": [4, 5]}], horizon=10
    )
    assert facts.state.tolist() == [INFUSED, INFUSED]
    assert facts.end.tolist() == [[4, -1], [4, 9]]
    assert facts.result.tolist() == [[SUCCESS, NOT_DONE], [SUCCESS, SUCCESS]]


def test_rule_1_a_patient_whose_step_would_end_at_the_horizon_is_still_in_process(
    engine: Engine,
) -> None:
    facts = simulate(engine, [step(), step()], [{"duration": [10, 1]}], horizon=10)
    assert facts.state.tolist() == [IN_PROCESS]
    assert facts.step.tolist() == [0]
    assert facts.left.tolist() == [-1]
    assert facts.ready.tolist() == [[0, -1]]


def test_rule_1_an_order_at_the_horizon_never_arrives(engine: Engine) -> None:
    facts = simulate(engine, [step()], [{"order": 9}, {"order": 10}], horizon=10)
    assert facts.ready.tolist() == [[9], [-1]]
    assert facts.state.tolist() == [INFUSED, IN_PROCESS]


def test_rule_2_steps_follow_at_once(engine: Engine) -> None:
    facts = simulate(engine, [step(), step(), step()], [{"order": 3, "duration": [5, 0, 2]}])
    assert facts.ready.tolist() == [[3, 8, 8]]
    assert facts.start.tolist() == [[3, 8, 8]]
    assert facts.end.tolist() == [[8, 8, 10]]
    assert facts.left.tolist() == [8]


def test_rule_3_who_leaves_now_starts_nothing_now(engine: Engine) -> None:
    facts = simulate(engine, [step(LINE)], [{"duration": 5}, {"patience": 5}, {"patience": 6}])
    assert facts.state.tolist() == [INFUSED, LOST_WAITING, INFUSED]
    assert facts.left.tolist() == [0, 5, 5]


def test_rule_4_who_waits_leaves_the_queue_and_a_step_in_progress_keeps_its_place(
    engine: Engine,
) -> None:
    facts = simulate(
        engine,
        [step(LINE), step()],
        [
            {"duration": [10, 1], "patience": 4},  # leaves while on the line
            {"patience": 7},  # leaves while waiting for it
            {"duration": [2, 1], "patience": 100},  # is next
        ],
    )
    assert facts.state.tolist() == [LOST_WAITING, LOST_WAITING, INFUSED]
    assert facts.left.tolist() == [4, 7, 12]
    assert facts.start[:, 0].tolist() == [0, -1, 10]


def test_rule_4_who_leaves_while_waiting_gives_back_what_was_booked(engine: Engine) -> None:
    """The first books the line and waits for the chair, which the second has; the third gets the
    line when the first has left."""
    line, chair = 0, 1
    steps = [step(line, place=0, gives_back=False), step(chair), step(line, place=0)]
    plan = plan_of(
        patients_route(*steps),
        patients_route(step(chair), step()),
        patients_route(step(line), step()),
    )
    patients = [
        {"route": 1, "duration": 30},
        {"route": 0, "duration": 0, "patience": 8},
        {"route": 2, "order": 1, "duration": 2},
    ]
    facts = engine(plan, journeys_by_hand(plan, patients))
    assert facts.state.tolist() == [INFUSED, LOST_WAITING, INFUSED]
    assert facts.end[1].tolist() == [0, -1, -1]
    assert facts.start[2].tolist() == [8, 10, -1]


@pytest.mark.parametrize("outcome", [SUCCESS, FAILED, REJECTED, RELEASED_UNDER_EXCEPTION])
def test_rules_5_and_6_a_step_that_ends_after_or_as_its_patient_leaves(
    engine: Engine, outcome: int
) -> None:
    facts = simulate(
        engine,
        [step(), step()],
        [{"patience": 9, "outcome": outcome}, {"patience": 10, "outcome": outcome}],
    )
    assert facts.result[:, 0].tolist() == [DISCARDED, outcome]
    assert facts.end[:, 0].tolist() == [10, 10]
    assert facts.state.tolist() == [LOST_WAITING, LOST_WAITING]
    assert facts.left.tolist() == [9, 10]
    assert facts.step.tolist() == [0, 0]
    assert (facts.ready[:, 1] == -1).all()


def test_rule_7_an_order_may_arrive_and_leave_at_one_minute(engine: Engine) -> None:
    facts = simulate(engine, [step()], [{"order": 5, "patience": 0}])
    assert facts.state.tolist() == [LOST_WAITING]
    assert (facts.ready[0, 0], facts.start[0, 0], facts.left[0]) == (5, -1, 5)


def test_rule_8_attempts_are_counted_over_the_whole_route(engine: Engine) -> None:
    steps = [step(failures=failing(0, 3)), step(failures=failing(1, 3)), step()]
    fails_thrice = [[FAILED, SUCCESS, SUCCESS], [SUCCESS, REJECTED, SUCCESS], [SUCCESS, FAILED, 0]]
    facts = simulate(engine, steps, [{"outcome": fails_thrice}])
    assert facts.ready.tolist() == [[0, -1, -1], [10, 20, -1], [-1, 30, -1]]
    assert facts.state.tolist() == [LOST_MANUFACTURING]
    assert (facts.left[0], facts.step[0], facts.attempt[0]) == (40, 1, 2)


def test_rule_8_the_fewer_attempts_of_a_step_count_where_it_fails(engine: Engine) -> None:
    steps = [step(failures=failing(0, 3)), step(failures=failing(0, 1)), step()]
    facts = simulate(engine, steps, [{"outcome": [[SUCCESS, FAILED, SUCCESS]] * 3}])
    assert facts.state.tolist() == [LOST_MANUFACTURING]
    assert facts.attempt.tolist() == [0]


def test_rule_8_each_cause_has_its_own_consequence(engine: Engine) -> None:
    contaminated, few_cells, broken = 0, 1, 2
    causes = (
        FailurePlan("contaminated", 0, 2),
        FailurePlan("few cells", 1, 3),
        FailurePlan("broken", -1, 1),
    )
    patients = [
        {"outcome": [[0, kind + 4 * cause, 0], [0, 0, 0]]}
        for kind, cause in [(FAILED, contaminated), (REJECTED, few_cells), (FAILED, broken)]
    ]
    facts = simulate(engine, [step(), step(failures=causes), step()], patients)
    assert facts.state.tolist() == [INFUSED, INFUSED, LOST_MANUFACTURING]
    assert facts.ready[1::2].tolist() == [[20, 30, 40], [-1, 20, 30], [-1, -1, -1]]
    assert facts.result[::2, 1].tolist() == [FAILED, REJECTED + 4, FAILED + 8]


def test_rule_8_a_failure_gives_back_all_places(engine: Engine) -> None:
    """The first holds the line from its first step on, and loses it with the failure of another."""
    steps = [
        step(LINE, place=0, gives_back=False),
        step(failures=failing(0, 2)),
        step(LINE, place=0),
    ]
    facts = simulate(
        engine, steps, [{"outcome": [[0, FAILED, 0], [0, 0, 0]]}, {"order": 1, "duration": 1}]
    )
    assert facts.start.tolist() == [[0, 10, -1], [23, 33, 43], [20, 21, 22]]


@pytest.mark.parametrize(
    ("retry_from", "state"),
    [(0, INFUSED), (1, INFUSED), (2, INFUSED_OUT_OF_SPECIFICATION)],
)
def test_rule_9_a_repeated_step_is_judged_anew(engine: Engine, retry_from: int, state: int) -> None:
    steps = [step(), step(), step(failures=failing(retry_from, 2)), step()]
    first = [SUCCESS, RELEASED_UNDER_EXCEPTION, FAILED, SUCCESS]
    facts = simulate(engine, steps, [{"outcome": [first, [SUCCESS] * 4]}])
    assert facts.state.tolist() == [state]


def test_rule_9_the_earliest_exception_counts(engine: Engine) -> None:
    released = RELEASED_UNDER_EXCEPTION
    steps = [step(), step(), step(failures=failing(1, 2)), step()]
    facts = simulate(engine, steps, [{"outcome": [[released, released, FAILED, 0], [0, 0, 0, 0]]}])
    assert facts.state.tolist() == [INFUSED_OUT_OF_SPECIFICATION]


@pytest.mark.parametrize(
    ("hazard_after", "bridging", "leaves"),
    [(0.25, 1.0, 6), (0.125, 1.0, 9), (0.0625, 1.0, 14), (0.25, 0.5, 9), (0.05, 1.0, 16)],
)
def test_rule_10_the_clock_changes_where_collection_first_starts(
    engine: Engine, hazard_after: float, bridging: float, leaves: int
) -> None:
    """Collection starts at minute 4, with 1.125 - 4 x 0.125 of the clock left, and a second time
    (in the last of the cases) without changing it again."""
    steps = [step(), step(failures=failing(1, 2)), step()]
    patient = {
        "duration": [4, 10, 10],
        "outcome": [[0, FAILED, 0], [0, 0, 0]],
        "clock": 1.125,
        "patience": 9,
        "bridging": bridging,
    }
    facts = simulate(
        engine, steps, [patient], collection=1, hazard_before=0.125, hazard_after=hazard_after
    )
    assert facts.state.tolist() == [LOST_WAITING]
    assert facts.left.tolist() == [leaves]


@pytest.mark.parametrize(("hazard_after", "bridging"), [(0.0, 1.0), (0.2, 0.0)])
def test_rule_10_without_a_hazard_nobody_leaves(
    engine: Engine, hazard_after: float, bridging: float
) -> None:
    facts = simulate(
        engine,
        [step(), step(), step()],
        [{"clock": 1.5, "patience": 12, "bridging": bridging}],
        collection=1,
        hazard_before=0.125,
        hazard_after=hazard_after,
    )
    assert facts.state.tolist() == [INFUSED]


def test_rule_10_a_clock_that_runs_out_as_collection_starts_lets_it_finish(engine: Engine) -> None:
    facts = simulate(
        engine, [step(), step(LINE), step()], [{"clock": 0.5}, {}], collection=1, hazard_after=1.0
    )
    assert facts.state.tolist() == [LOST_WAITING, INFUSED]
    assert (facts.left[0], facts.step[0]) == (10, 1)
    assert facts.start.tolist() == [[0, 10, -1], [0, 20, 30]]
    assert facts.result[0].tolist() == [SUCCESS, DISCARDED, NOT_DONE]


def test_rule_10_without_hazard_before_collection_the_clock_starts_there(engine: Engine) -> None:
    facts = simulate(
        engine, [step(), step(), step()], [{"clock": 2.3}], collection=1, hazard_after=0.25
    )
    assert (facts.state[0], facts.left[0]) == (LOST_WAITING, 19)


def test_rule_11_the_infused_are_safe_and_hold_the_bed_to_the_end(engine: Engine) -> None:
    facts = simulate(engine, [step(LINE)], [{"patience": 3, "outcome": FAILED}, {"patience": 30}])
    assert facts.state.tolist() == [INFUSED, INFUSED]
    assert facts.left.tolist() == [0, 10]
    assert facts.result[:, 0].tolist() == [FAILED, SUCCESS]


@pytest.mark.parametrize(("interval", "again"), [(0, 13), (5, 13), (9, 15)])
def test_rule_11_the_next_dose_is_wanted_after_the_interval(
    engine: Engine, interval: int, again: int
) -> None:
    """Infused from 6 to 13; the way of the second dose begins at step 1. The patient is safe."""
    route = patients_route(
        step(), step(dose=True), step(), kind=Kind.FROM_STOCK, stock=0, next_dose=1
    )
    plan = plan_of(route, policies=[Policy.CAMPAIGN])
    patient = {"doses": 2, "duration": [[4, 2, 7], [-1, 2, 7]], "patience": 7}
    facts = engine(plan, journeys_by_hand(plan, [patient], [[{"doses": 2}]], interval=interval))
    assert facts.ready.tolist() == [[0, 4, 6], [-1, again, again + 2]]
    assert (facts.state[0], facts.left[0], facts.attempt[0]) == (INFUSED, 6, 1)
    assert facts.source.tolist() == [1, 1]


def test_rule_11_a_further_dose_that_fails_changes_nothing(engine: Engine) -> None:
    """For the second dose a second attempt is owed, as it was for the first; it fails as well."""
    route = patients_route(
        step(dose=True, failures=failing(0, 2)), step(), kind=Kind.FROM_STOCK, stock=0
    )
    plan = plan_of(route, policies=[Policy.CAMPAIGN])
    patient = {"doses": 3, "outcome": [[FAILED, 0], [0, 0], [FAILED, 0], [FAILED, 0]]}
    facts = engine(plan, journeys_by_hand(plan, [patient], [[{"doses": 9}]]))
    assert facts.ready.tolist() == [[0, -1], [10, 20], [30, -1], [40, -1]]
    assert (facts.state[0], facts.left[0]) == (INFUSED, 20)
    assert (facts.attempt[0], facts.step[0]) == (3, 0)


def test_rule_12_a_decrease_stops_nobody_and_grants_wait_for_it(engine: Engine) -> None:
    facts = simulate(
        engine,
        [step(LINE)],
        [{"duration": 10}, {"duration": 20}, {}, {"order": 40}],
        **places({0: 2, 5: 1, 50: 0, 60: 3}),
    )
    assert facts.start[:, 0].tolist() == [0, 0, 20, 40]
    assert facts.end[:, 0].tolist() == [10, 20, 30, 50]


def test_rule_12_an_increase_counts_at_its_minute(engine: Engine) -> None:
    facts = simulate(engine, [step(LINE)], [{}, {}, {}], **places({0: 0, 7: 2, 8: 3}))
    assert facts.start[:, 0].tolist() == [7, 7, 8]


def test_a_granted_step_of_zero_length_gives_its_place_back_in_the_next_round(
    engine: Engine,
) -> None:
    facts = simulate(engine, [step(LINE), step()], [{"duration": [0, 1]}] * 3)
    assert facts.end[:, 0].tolist() == [0, 0, 0]


def test_a_block_without_patients_has_empty_facts(engine: Engine) -> None:
    facts = simulate(engine, [step()], [])
    assert facts.state.shape == (0,)
    assert facts.start.shape == (0, 1)
    assert facts.ordered.shape == (1, 0, 0)
