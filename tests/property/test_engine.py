"""Every engine against an oracle of another kind, and what must hold on every plan.

The plans are small and over every feature, and durations, orders and clocks are a few minutes long,
so that nearly everything is tied with something: that is where engines differ. What resources,
stocks and supplies must obey is in ``test_shared_things.py``.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import Case, random_case
from same import assert_same, facts_alone, journeys_alone, told
from walking import walk

from cartsim.simulation import ENGINES, Engine
from cartsim.simulation.plan import (
    FAILED,
    NO_MARKET,
    NO_RETRY,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    Kind,
    RoutePlan,
)
from cartsim.simulation.rules import kind
from cartsim.simulation.timelines import (
    DISCARDED,
    DISRUPTED,
    IN_PROCESS,
    IN_STOCK,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NO_DOSE,
    NOT_DONE,
    NOT_NEEDED,
    WENT_ELSEWHERE,
    Timelines,
)

seeds = st.integers(0, 2**32 - 1)
cases = seeds.map(random_case)
INFUSED_STATES = (INFUSED, INFUSED_OUT_OF_SPECIFICATION)


@cache
def walked(seed: int) -> Timelines | None:
    return told(walk, *random_case(seed))


@settings(max_examples=300, deadline=None)
@given(seeds)
def test_the_engine_agrees_with_the_walk_through_every_minute(engine: Engine, seed: int) -> None:
    assert_same(told(engine, *random_case(seed)), walked(seed))


@pytest.mark.slow
@settings(max_examples=5000, deadline=None)
@given(seeds)
def test_the_engine_agrees_with_the_walk_on_many_plans(engine: Engine, seed: int) -> None:
    case = random_case(seed, patients=15)
    assert_same(told(engine, *case), told(walk, *case))


def test_the_random_plans_meet_every_rule() -> None:
    """The comparison above is worth something only if the plans are full of ties and of fates."""
    met: dict[str, int] = {}
    states: set[int] = set()
    for seed in range(200):
        plan, journeys = random_case(seed)
        facts = told(ENGINES["reference"], plan, journeys)
        if facts is None:
            continue
        row = np.repeat(np.arange(journeys.order.size), np.diff(journeys.attempt_first))
        lots = journeys.market == NO_MARKET
        lost, ended = (facts.state == LOST_WAITING)[row], facts.end >= 0
        as_they_left = ended & (facts.end == facts.left[row][:, None])
        late = facts.end != facts.start + journeys.duration
        seen = {
            "queued": facts.start > facts.ready,
            "discarded": facts.result == DISCARDED,
            "ended as they left": as_they_left[lost],
            "zero-length": ended & (journeys.duration == 0),
            "third attempt": (facts.attempt >= 2) & ~lots,
            "disrupted": facts.result == DISRUPTED,
            "delayed": ended & late & (facts.result != DISRUPTED),
            "another plant": facts.chosen > 0,
            "several doses": np.bincount(row, facts.source != NO_DOSE) > 1,
            "expired": facts.expired > 0,
            "lot failed": lots & (facts.state == LOST_MANUFACTURING),
            "released lot": lots & (facts.state == IN_STOCK) & (facts.left > 0),
            "supplied": facts.arrived >= 0,
            "met a closed window": (facts.arrived >= 0)
            & (facts.arrived != facts.ordered + journeys.lead),
        }
        for name, what in seen.items():
            met[name] = met.get(name, 0) + int(what.sum())
        states |= set(facts.state.tolist())
    assert states == set(range(8))
    assert min(met.values()) >= 20, met


@settings(max_examples=150, deadline=None)
@given(cases)
def test_every_journey_ends_in_one_state_that_the_facts_bear_out(
    engine: Engine, case: Case
) -> None:
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    for row, index in enumerate(journeys.route):
        route, state, left = plan.routes[index], facts.state[row], facts.left[row]
        attempts = slice(journeys.attempt_first[row], journeys.attempt_first[row + 1])
        ready = facts.ready[attempts]
        last = (attempts.start + facts.attempt[row], facts.step[row])
        if route.kind != Kind.STOCK_LOT:
            infusions = facts.start[attempts, route.infusion]
            infused = infusions[infusions >= 0]
            assert state in range(IN_STOCK)
            assert (state in INFUSED_STATES) == (infused.size > 0)
            assert infused.size <= journeys.doses[row]
            came = journeys.order[row] < plan.horizon and state != WENT_ELSEWHERE
            assert ((ready >= 0).any(), came) in ((True, True), (False, False))
            assert facts.made[row] == facts.expired[row] == 0
        if state in INFUSED_STATES:
            assert left == infused.min()
        if state == INFUSED:
            first = np.flatnonzero(infusions == left)[0]
            released = kind(facts.result[attempts][first]) == RELEASED_UNDER_EXCEPTION
            assert not released[: route.infusion].any()
        if state == LOST_MANUFACTURING:
            failed = facts.result[last] == DISRUPTED or kind(facts.result[last]) in (
                FAILED,
                REJECTED,
            )
            assert failed
            assert facts.end[last] == left
        if state == WENT_ELSEWHERE:
            assert route.balks
            assert left == journeys.order[row]
        if state == NOT_NEEDED:
            assert route.kind == Kind.STOCK_LOT
            assert (ready == -1).all()
        if state == IN_STOCK and attempts.stop > attempts.start:
            assert (facts.end[last], last[1]) == (left, len(route.steps) - 1)
        if state in (IN_PROCESS, NOT_NEEDED):
            assert left == -1
        else:
            assert max(0, journeys.order[row]) <= left < plan.horizon


@settings(max_examples=150, deadline=None)
@given(cases)
def test_steps_follow_their_route_and_last_as_long_as_drawn(engine: Engine, case: Case) -> None:
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    started, ended = facts.start >= 0, facts.end >= 0
    usual = facts.start + journeys.duration
    assert (facts.ready[started] >= 0).all()
    assert (facts.start[started] >= facts.ready[started]).all()
    assert started[ended].all()
    assert (journeys.duration[started] >= 0).all()
    np.testing.assert_array_equal(ended, facts.result != NOT_DONE)
    cut_short, late = facts.end[ended] < usual[ended], facts.end[ended] > usual[ended]
    assert np.isin(facts.end[ended][cut_short], journeys.disruption_time).all()
    assert np.isin(facts.result[ended][cut_short], (DISRUPTED, DISCARDED)).all()
    assert not late.any() or any(not disruption.lost for disruption in plan.disruptions)
    assert plan.disruptions or (usual[started & ~ended] >= plan.horizon).all()
    assert max(facts.ready.max(initial=0), facts.end.max(initial=0)) < plan.horizon
    told_so = (facts.result >= 0) & (facts.result != journeys.outcome)
    assert not told_so.any()
    for row, index in enumerate(journeys.route):
        for attempt in range(*journeys.attempt_first[row : row + 2]):
            first = attempt == journeys.attempt_first[row]
            check_attempt(plan.routes[index], journeys.order[row], facts, attempt, first)


def check_attempt(
    route: RoutePlan, order: int, facts: Timelines, attempt: int, first: bool
) -> None:
    """Each step is ready when the one before it has ended well, and the first one when the order
    came, the attempt before it failed, or another dose was wanted."""
    begun = False
    for step in np.flatnonzero(facts.ready[attempt] >= 0):
        ready = facts.ready[attempt, step]
        if begun:
            assert ready == facts.end[attempt, step - 1]
            assert kind(facts.result[attempt, step - 1]) not in (FAILED, REJECTED)
        elif first:
            assert step == 0
            assert ready == order or (order == -1 and ready >= 0)
        else:
            infused = facts.start[attempt - 1, route.infusion] if route.infusion >= 0 else -1
            if infused >= 0:
                assert step == route.next_dose
                assert ready >= facts.end[attempt - 1, route.infusion] >= 0
            else:
                last = np.flatnonzero(facts.ready[attempt - 1] >= 0)[-1]
                result = facts.result[attempt - 1, last]
                causes = route.steps[last].failures
                failure = causes[0 if result == DISRUPTED else result >> 2]
                assert result == DISRUPTED or kind(result) in (FAILED, REJECTED)
                assert ready == facts.end[attempt - 1, last]
                assert step == failure.retry_from != NO_RETRY
        begun = True


@settings(max_examples=60, deadline=None)
@given(cases)
def test_a_replication_does_not_depend_on_the_others_of_its_block(
    engine: Engine, case: Case
) -> None:
    plan, journeys = case
    together = told(engine, plan, journeys)
    if together is None:
        return
    for replication in range(journeys.replications):
        alone = engine(plan, journeys_alone(journeys, replication))
        assert_same(alone, facts_alone(journeys, together, replication))


@settings(max_examples=60, deadline=None)
@given(cases)
def test_what_an_engine_is_told_it_leaves_as_it_was(engine: Engine, case: Case) -> None:
    plan, journeys = case
    again = told(engine, *case)
    for column in vars(journeys).values():
        column.flags.writeable = False
    assert_same(told(engine, plan, journeys), again)
