"""The reference engine against an oracle of another kind, and what must hold on every plan.

The plans are small, and durations, orders and clocks are a few minutes long, so that nearly
everything is tied with something: that is where engines differ.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from cartsim.simulation.reference.engine import simulate
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

Case = tuple[Plan, Journeys]


def random_route(name: str, resources: int, rng: np.random.Generator) -> RoutePlan:
    count = int(rng.integers(1, 6))
    steps = []
    for index in range(count):
        attempts = 1 if index == count - 1 else int(rng.integers(1, 4))
        steps.append(
            StepPlan(
                name=f"step_{index}",
                role=None,
                resource=int(rng.integers(NO_RESOURCE, resources)),
                retry_from=int(rng.integers(0, index + 1)) if attempts > 1 else NO_RETRY,
                attempts=attempts,
            )
        )
    return RoutePlan(name, tuple(steps), int(rng.integers(NO_STEP, count)), NO_STEP, count - 1)


def random_case(seed: int, *, patients: int = 10, shortest: int = 0) -> Case:
    """A plan and a block of two or three replications, in which ties are the rule."""
    rng = np.random.default_rng(seed)
    resources = int(rng.integers(0, 4))
    routes = tuple(random_route(name, resources, rng) for name in "ab"[: rng.integers(1, 3)])
    plan = Plan(
        horizon=int(rng.integers(10, 60)),
        resources=tuple(f"plant.{index}" for index in range(resources)),
        routes=routes,
        markets=tuple((index, "market") for index in range(len(routes))),
    )
    sizes = rng.integers(0, patients + 1, size=int(rng.integers(2, 4)))
    count = int(sizes.sum())
    product = rng.integers(0, len(routes), count)
    shape = (count, plan.attempts, plan.steps)
    outcomes = [SUCCESS, FAILED, RELEASED_UNDER_EXCEPTION, REJECTED]
    patience = np.where(rng.random(count) < 0.4, NEVER, rng.integers(0, 30, count))
    changes = np.unique(rng.integers(1, 50, size=int(rng.integers(0, 4))))
    journeys = Journeys(
        first=np.concatenate([[0], np.cumsum(sizes)]),
        product=product,
        market=product,
        order=np.concatenate([np.sort(rng.integers(0, 12, size)) for size in sizes]),
        duration=rng.integers(shortest, 6, shape),
        outcome=rng.choice(outcomes, p=[0.7, 0.12, 0.09, 0.09], size=shape).astype(np.int8),
        patience=patience,
        patience_after=rng.choice([0.0, 0.3, 1.0, 2.5, np.inf], count),
        clock_after=np.where(
            patience == NEVER, rng.choice([0, 3, 9, NEVER], p=[0.1, 0.2, 0.2, 0.5], size=count), -1
        ),
        capacity_time=np.concatenate([[0], changes]),
        capacity=rng.integers(0, 4, (sizes.size, changes.size + 1, resources)),
    )
    return plan, journeys


cases = st.integers(0, 2**32 - 1).map(random_case)


# An engine that walks through every minute and looks at everyone in it, round after round: no
# calendar of events, no heap, nothing that is remembered about a queue.


@dataclass
class Person:
    number: int
    row: int
    present: bool = False
    attempt: int = 0
    step: int = 0
    waits: bool = False
    ends: int = -1
    leaves: int = NEVER
    collected: bool = False
    released: tuple[int, ...] = ()


def walk(plan: Plan, journeys: Journeys) -> Timelines:
    shape = journeys.duration.shape
    ready, start, end = (np.full(shape, -1, dtype=np.int64) for _ in range(3))
    result = np.full(shape, NOT_DONE, dtype=np.int8)
    state = np.full(shape[0], IN_PROCESS, dtype=np.int8)
    step_at, attempt_at = np.zeros((2, shape[0]), dtype=np.int64)
    left = np.full(shape[0], -1, dtype=np.int64)

    def wait(person: Person, attempt: int, step: int, now: int) -> None:
        person.attempt, person.step, person.waits = attempt, step, True
        ready[person.row, attempt, step] = now

    def conclude(row: int, final: int, now: int) -> None:
        state[row], left[row] = final, now

    for replication in range(len(journeys.first) - 1):
        rows = range(journeys.first[replication], journeys.first[replication + 1])
        people = [Person(number, row) for number, row in enumerate(rows)]
        routes = {person.row: plan.routes[journeys.product[person.row]] for person in people}
        for now in range(plan.horizon):
            places = journeys.capacity[replication][journeys.capacity_time <= now][-1]
            another_round = True
            while another_round:
                for person in people:
                    if not person.present and journeys.order[person.row] == now:
                        person.present = True
                        person.leaves = now + int(journeys.patience[person.row])
                        wait(person, 0, 0, now)
                for person in people:
                    if person.present and state[person.row] == IN_PROCESS and person.leaves <= now:
                        conclude(person.row, LOST_WAITING, now)
                for person in reversed(people):
                    if person.ends != now:
                        continue
                    person.ends = -1
                    row, at = person.row, (person.row, person.attempt, person.step)
                    step, outcome = routes[row].steps[person.step], journeys.outcome[at]
                    end[at] = now
                    gone = state[row] == LOST_WAITING and left[row] < now
                    result[at] = DISCARDED if gone else outcome
                    if state[row] != IN_PROCESS:
                        continue
                    if outcome in (FAILED, REJECTED):
                        if person.attempt + 1 >= step.attempts:
                            conclude(row, LOST_MANUFACTURING, now)
                        else:
                            person.released = tuple(
                                x for x in person.released if x < step.retry_from
                            )
                            wait(person, person.attempt + 1, step.retry_from, now)
                    else:
                        if outcome == RELEASED_UNDER_EXCEPTION:
                            person.released += (person.step,)
                        wait(person, person.attempt, person.step + 1, now)

                another_round = False
                waiting = [p for p in people if p.waits and state[p.row] == IN_PROCESS]
                for person in sorted(
                    waiting, key=lambda p: (ready[p.row, p.attempt, p.step], p.number)
                ):
                    row, route = person.row, routes[person.row]
                    resource = route.steps[person.step].resource
                    holders = [
                        p
                        for p in people
                        if p.ends >= 0 and routes[p.row].steps[p.step].resource == resource
                    ]
                    if resource != NO_RESOURCE and len(holders) >= places[resource]:
                        continue
                    person.waits = False
                    start[row, person.attempt, person.step] = now
                    person.ends = now + int(journeys.duration[row, person.attempt, person.step])
                    if person.step == route.collection and not person.collected:
                        person.collected = True
                        if journeys.clock_after[row] >= 0:
                            person.leaves = now + int(journeys.clock_after[row])
                        elif np.isinf(journeys.patience_after[row]):
                            person.leaves = NEVER
                        else:
                            spared = (person.leaves - now) * journeys.patience_after[row]
                            person.leaves = now + int(np.floor(spared))
                    if person.step == route.infusion:
                        final = INFUSED_OUT_OF_SPECIFICATION if person.released else INFUSED
                        conclude(row, final, now)
                    another_round |= person.ends == now or person.leaves <= now
        for person in people:
            step_at[person.row], attempt_at[person.row] = person.step, person.attempt
    return Timelines(ready, start, end, result, state, step_at, attempt_at, left)


def assert_same(one: Timelines, other: Timelines) -> None:
    for fact in fields(Timelines):
        left, right = getattr(one, fact.name), getattr(other, fact.name)
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left, right, err_msg=fact.name)


@settings(max_examples=400, deadline=None)
@given(cases)
def test_the_engine_agrees_with_the_walk_through_every_minute(case: Case) -> None:
    assert_same(simulate(*case), walk(*case))


def test_the_random_plans_meet_every_rule() -> None:
    """The comparison above is worth something only if the plans are full of ties and of fates."""
    met: dict[str, int] = dict.fromkeys(
        ["queued", "discarded", "ended as they left", "zero-length", "third attempt"], 0
    )
    states: set[int] = set()
    for seed in range(150):
        _, journeys = case = random_case(seed)
        facts = simulate(*case)
        states |= set(facts.state.tolist())
        lost = (facts.state == LOST_WAITING)[:, None, None]
        met["queued"] += int((facts.start > facts.ready).sum())
        met["discarded"] += int((facts.result == DISCARDED).sum())
        met["ended as they left"] += int((lost & (facts.end == facts.left[:, None, None])).sum())
        met["zero-length"] += int(((facts.end >= 0) & (journeys.duration == 0)).sum())
        met["third attempt"] += int((facts.ready[:, 2:] >= 0).sum())
    assert states == set(range(5))
    assert min(met.values()) >= 20, met


@settings(max_examples=150, deadline=None)
@given(cases)
def test_every_patient_ends_in_one_state_that_the_facts_bear_out(case: Case) -> None:
    plan, journeys = case
    facts = simulate(plan, journeys)
    for row, product in enumerate(journeys.product):
        route = plan.routes[product]
        ordered = journeys.order[row] < plan.horizon
        last = (row, facts.attempt[row], facts.step[row])
        started_infusion = facts.start[row, :, route.infusion].max(initial=-1)
        infused = facts.state[row] in (INFUSED, INFUSED_OUT_OF_SPECIFICATION)
        assert infused == (started_infusion >= 0)
        if infused:
            assert facts.left[row] == started_infusion
        if facts.state[row] == INFUSED:
            released = facts.result[row, facts.attempt[row]] == RELEASED_UNDER_EXCEPTION
            assert not released[: route.infusion].any()
        if facts.state[row] == LOST_MANUFACTURING:
            assert facts.result[last] in (FAILED, REJECTED)
            assert facts.end[last] == facts.left[row]
        if facts.state[row] == IN_PROCESS:
            assert facts.left[row] == -1
            assert facts.end[last] == -1
        else:
            assert journeys.order[row] <= facts.left[row] < plan.horizon
        assert (facts.ready[row].max(initial=-1) >= 0) == ordered


@settings(max_examples=150, deadline=None)
@given(cases)
def test_steps_follow_their_route_and_last_as_long_as_drawn(case: Case) -> None:
    plan, journeys = case
    facts = simulate(plan, journeys)
    started, ended = facts.start >= 0, facts.end >= 0
    assert (facts.ready[started] >= 0).all()
    assert (facts.start[started] >= facts.ready[started]).all()
    assert started[ended].all()
    np.testing.assert_array_equal(facts.end[ended], (facts.start + journeys.duration)[ended])
    np.testing.assert_array_equal(ended, facts.result != NOT_DONE)
    unfinished = started & ~ended
    assert ((facts.start + journeys.duration)[unfinished] >= plan.horizon).all()
    assert max(facts.ready.max(initial=0), facts.end.max(initial=0)) < plan.horizon
    for row, product in enumerate(journeys.product):
        steps = plan.routes[product].steps
        for attempt, step in zip(*np.nonzero(facts.ready[row] >= 0), strict=True):
            ready = facts.ready[row, attempt, step]
            if attempt == 0 and step == 0:
                assert ready == journeys.order[row]
                continue
            went_well = step > 0 and ready == facts.end[row, attempt, step - 1] >= 0
            failed_before = attempt > 0 and any(
                facts.end[row, attempt - 1, earlier] == ready
                and facts.result[row, attempt - 1, earlier] in (FAILED, REJECTED)
                and plan_of.retry_from == step
                and attempt < plan_of.attempts
                for earlier, plan_of in enumerate(steps)
            )
            assert went_well or failed_before


def intervals(plan: Plan, journeys: Journeys, facts: Timelines, replication: int) -> dict[int, Any]:
    """By resource: number, ready, start, end and last minute of waiting of all that queued for it;
    what did not happen is after the horizon."""
    rows = range(journeys.first[replication], journeys.first[replication + 1])
    found: dict[int, list[tuple[int, ...]]] = {index: [] for index in range(len(plan.resources))}
    for number, row in enumerate(rows):
        steps = plan.routes[journeys.product[row]].steps
        gone = facts.left[row] if facts.left[row] >= 0 else plan.horizon
        for attempt, step in zip(*np.nonzero(facts.ready[row] >= 0), strict=True):
            at = (row, attempt, step)
            times = [int(t) if t >= 0 else plan.horizon for t in (facts.start[at], facts.end[at])]
            until = min(times[0], gone) if facts.start[at] < 0 else times[0]
            if steps[step].resource != NO_RESOURCE:
                entry = (number, int(facts.ready[at]), *times, int(until))
                found[steps[step].resource].append(entry)
    return {index: np.asarray(entries).reshape(-1, 5).T for index, entries in found.items()}


@settings(max_examples=150, deadline=None)
@given(cases)
def test_no_place_is_given_twice_and_none_is_kept_from_those_who_wait(case: Case) -> None:
    plan, journeys = case
    facts = simulate(plan, journeys)
    for replication in range(len(journeys.first) - 1):
        queued = intervals(plan, journeys, facts, replication)
        for resource, (_, ready, start, end, until) in queued.items():
            for now in range(plan.horizon):
                change = np.searchsorted(journeys.capacity_time, now, side="right") - 1
                places = journeys.capacity[replication, change, resource]
                busy = ((start <= now) & (now < end)).sum()
                if ((start == now) & (end > now)).any():
                    assert busy <= places
                if ((ready <= now) & (now < until)).any():
                    assert busy >= places


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_first_ready_first_served_then_by_patient_number(seed: int) -> None:
    plan, journeys = random_case(seed, shortest=1)  # one round a minute
    facts = simulate(plan, journeys)
    for replication in range(len(journeys.first) - 1):
        for number, ready, start, _, until in intervals(
            plan, journeys, facts, replication
        ).values():
            for i, j in zip(*np.nonzero(start[:, None] > start[None, :]), strict=True):
                # i started later than j, or never: then j's turn was first, or i was not waiting
                j_is_first = (ready[j], number[j]) < (ready[i], number[i])
                assert j_is_first or until[i] <= start[j]


@settings(max_examples=50, deadline=None)
@given(cases)
def test_a_replication_does_not_depend_on_the_others_of_its_block(case: Case) -> None:
    plan, journeys = case
    together = simulate(plan, journeys)
    for replication in range(len(journeys.first) - 1):
        first, following = journeys.first[replication : replication + 2]
        rows = slice(first, following)
        by_patient = [
            "product",
            "market",
            "order",
            "duration",
            "outcome",
            "patience",
            "patience_after",
            "clock_after",
        ]
        alone = replace(
            journeys,
            first=np.asarray([0, following - first]),
            capacity=journeys.capacity[replication : replication + 1],
            **{name: getattr(journeys, name)[rows] for name in by_patient},
        )
        part = Timelines(*(getattr(together, fact.name)[rows] for fact in fields(Timelines)))
        assert_same(simulate(plan, alone), part)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_engine_agrees_with_the_walk_on_many_plans(seed: int) -> None:
    case = random_case(seed, patients=15)
    assert_same(simulate(*case), walk(*case))
