"""What places, openings, doses, stocks and supplies must obey on every plan, found from the facts
alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import Case, random_case
from same import told

from cartsim.simulation import Engine
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import (
    ALL_PLACES,
    OWN_PLACE,
    UNLIMITED,
    Kind,
    Plan,
    Policy,
)
from cartsim.simulation.timelines import (
    IN_STOCK,
    LOST_WAITING,
    NO_DOSE,
    NOT_CHOSEN,
    Timelines,
)
from cartsim.units import NEVER, Ints

cases = st.integers(0, 2**32 - 1).map(random_case)


@dataclass(frozen=True)
class Taken:
    """A place of a resource, from the minute of its grant until it is free again (exclusive)."""

    resource: int
    since: int
    until: int


def rows_of(journeys: Journeys, replication: int) -> range:
    return range(journeys.first[replication], journeys.first[replication + 1])


def places_taken(plan: Plan, journeys: Journeys, facts: Timelines, replication: int) -> list[Taken]:
    return [
        taken
        for row in rows_of(journeys, replication)
        for attempt in range(*journeys.attempt_first[row : row + 2])
        for taken in taken_in_attempt(plan, journeys, facts, replication, row, attempt)
    ]


def taken_in_attempt(
    plan: Plan, journeys: Journeys, facts: Timelines, replication: int, row: int, attempt: int
) -> Iterator[Taken]:
    """Follows an attempt from step to step with the places that it holds."""
    index = journeys.route[row]
    route, left_waiting = plan.routes[index], facts.state[row] == LOST_WAITING
    changeover = journeys.changeover[replication]
    held: dict[int, tuple[int, int]] = {}

    def given_back(groups: list[int], now: int) -> Iterator[Taken]:
        for group in groups:
            resource, since = held.pop(group)
            yield Taken(resource, since, now + changeover[resource])

    begun = np.flatnonzero(facts.ready[attempt] >= 0)
    for number in begun:
        step = route.steps[number]
        start, end = facts.start[attempt, number], facts.end[attempt, number]
        if start < 0:
            gone = facts.left[row] if left_waiting else plan.horizon
            yield from given_back(list(held), gone)
            return
        group = route.place(number)
        if step.resource and group not in held:
            resource = step.resource[max(facts.chosen[attempt], 0)]
            hands_on = journeys.hands_on[replication, index, number]
            if step.place == OWN_PLACE and hands_on >= 0:
                yield Taken(resource, start, start + hands_on + changeover[resource])
            else:
                held[group] = (resource, start)
        if end < 0:
            yield from given_back(list(held), plan.horizon)
            return
        if number == begun[-1]:
            yield from given_back(list(held), end)
        elif step.gives_back and group in held:
            yield from given_back([group], end)
    assert not held


@settings(max_examples=150, deadline=None)
@given(cases)
def test_no_place_is_granted_beyond_those_that_are_there(engine: Engine, case: Case) -> None:
    """Whoever is granted a place that is kept beyond the minute finds one that is neither taken nor
    out of service; where a whole resource is out, nobody is."""
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    for replication in range(journeys.replications):
        taken = places_taken(plan, journeys, facts, replication)
        events = slice(*journeys.disruption_first[replication : replication + 2])
        outages = [
            (plan.disruptions[number], minute, minute + length)
            for number, minute, length in zip(
                journeys.disruption_kind[events],
                journeys.disruption_time[events],
                journeys.disruption_length[events],
                strict=True,
            )
        ]
        for grant in taken:
            now, resource = grant.since, grant.resource
            change = np.searchsorted(journeys.capacity_time, now, side="right") - 1
            capacity = journeys.capacity[replication, change, resource]
            out = [
                disruption.places
                for disruption, since, until in outages
                if disruption.resource == resource and since <= now < until
            ]
            busy = sum(
                other.resource == resource and other.since <= now < other.until for other in taken
            )
            assert ALL_PLACES not in out
            assert capacity > sum(out)
            assert busy + sum(out) <= capacity or grant.until == now


@settings(max_examples=150, deadline=None)
@given(cases)
def test_no_more_starts_than_openings_allow(engine: Engine, case: Case) -> None:
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    for replication in range(journeys.replications):
        taken = places_taken(plan, journeys, facts, replication)
        for resource in range(len(plan.resources)):
            set_anew = np.flatnonzero(journeys.opening[:, resource] >= UNLIMITED)
            times = [*journeys.opening_time[set_anew], plan.horizon]
            for opening, until in zip(set_anew, times[1:], strict=True):
                since, allowed = (
                    journeys.opening_time[opening],
                    journeys.opening[opening, resource],
                )
                starts = [t for t in taken if t.resource == resource and since <= t.since < until]
                assert allowed == UNLIMITED or len(starts) <= allowed


@settings(max_examples=150, deadline=None)
@given(cases)
def test_an_attempt_stays_at_the_plant_it_has_chosen(engine: Engine, case: Case) -> None:
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    for row, index in enumerate(journeys.route):
        chooses = plan.routes[index].chooses
        for attempt in range(*journeys.attempt_first[row : row + 2]):
            begun = np.flatnonzero(facts.ready[attempt] >= 0)
            chosen = facts.chosen[attempt]
            if chooses < 0 or begun.size == 0:
                assert chosen == NOT_CHOSEN
            elif begun[0] > chooses:
                assert chosen == facts.chosen[attempt - 1] >= 0
            else:
                assert (chosen >= 0) == (facts.start[attempt, chooses] >= 0)


# Doses.


@dataclass(frozen=True)
class Batch:
    """Doses of a lot: released, expiring, and the minutes at which they were taken, in order."""

    row: int
    released: int
    expires: int
    made: int
    taken: tuple[int, ...]


def batches(
    plan: Plan, journeys: Journeys, facts: Timelines, replication: int, stock: int
) -> list[Batch]:
    first, last = journeys.lots_first[replication, stock : stock + 2]
    row_of = np.repeat(np.arange(journeys.order.size), np.diff(journeys.attempt_first))
    found = []
    for row in range(first, last):
        if facts.state[row] == IN_STOCK:
            attempts = np.flatnonzero(facts.source == row)
            dose_step = [
                next(i for i, s in enumerate(plan.routes[r].steps) if s.dose)
                for r in journeys.route[row_of[attempts]]
            ]
            found.append(
                Batch(
                    row,
                    int(facts.left[row]),
                    int(min(facts.left[row] + journeys.shelf_life[row], NEVER)),
                    int(facts.made[row]),
                    tuple(sorted(facts.start[attempts, dose_step].tolist())),
                )
            )
    return found


@settings(max_examples=200, deadline=None)
@given(cases)
def test_doses_made_are_taken_expired_or_left(engine: Engine, case: Case) -> None:
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    assert (facts.made >= 0).all()
    assert (facts.expired >= 0).all()
    for replication in range(journeys.replications):
        for stock in range(len(plan.stocks)):
            of_stock = batches(plan, journeys, facts, replication, stock)
            assert sum(batch.made for batch in of_stock) == sum(
                facts.made[slice(*journeys.lots_first[replication, stock : stock + 2])]
            )
            for batch in of_stock:
                left = batch.made - len(batch.taken) - facts.expired[batch.row]
                assert batch.made == journeys.doses[batch.row]
                assert all(batch.released <= minute < batch.expires for minute in batch.taken)
                if batch.expires < plan.horizon:
                    assert left == 0
                else:
                    assert left >= 0
                    assert facts.expired[batch.row] == 0
    row_of = np.repeat(np.arange(journeys.order.size), np.diff(journeys.attempt_first))
    for attempt, row in enumerate(row_of):
        route = plan.routes[journeys.route[row]]
        takes = [i for i, step in enumerate(route.steps) if step.dose]
        took = bool(takes) and facts.start[attempt, takes[0]] >= 0
        assert took == (facts.source[attempt] != NO_DOSE)
        if took:
            assert plan.routes[journeys.route[facts.source[attempt]]].stock == route.stock


@settings(max_examples=200, deadline=None)
@given(cases)
def test_first_expiry_first_out(engine: Engine, case: Case) -> None:
    """No dose is taken while one that expires earlier, and has been there, is left."""
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    for replication in range(journeys.replications):
        for stock in range(len(plan.stocks)):
            of_stock = batches(plan, journeys, facts, replication, stock)
            for batch in of_stock:
                for other in of_stock:
                    if (other.expires, other.row) >= (batch.expires, batch.row):
                        continue
                    for minute in batch.taken:
                        gone = sum(taken <= minute for taken in other.taken)
                        there = other.released < minute < other.expires
                        assert not there or gone == other.made


@settings(max_examples=150, deadline=None)
@given(cases)
def test_the_position_of_a_stock_is_above_its_reorder_point(engine: Engine, case: Case) -> None:
    """At the end of every minute since it opened: in stock, planned in progress, less those who
    wait. Before that no lot begins."""
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    for replication in range(journeys.replications):
        for stock, planned in enumerate(plan.stocks):
            if planned.policy == Policy.CAMPAIGN:
                continue
            point = journeys.reorder_point[replication, stock]
            if planned.policy == Policy.ORDER_UP_TO:
                point = min(point, journeys.order_level[replication, stock] - 1)
            position = positions(plan, journeys, facts, replication, stock)
            opens = journeys.stock_opens[replication, stock]
            assert (position[opens:] > point).all()
            first, last = journeys.lots_first[replication, stock : stock + 2]
            begun = facts.ready[journeys.attempt_first[first + 1 : last], 0]
            assert (begun[begun >= 0] >= opens).all()


def positions(
    plan: Plan, journeys: Journeys, facts: Timelines, replication: int, stock: int
) -> Ints:
    """By minute, int64[horizon]."""
    position = np.zeros(plan.horizon, dtype=np.int64)
    for batch in batches(plan, journeys, facts, replication, stock):
        position[batch.released : batch.expires] += batch.made
        for minute in batch.taken:
            position[minute : batch.expires] -= 1
    first, last = journeys.lots_first[replication, stock : stock + 2]
    for lot in range(first + 1, last):
        ready = facts.ready[journeys.attempt_first[lot], 0]
        if ready >= 0:
            end = facts.left[lot] if facts.left[lot] >= 0 else plan.horizon
            position[ready:end] += journeys.planned_yield[replication, stock]
    for row in range(journeys.first[replication], journeys.lots_first[replication, 0]):
        route = plan.routes[journeys.route[row]]
        if route.kind != Kind.FROM_STOCK or route.stock != stock:
            continue
        takes = next(index for index, step in enumerate(route.steps) if step.dose)
        stays = facts.left[row] if facts.state[row] == LOST_WAITING else plan.horizon
        for attempt in range(*journeys.attempt_first[row : row + 2]):
            ready, start = facts.ready[attempt, takes], facts.start[attempt, takes]
            if ready >= 0:
                position[ready : start if start >= 0 else stays] -= 1
    return position


@settings(max_examples=150, deadline=None)
@given(cases)
def test_campaigns_begin_their_lots_at_their_minutes(engine: Engine, case: Case) -> None:
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    for replication in range(journeys.replications):
        for stock, planned in enumerate(plan.stocks):
            if planned.policy != Policy.CAMPAIGN:
                continue
            mine = (journeys.campaign_stock == stock) & (journeys.campaign_time < plan.horizon)
            lots = journeys.campaign_lots[replication, mine]
            due = np.repeat(journeys.campaign_time[mine], lots)
            due = due[due >= journeys.stock_opens[replication, stock]]
            first, last = journeys.lots_first[replication, stock : stock + 2]
            begun = facts.ready[journeys.attempt_first[first + 1 : last], 0]
            np.testing.assert_array_equal(begun[begun >= 0], due)


# Supplies.


@settings(max_examples=150, deadline=None)
@given(cases)
def test_no_more_units_are_used_than_were_there(engine: Engine, case: Case) -> None:
    plan, journeys = case
    facts = told(engine, plan, journeys)
    if facts is None:
        return
    for replication in range(journeys.replications):
        for number, consumable in enumerate(plan.consumables):
            at = (replication, number)
            ordered, arrived = facts.ordered[at], facts.arrived[at]
            came, quantity = arrived >= 0, journeys.quantity[at]
            at_hand = np.full(plan.horizon, journeys.supply[at])
            at_hand -= used(plan, journeys, facts, replication, number)
            on_order = np.zeros(plan.horizon, dtype=np.int64)
            for order in np.flatnonzero(ordered >= 0):
                until = arrived[order] if came[order] else plan.horizon
                on_order[ordered[order] : until] += quantity
                at_hand[until:] += quantity
            assert (at_hand >= 0).all()
            assert (at_hand + on_order > journeys.minimum[at]).all()
            assert (arrived[came] >= (ordered + journeys.lead[at])[came]).all()
            for closed_from, closed_until in consumable.closed:
                assert not ((closed_from <= arrived) & (arrived < closed_until)).any()


def used(
    plan: Plan, journeys: Journeys, facts: Timelines, replication: int, consumable: int
) -> Ints:
    """Units used up to each minute, int64[horizon]."""
    units = np.zeros(plan.horizon, dtype=np.int64)
    for row in rows_of(journeys, replication):
        for number, step in enumerate(plan.routes[journeys.route[row]].steps):
            for attempt in range(*journeys.attempt_first[row : row + 2]):
                start = facts.start[attempt, number]
                if start >= 0:
                    units[start:] += dict(step.consumes).get(consumable, 0)
    return units
