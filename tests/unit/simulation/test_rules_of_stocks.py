"""Rules 17 to 21, and what is said of stocks in 8, 9 and 14: lots that are made to stock, doses,
supplies, and patients who go elsewhere. On the smallest plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from simulated import (
    failing,
    journeys_by_hand,
    lots_route,
    patients_route,
    places,
    plan_of,
    step,
)

from cartsim.simulation import Engine
from cartsim.simulation.plan import (
    FAILED,
    RELEASED_UNDER_EXCEPTION,
    Kind,
    Plan,
    Policy,
    StepPlan,
)
from cartsim.simulation.timelines import (
    DISCARDED,
    IN_PROCESS,
    IN_STOCK,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NO_DOSE,
    NOT_NEEDED,
    WENT_ELSEWHERE,
    Timelines,
    TooFewDraws,
)
from cartsim.units import NEVER

Row = dict[str, Any]
PATIENT, LOT = 0, 1
NOW: Row = {"duration": 0}


def bank(
    *steps: StepPlan,
    lot: Sequence[StepPlan] = (step(),),
    policy: Policy = Policy.ORDER_UP_TO,
    **route: Any,
) -> Plan:
    """Patients who take a dose in their first step unless said, from one stock of lots."""
    steps = steps or (step(dose=True), step())
    patients = patients_route(*steps, kind=Kind.FROM_STOCK, stock=0, **route)
    return plan_of(patients, lots_route(*lot), policies=[policy])


def simulate(
    engine: Engine,
    plan: Plan,
    patients: Sequence[Row],
    initial: int,
    *lots: Row,
    **given: Any,
) -> Timelines:
    return engine(plan, journeys_by_hand(plan, patients, [[{"doses": initial}, *lots]], **given))


# Doses.


def test_rule_17_a_lot_begins_when_the_stock_is_ordered(engine: Engine) -> None:
    """Nothing is there at minute 0, so that a lot begins then; the patient of minute 3 waits for
    its doses, which come at 10."""
    levels = {"reorder_point": 0, "order_level": 2, "planned_yield": 2}
    facts = simulate(engine, bank(), [{"order": 3}], 0, {"doses": 2}, **levels)
    assert facts.start.tolist() == [[10, 20], [0, -1]]
    assert facts.state.tolist() == [INFUSED, IN_STOCK, IN_STOCK]
    assert facts.left.tolist() == [20, 0, 10]
    assert facts.made.tolist() == [0, 0, 2]
    assert facts.source.tolist() == [2, NO_DOSE]


def test_rule_17_what_expires_now_is_not_granted_now(engine: Engine) -> None:
    patients = [{"order": 14}, {"order": 15}]
    plan = bank(policy=Policy.CAMPAIGN)
    facts = engine(plan, journeys_by_hand(plan, patients, [[{"doses": 5, "shelf_life": 15}]]))
    assert facts.start[:, 0].tolist() == [14, -1]
    assert facts.state.tolist() == [INFUSED, IN_PROCESS, IN_STOCK]
    assert facts.expired.tolist() == [0, 0, 4]


def test_rule_17_the_shelf_life_of_a_lot_begins_with_its_release(engine: Engine) -> None:
    levels = {"reorder_point": 0, "order_level": 1, "planned_yield": 3}
    patients = [{"order": 11}, {"order": 17}]
    lots = [{"doses": 3, "shelf_life": 7}, {"doses": 3}]
    facts = simulate(engine, bank(), patients, 0, *lots, **levels)
    assert facts.start[:2, 0].tolist() == [11, 27]
    assert facts.expired.tolist() == [0, 0, 0, 2, 0]
    assert facts.ready[2:, 0].tolist() == [0, 17]


def test_rule_18_first_expiry_first_out_then_the_lower_row(engine: Engine) -> None:
    """Lots of rows 5, 6 and 7 beside the initial stock of row 4: expiries 40, 90, 30 and 40."""
    plan = bank(policy=Policy.CAMPAIGN)
    lots = [{"doses": 1, "shelf_life": life, **NOW} for life in (90, 30, 40)]
    journeys = journeys_by_hand(
        plan,
        [{"order": 2}] * 4,
        [[{"doses": 1, "shelf_life": 40}, *lots]],
        campaign_time=[0],
        campaign_lots=3,
    )
    assert engine(plan, journeys).source[:4].tolist() == [6, 4, 7, 5]


def test_rule_9_doses_of_a_lot_out_of_specification_are_too(engine: Engine) -> None:
    plan = bank(step(), step(dose=True), step(), lot=[step(), step()], policy=Policy.CAMPAIGN)
    lots = [
        {"doses": 1, "outcome": [outcome, 0, 0], "shelf_life": life, **NOW}
        for outcome, life in [(RELEASED_UNDER_EXCEPTION, 100), (0, 101)]
    ]
    given = {"campaign_time": [0], "campaign_lots": 2}
    facts = simulate(engine, plan, [{"order": 1}, {"order": 2}], 0, *lots, **given)
    assert facts.source[:2].tolist() == [3, 4]
    assert facts.state[:2].tolist() == [INFUSED_OUT_OF_SPECIFICATION, INFUSED]


@pytest.mark.parametrize(
    ("retry_from", "state", "taken"),
    [(0, INFUSED, 2), (1, INFUSED, 2), (2, INFUSED_OUT_OF_SPECIFICATION, 1)],
)
def test_rule_9_another_dose_is_judged_anew(
    engine: Engine, retry_from: int, state: int, taken: int
) -> None:
    """The first dose is out of specification; whether it is used again depends on the retry."""
    plan = bank(
        step(),
        step(dose=True),
        step(failures=failing(retry_from, 2)),
        step(),
        policy=Policy.CAMPAIGN,
    )
    patient = {"order": 1, "outcome": [[0, 0, FAILED, 0], [0, 0, 0, 0]]}
    released = [RELEASED_UNDER_EXCEPTION, 0, 0, 0]
    lots = [{"doses": 1, "outcome": released, "shelf_life": 100, **NOW}, {"doses": 1, **NOW}]
    given = {"campaign_time": [0], "campaign_lots": 2}
    facts = simulate(engine, plan, [patient], 0, *lots, **given)
    assert facts.state[0] == state
    assert (facts.source[:2] != NO_DOSE).sum() == taken


def test_rule_5_the_dose_of_who_leaves_is_lost(engine: Engine) -> None:
    plan = bank(policy=Policy.CAMPAIGN)
    facts = simulate(engine, plan, [{"patience": 5}, {"order": 8}], 1)
    assert facts.result[0, 0] == DISCARDED
    assert facts.source.tolist() == [2, NO_DOSE]
    assert facts.state.tolist() == [LOST_WAITING, IN_PROCESS, IN_STOCK]


def test_rule_8_a_lot_that_fails_is_tried_again_or_has_failed(engine: Engine) -> None:
    plan = bank(lot=[step(failures=failing(0, 2)), step()])
    lots = [{"doses": 4, "outcome": [[FAILED, 0], [FAILED, 0]]}, {"doses": 4}]
    levels = {"reorder_point": 0, "order_level": 1}
    facts = simulate(engine, plan, [], 0, *lots, **levels)
    assert facts.ready.tolist() == [[0, -1], [10, -1], [20, 30]]
    assert facts.state.tolist() == [IN_STOCK, LOST_MANUFACTURING, IN_STOCK]
    assert facts.made.tolist() == [0, 0, 4]
    assert facts.left.tolist() == [0, 20, 40]


def test_patients_and_lots_queue_for_the_same_places(engine: Engine) -> None:
    """By number where they are ready together, and lots have the higher numbers."""
    plan = bank(step(0), step(dose=True), lot=[step(0)], policy=Policy.CAMPAIGN)
    facts = simulate(engine, plan, [{}, {}], 0, {"doses": 2}, campaign_time=[0])
    assert facts.start.tolist() == [[0, 30], [10, 30], [20, -1]]


# Inventory.


@pytest.mark.parametrize(
    ("policy", "level", "lots_at"),
    [
        (Policy.ORDER_UP_TO, 5, [0, 0, 70, 70]),  # 5 are missing, then 4
        (Policy.ORDER_UP_TO, 2, [0, 40, 70]),  # 2, then 1, then 1
        (Policy.FIXED_QUANTITY, 1, [0, 40, 70]),  # a lot at a time
        (Policy.FIXED_QUANTITY, 4, [0, 0, 70, 70]),  # two at a time
    ],
)
def test_rule_19_how_many_lots_begin(
    engine: Engine, policy: Policy, level: int, lots_at: list[int]
) -> None:
    """Lots of 3 doses take 10 minutes and are ordered where the position is 1 or less; of what is
    made first, two doses are taken at minute 40, and one at 50, 60, 70 and 80."""
    plan = bank(policy=policy)
    levels = {"reorder_point": 1, "order_level": level, "planned_yield": 3}
    patients = [{"order": minute, **NOW} for minute in (40, 40, 50, 60, 70, 80)]
    facts = simulate(engine, plan, patients, 0, *[{"doses": 3}] * 8, **levels)
    begun = facts.ready[len(patients) :, 0]
    assert begun[begun >= 0].tolist() == lots_at
    assert (facts.state == NOT_NEEDED).sum() == 8 - len(lots_at)
    assert (facts.state == INFUSED).sum() == 6


@pytest.mark.parametrize("policy", [Policy.ORDER_UP_TO, Policy.FIXED_QUANTITY])
def test_rule_19_patients_who_wait_are_owed(engine: Engine, policy: Policy) -> None:
    """A lot of 2 is under way since minute 0, and four wait at minute 5, before the next review:
    2 - 4 = -2, so that two more lots make it 2."""
    levels = {"reorder_point": 0, "order_level": 2, "planned_yield": 2}
    patients = [{"order": 5, "patience": 100}] * 4
    facts = simulate(engine, bank(policy=policy), patients, 0, *[{"doses": 2}] * 5, **levels)
    assert facts.ready[4:, 0].tolist() == [0, 5, 5, -1, -1]


def test_rule_19_who_leaves_is_owed_no_more(engine: Engine) -> None:
    """The lot yields nothing at 10, and of those who waited nobody has stayed."""
    levels = {"reorder_point": -1, "order_level": 0}
    patients = [{"order": 5, "patience": 5}]
    facts = simulate(engine, bank(), patients, 0, *[{"doses": 0}] * 2, **levels)
    assert facts.ready[1:, 0].tolist() == [5, -1]
    assert facts.left.tolist() == [10, 0, 15, -1]
    assert facts.state.tolist() == [LOST_WAITING, IN_STOCK, IN_STOCK, NOT_NEEDED]


def test_rule_19_campaigns_begin_on_their_minutes(engine: Engine) -> None:
    plan = bank(policy=Policy.CAMPAIGN)
    given = {"campaign_time": [0, 7, 7, 999, 1000], "campaign_lots": [[1, 2, 1, 1, 1]]}
    facts = simulate(engine, plan, [], 0, *[{"doses": 1}] * 6, **given)
    assert facts.ready[:, 0].tolist() == [0, 7, 7, 7, 999, -1]


def test_rule_19_several_stocks_are_reviewed_each_by_its_own_rule(engine: Engine) -> None:
    lots = [lots_route(step(0), stock=stock) for stock in (0, 1)]
    plan = plan_of(*lots, policies=[Policy.ORDER_UP_TO, Policy.FIXED_QUANTITY])
    journeys = journeys_by_hand(
        plan,
        [],
        [[{"doses": initial}, {"doses": 1}, {"doses": 1}] for initial in (0, 1)],
        reorder_point=[[0, 1]],
        order_level=[[1, 1]],
    )
    facts = engine(plan, journeys)
    assert facts.start[:, 0].tolist() == [0, -1, 10, -1]


def test_a_stock_that_needs_more_lots_than_were_drawn_says_so(engine: Engine) -> None:
    levels = {"reorder_point": 0, "order_level": 2}
    with pytest.raises(TooFewDraws):
        simulate(engine, bank(), [], 0, {"doses": 1}, **levels)


# Supplies.


def supplied(
    engine: Engine,
    patients: Sequence[Row],
    *steps: StepPlan,
    closed: tuple[tuple[int, int], ...] = (),
    **given: Any,
) -> Timelines:
    plan = plan_of(patients_route(*steps), closed=[closed])
    return engine(plan, journeys_by_hand(plan, patients, **given))


VECTOR = step(consumes=((0, 2),))


def test_rule_20_without_units_a_step_waits(engine: Engine) -> None:
    """Each start takes 2; the 5 that are there serve two patients, and the order of minute 1, when
    3 are left, the others."""
    given = {"supply": 5, "minimum": 3, "quantity": 4, "lead": [[[20, 20, 0]]]}
    facts = supplied(engine, [{"order": k} for k in (1, 2, 3, 4)], VECTOR, **given)
    assert facts.start[:, 0].tolist() == [1, 2, 21, 21]
    assert facts.ordered.tolist() == [[[1, 21, -1]]]
    assert facts.arrived.tolist() == [[[21, 41, -1]]]


def test_rule_20_orders_are_placed_until_there_is_enough(engine: Engine) -> None:
    """3 at a time until more than 7 are there or on order: three at minute 0, of which the last
    arrives first and serves two patients, so that there is a fourth."""
    given = {"supply": 1, "minimum": 7, "quantity": 3, "lead": [[[5, 4, 0, 7, 50]]]}
    facts = supplied(engine, [{}, {}, {"order": 1}], VECTOR, **given)
    assert facts.ordered.tolist() == [[[0, 0, 0, 0, 4]]]
    assert facts.arrived.tolist() == [[[5, 4, 0, 7, 54]]]
    assert facts.start[:, 0].tolist() == [0, 0, 4]


@pytest.mark.parametrize(("lead", "arrives"), [(9, 9), (10, 20), (19, 20), (20, 20), (25, 30)])
def test_rule_20_nothing_arrives_in_a_closed_window(
    engine: Engine, lead: int, arrives: int
) -> None:
    """At the end of one window another may begin."""
    closed = ((10, 15), (15, 20), (22, 30))
    given = {"minimum": 0, "lead": [[[lead, 500]]], "quantity": 2}
    facts = supplied(engine, [{}], VECTOR, closed=closed, **given)
    assert facts.arrived[0, 0, 0] == arrives
    assert facts.start.tolist() == [[arrives]]


def test_rule_20_an_order_that_would_arrive_at_the_horizon_does_not(engine: Engine) -> None:
    facts = supplied(engine, [{}], VECTOR, minimum=0, lead=[[[1000]]], quantity=2)
    assert (facts.ordered[0, 0, 0], facts.arrived[0, 0, 0]) == (0, -1)


def test_a_consumable_that_needs_more_orders_than_were_drawn_says_so(engine: Engine) -> None:
    with pytest.raises(TooFewDraws):
        supplied(engine, [{}], VECTOR, minimum=1, lead=[[[1]]], quantity=1)


def test_who_does_not_find_all_takes_nothing(engine: Engine) -> None:
    """The first has no units and leaves the line to the second, who needs none."""
    plan = plan_of(
        patients_route(step(0, consumes=((0, 1),))), patients_route(step(0)), closed=[()]
    )
    supply = {"minimum": 0, "lead": [[[4, 500]]], "quantity": 1}
    journeys = journeys_by_hand(plan, [{}, {"route": 1}], **supply)
    assert engine(plan, journeys).start[:, 0].tolist() == [10, 0]


# Patients who go elsewhere.


def test_rule_21_the_wait_that_is_quoted_at_the_order(engine: Engine) -> None:
    """Of two lines both are taken at minute 0; then 4 minutes are quoted for each who waits, over
    the two places: the third patient hears 0, the fourth 4 * 1 // 2, and so on."""
    plan = plan_of(patients_route(step(0), balks=True, production=0))
    patients = [{"order": k, "acceptable": a} for k, a in enumerate([0, 0, 0, 1, 2, 3, 4])]
    facts = engine(plan, journeys_by_hand(plan, patients, service=4, capacity=2))
    went = [state == WENT_ELSEWHERE for state in facts.state]
    assert went == [False, False, False, True, False, True, False]
    assert facts.left[[3, 5]].tolist() == [3, 5]
    assert facts.ready[:, 0].tolist() == [0, 1, 2, -1, 4, -1, 6]


def test_rule_21_orders_of_a_minute_are_quoted_by_number_after_all_else(engine: Engine) -> None:
    """At minute 10 the line becomes free and is not granted yet: two wait. Who is accepted waits
    for those who come after."""
    plan = plan_of(patients_route(step(0), balks=True, production=0), patients_route(step(0)))
    patients = [
        {"order": 0, "acceptable": 0},
        {"order": 1, "route": 1},
        {"order": 10, "acceptable": 7},
        {"order": 10, "acceptable": 14},
        {"order": 10, "acceptable": 20},
        {"order": 10, "route": 1},
    ]
    facts = engine(plan, journeys_by_hand(plan, patients, service=7))
    assert facts.state[2:5].tolist() == [WENT_ELSEWHERE, INFUSED, WENT_ELSEWHERE]


def test_rule_21_without_a_place_the_wait_is_endless(engine: Engine) -> None:
    plan = plan_of(patients_route(step(0), balks=True, production=0))
    patients = [{"acceptable": 0}, {"acceptable": NEVER - 1}, {"acceptable": NEVER}]
    facts = engine(plan, journeys_by_hand(plan, patients, service=1, **places({0: 0})))
    assert facts.state.tolist() == [IN_PROCESS, WENT_ELSEWHERE, IN_PROCESS]


def test_rule_21_those_ahead_wait_for_any_of_the_plants(engine: Engine) -> None:
    """Who waits for a place that the production could have, on whatever route, is ahead."""
    production = patients_route(
        step(), step(0, 1), plants=("first", "second"), balks=True, production=1
    )
    plan = plan_of(production, patients_route(step(1)), patients_route(step(2)))
    others = [{"order": 0, "route": 1}] * 3 + [{"order": 0, "route": 2}] * 3
    patients = [*others, {"order": 1, "acceptable": 4}, {"order": 1, "acceptable": 5}]
    facts = engine(plan, journeys_by_hand(plan, patients, service=5))
    assert facts.state[6:].tolist() == [WENT_ELSEWHERE, INFUSED]


def test_rule_21_from_stock_lots_are_quoted_until_it_is_ones_turn(engine: Engine) -> None:
    """One dose is there; lots of 2 take 10 minutes each by the quote."""
    plan = bank(policy=Policy.CAMPAIGN, balks=True)
    patients = [
        {"order": order, "acceptable": acceptable}
        for order, acceptable in [(0, 0), (1, 9), (1, 10), (2, 10), (3, 10), (3, 20)]
    ]
    given = {"service": 10, "planned_yield": 2}
    facts = simulate(engine, plan, patients, 1, **given)
    elsewhere = [state == WENT_ELSEWHERE for state in facts.state[:-1]]
    assert elsewhere == [False, True, False, False, True, False]


def test_rule_21_who_hears_too_long_a_wait_goes_before_the_clock(engine: Engine) -> None:
    plan = plan_of(patients_route(step(0), balks=True, production=0))
    hurried = {"patience": 0, "order": 1}
    patients = [{}, {}, {**hurried, "acceptable": 0}, {**hurried, "acceptable": 9}]
    facts = engine(plan, journeys_by_hand(plan, patients, service=9))
    assert facts.state[2:].tolist() == [WENT_ELSEWHERE, LOST_WAITING]
    assert facts.ready[2:, 0].tolist() == [-1, 1]
