"""Rules 13 to 16 and the order of the queue: what journeys share, on the smallest plans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from simulated import failing, journeys_by_hand, patients_route, places, plan_of, starts, step

from cartsim.simulation import Engine
from cartsim.simulation.plan import (
    ALL_PLACES,
    FAILED,
    DisruptionPlan,
    Priority,
    RoutePlan,
    StepPlan,
)
from cartsim.simulation.timelines import (
    DISCARDED,
    DISRUPTED,
    IN_PROCESS,
    INFUSED,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NOT_CHOSEN,
    NOT_DONE,
    Timelines,
)

LINE, OTHER = 0, 1


def simulate(
    engine: Engine,
    patients: list[dict[str, Any]],
    *steps: StepPlan,
    **given: Any,
) -> Timelines:
    plan = plan_of(patients_route(*steps))
    return engine(plan, journeys_by_hand(plan, patients, **given))


# The queue.


def test_ties_go_to_the_earlier_ready_then_to_the_lower_number(engine: Engine) -> None:
    patients = [{"duration": [5, 2]}, {"duration": [3, 4]}, {"duration": [5, 2]}]
    facts = simulate(engine, patients, step(), step(LINE))
    assert facts.start[:, 1].tolist() == [7, 3, 9]


@pytest.mark.parametrize(
    ("priority", "order"),
    [
        (Priority.NONE, [0, 1, 2, 3]),
        (Priority.RETRY, [2, 3, 0, 1]),
        (Priority.RISK, [1, 3, 0, 2]),
        (Priority.RETRY_THEN_RISK, [3, 2, 1, 0]),
        (Priority.RISK_THEN_RETRY, [3, 1, 2, 0]),
    ],
)
def test_priority_goes_before_who_was_ready_first(
    engine: Engine, priority: Priority, order: list[int]
) -> None:
    """Four patients are ready for the line one after the other, and it opens at minute 50: a low
    risk and a high one, and both again with a failure behind them."""
    route = patients_route(step(failures=failing(0, 2)), step(LINE), priority=priority)
    plan = plan_of(route)
    once, twice = [[0, 0]], [[FAILED, 0], [0, 0]]
    patients = [
        {"order": 0, "risk": 1, "outcome": once},
        {"order": 1, "risk": 0, "outcome": once},
        {"order": 2, "risk": 1, "outcome": twice},
        {"order": 3, "risk": 0, "outcome": twice},
    ]
    facts = engine(plan, journeys_by_hand(plan, patients, **places({0: 0, 50: 1})))
    begun = facts.start[:, LINE + 1][facts.start[:, LINE + 1] >= 0]
    assert np.argsort(begun).tolist() == order
    assert np.sort(begun).tolist() == [50, 60, 70, 80]


def test_a_lower_rank_goes_first_on_shared_places(engine: Engine) -> None:
    routes = [patients_route(step(LINE), rank=rank) for rank in (1, 0)]
    plan = plan_of(*routes)
    patients = [{"order": 0}, {"order": 1}, {"order": 2, "route": 1}]
    facts = engine(plan, journeys_by_hand(plan, patients))
    assert facts.start[:, 0].tolist() == [0, 20, 10]


# Rule 13: places that are given back.


def test_rule_13_a_place_goes_from_hand_to_hand_within_a_minute(engine: Engine) -> None:
    facts = simulate(engine, [{"order": 0}, {"order": 3}, {"order": 10}], step(LINE))
    assert facts.start[:, 0].tolist() == [0, 10, 20]


def test_rule_13_unless_it_is_changed_over(engine: Engine) -> None:
    patients = [{"order": 0}, {"order": 3}, {"order": 26}]
    facts = simulate(engine, patients, step(LINE), changeover=4)
    assert facts.start[:, 0].tolist() == [0, 14, 28]


def test_rule_13_hands_on_minutes_are_shorter_or_longer_than_the_step(engine: Engine) -> None:
    """Two analysts' places of 3 and of 15 minutes in steps of 10."""
    plan = plan_of(patients_route(step(LINE)), patients_route(step(OTHER)))
    patients = [{"route": route} for route in (0, 1, 0, 1)]
    hands_on = np.asarray([[[3], [15]]])
    facts = engine(plan, journeys_by_hand(plan, patients, hands_on=hands_on))
    assert facts.start[:, 0].tolist() == [0, 0, 3, 15]
    assert facts.end[:, 0].tolist() == [10, 10, 13, 25]


def test_rule_13_no_hands_on_minutes_take_a_place_for_a_round(engine: Engine) -> None:
    facts = simulate(engine, [{}, {}], step(LINE), hands_on=0)
    assert facts.start[:, 0].tolist() == [0, 0]
    facts = simulate(engine, [{}, {}], step(LINE), hands_on=0, changeover=2)
    assert facts.start[:, 0].tolist() == [0, 2]


def test_rule_13_hands_on_minutes_outlast_a_patient_who_leaves(engine: Engine) -> None:
    """Left at 5, the step ended at 10, the place is given back at 15."""
    patients = [{"patience": 5}, {"order": 1}]
    facts = simulate(engine, patients, step(LINE), step(), hands_on=[15, -1])
    assert facts.result[0, 0] == DISCARDED
    assert facts.start[1].tolist() == [15, 25]


def test_steps_share_a_place_from_the_booking_on(engine: Engine) -> None:
    """The line is booked, the cells are taken elsewhere, and the line has been kept: making asks
    for nothing, and starts though the capacity is gone."""
    steps = [step(LINE, place=0, gives_back=False), step(OTHER), step(LINE, place=0)]
    patients = [{"duration": [0, 10, 5]}, {"duration": [0, 10, 5]}]
    facts = simulate(engine, patients, *steps, **places({0: [1, 5], 5: [0, 5], 18: [1, 5]}))
    assert facts.ready.tolist() == [[0, 0, 10], [0, 18, 28]]
    assert facts.start.tolist() == [[0, 0, 10], [18, 18, 28]]


# Rule 14: plants to choose from.


def alternatives() -> RoutePlan:
    """Chooses between two lines at its second step, and is infused in a third place."""
    return patients_route(
        step(2, 2),
        step(0, 1, failures=failing(1, 2)),
        step(0, 1, failures=failing(2, 2)),
        step(),
        plants=("first", "second"),
    )


def test_rule_14_the_first_plant_with_a_free_place_is_chosen(engine: Engine) -> None:
    plan = plan_of(alternatives())
    patients = [{"order": minute, "duration": [0, 10, 0, 0]} for minute in (0, 1, 2, 21)]
    facts = engine(plan, journeys_by_hand(plan, patients, **places({0: [1, 1, 9]})))
    assert facts.chosen.tolist() == [0, 1, 0, 0]
    assert facts.start[:, 1].tolist() == [0, 1, 10, 21]


def test_rule_14_the_attempt_stays_at_its_plant(engine: Engine) -> None:
    """The second patient, at the second line, waits for it though the first one is free."""
    plan = plan_of(alternatives())
    patients = [
        {"order": 0, "duration": [0, 4, 0, 0]},
        {"order": 1, "duration": [0, 10, 5, 0]},
        {"order": 2, "duration": [0, 90, 0, 0]},
        {"order": 3, "duration": [0, 10, 0, 0]},
    ]
    capacity = places({0: [1, 1, 9], 11: [9, 0, 9], 30: [9, 1, 9]})
    facts = engine(plan, journeys_by_hand(plan, patients, **capacity))
    assert facts.chosen.tolist() == [0, 1, 0, 0]
    assert facts.start[:, 1].tolist() == [0, 1, 4, 11]
    assert facts.start[1].tolist() == [1, 1, 30, 35]


def test_rule_14_a_later_attempt_chooses_anew_unless_it_begins_after_the_choice(
    engine: Engine,
) -> None:
    """The first line has no place but at the start: who has to choose again takes the second."""
    plan = plan_of(alternatives())
    failing_at = {
        1: [[0, FAILED, 0, 0], [0, 0, 0, 0]],
        2: [[0, 0, FAILED, 0], [0, 0, 0, 0]],
    }
    patients = [{"duration": [0, 10, 10, 0], "outcome": failing_at[at]} for at in (1, 2)]
    capacity = places({0: [2, 1, 9], 5: [0, 1, 9], 40: [1, 1, 9]})
    facts = engine(plan, journeys_by_hand(plan, patients, **capacity))
    assert facts.chosen.tolist() == [0, 1, 0, 0]
    assert facts.start.tolist() == [
        [0, 0, -1, -1],
        [-1, 10, 20, 30],
        [0, 0, 40, -1],
        [-1, -1, 50, 60],
    ]


def test_rule_14_nothing_is_chosen_where_nothing_differs(engine: Engine) -> None:
    plan = plan_of(patients_route(step(0, 0), plants=("first", "second")))
    facts = engine(plan, journeys_by_hand(plan, [{}]))
    assert facts.chosen.tolist() == [NOT_CHOSEN]
    assert facts.state.tolist() == [INFUSED]


# Rule 15: starts that are counted.


def test_rule_15_starts_are_counted_from_opening_to_opening(engine: Engine) -> None:
    """One from minute 3 on, none is left at 5; those of 10 lapse at 20; from 30 on any."""
    facts = simulate(
        engine,
        [{"order": minute} for minute in (0, 4, 5, 5, 11, 21, 22)],
        step(LINE),
        **places({0: 9}),
        **starts({3: 1, 10: 4, 20: 1, 25: -2, 30: -1}),
    )
    assert facts.start[:, 0].tolist() == [0, 4, 10, 10, 11, 21, 30]


def test_rule_15_a_plant_that_does_not_open_is_passed_over(engine: Engine) -> None:
    plan = plan_of(alternatives())
    patients = [{"duration": [0, 10, 0, 0]}] * 2
    journeys = journeys_by_hand(plan, patients, **starts({0: [1, -2, 7]}), **places({0: 9}))
    facts = engine(plan, journeys)
    assert facts.chosen.tolist() == [0, 1]
    assert facts.start[:, 2].tolist() == [-1, 10]  # the second step is another start of the line


def test_rule_15_keeping_a_place_is_no_further_start(engine: Engine) -> None:
    steps = [step(LINE, place=0, gives_back=False), step(LINE, place=0)]
    facts = simulate(engine, [{}], *steps, **starts({0: 1}))
    assert facts.start.tolist() == [[0, 10]]


# Rule 16: disruptions.


def disrupted(
    engine: Engine,
    patients: list[dict[str, Any]],
    *steps: StepPlan,
    places: int = ALL_PLACES,
    lost: bool = False,
    at: int = 5,
    length: int = 20,
    **given: Any,
) -> Timelines:
    plan = plan_of(patients_route(*steps), disruptions=[DisruptionPlan("fire", LINE, places, lost)])
    journeys = journeys_by_hand(
        plan, patients, disruption_time=[at], disruption_length=[length], **given
    )
    return engine(plan, journeys)


def test_rule_16_lots_in_progress_are_delayed_and_nobody_starts(engine: Engine) -> None:
    patients = [{}, {}, {"order": 6}, {"order": 24}]
    facts = disrupted(engine, patients, step(LINE), step(), capacity=2)
    assert facts.start[:, 0].tolist() == [0, 0, 30, 30]
    assert facts.end[:, 0].tolist() == [30, 30, 40, 40]
    assert (facts.result == 0).all()


def test_rule_16_lots_in_progress_are_lost_and_tried_again(engine: Engine) -> None:
    """What ends at the very minute (the first lot) is not hit."""
    patients = [
        {"duration": [5, 1]},
        {"duration": 6, "attempts": 2},
        {"order": 1, "duration": 6, "attempts": 2},
    ]
    facts = disrupted(
        engine, patients, step(LINE, failures=failing(0, 2)), step(), capacity=3, lost=True
    )
    assert facts.result[:, 0].tolist() == [0, DISRUPTED, 0, DISRUPTED, 0]
    assert facts.end[:, 0].tolist() == [5, 5, 31, 5, 31]
    assert facts.ready[[2, 4], 0].tolist() == [5, 5]
    assert facts.state.tolist() == [INFUSED, INFUSED, INFUSED]


def test_rule_16_what_is_lost_follows_its_first_cause(engine: Engine) -> None:
    facts = disrupted(engine, [{}], step(LINE), step(), lost=True)
    assert (facts.state[0], facts.left[0]) == (LOST_MANUFACTURING, 5)
    causes = (*failing(-1, 1), *failing(0, 2))
    facts = disrupted(engine, [{"attempts": 2}], step(LINE, failures=causes), step(), lost=True)
    assert facts.state.tolist() == [LOST_MANUFACTURING]


def test_rule_16_a_few_places_are_those_that_started_first(engine: Engine) -> None:
    """Of three places two are out of service: the lots of the second and third patient, which were
    the first to start, are lost; the fourth patient waits until places are back."""
    patients = [{"duration": [3, 10, 1]}] + [{"duration": [0, 10, 1]}] * 2 + [{"order": 6}]
    facts = disrupted(engine, patients, step(), step(LINE), step(), places=2, lost=True, capacity=3)
    assert facts.result[:3, 1].tolist() == [0, DISRUPTED, DISRUPTED]
    assert facts.start[3].tolist() == [6, 16, 26]


def test_rule_16_among_those_that_started_together_the_lower_number_is_hit(
    engine: Engine,
) -> None:
    facts = disrupted(engine, [{}, {}], step(LINE), step(), places=1, capacity=2)
    assert facts.end[:, 0].tolist() == [30, 10]


def test_rule_16_who_waits_or_works_elsewhere_is_not_hit(engine: Engine) -> None:
    """The line is booked by a patient who is at another step, and later given to making."""
    steps = [step(LINE, place=0, gives_back=False), step(), step(LINE, place=0)]
    facts = disrupted(engine, [{"duration": [0, 10, 5]}], *steps, lost=True)
    assert facts.end.tolist() == [[0, 10, 15]]


def test_rule_16_who_has_given_the_place_back_is_not_hit(engine: Engine) -> None:
    patients = [{}, {"order": 5}]
    facts = disrupted(engine, patients, step(LINE), step(), lost=True, hands_on=[5, -1])
    assert facts.end[:, 0].tolist() == [10, 35]


def test_rule_16_hands_on_minutes_are_not_put_off(engine: Engine) -> None:
    """The step is, to 30; its place is given back at 8, and is out of service until 25."""
    patients = [{}, {"order": 6}]
    facts = disrupted(engine, patients, step(LINE), step(), hands_on=[8, -1])
    assert facts.end[0].tolist() == [30, 40]
    assert facts.start[1].tolist() == [25, 35]


def test_rule_16_the_lot_of_who_has_left_is_discarded(engine: Engine) -> None:
    """Left before the disruption, and at the very minute of it."""
    patients = [{"patience": 4}, {"patience": 5}]
    facts = disrupted(engine, patients, step(LINE), step(), lost=True, capacity=2)
    assert facts.result[:, 0].tolist() == [DISCARDED, DISRUPTED]
    assert facts.end[:, 0].tolist() == [5, 5]
    assert facts.state.tolist() == [LOST_WAITING, LOST_WAITING]


def test_rule_16_an_infusion_that_is_disrupted_has_no_consequence(engine: Engine) -> None:
    facts = disrupted(engine, [{}, {}], step(LINE), lost=True)
    assert facts.state.tolist() == [INFUSED, INFUSED]
    assert facts.left.tolist() == [0, 25]
    assert facts.result[:, 0].tolist() == [DISRUPTED, 0]


def test_rule_16_what_is_delayed_beyond_the_horizon_has_no_end(engine: Engine) -> None:
    facts = disrupted(engine, [{}], step(LINE), step(), length=990)
    assert facts.end.tolist() == [[-1, -1]]
    assert facts.result.tolist() == [[NOT_DONE, NOT_DONE]]
    assert facts.state.tolist() == [IN_PROCESS]


def test_rule_16_disruptions_add_up(engine: Engine) -> None:
    """The flood of minute 22 hits the lot that the fire of minute 1 has delayed: 10 + 20 + 5."""
    plan = plan_of(
        patients_route(step(LINE), step()),
        disruptions=[
            DisruptionPlan("fire", LINE, ALL_PLACES, False),
            DisruptionPlan("flood", LINE, 1, False),
        ],
    )
    journeys = journeys_by_hand(
        plan,
        [{}, {"order": 1}],
        capacity=2,
        disruption_time=[0, 1, 22],
        disruption_kind=[1, 0, 1],
        disruption_length=[1, 20, 5],
    )
    facts = engine(plan, journeys)
    assert facts.start[:, 0].tolist() == [0, 21]
    assert facts.end[:, 0].tolist() == [35, 31]
