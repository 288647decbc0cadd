"""The engines against the closed forms of queueing theory.

Times are drawn from exact laws and rounded to minutes, which moves a mean by less than a
ten-thousandth. Each comparison takes at least 30 independent replications without their warm-up and
asks for agreement within 4 standard errors; that the error is small enough for the comparison to
mean something is asserted too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from simulated import LONG, failing, journeys_of, patients_route, plan_of, step

from cartsim.simulation import Engine
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import FAILED, SUCCESS, Plan
from cartsim.simulation.timelines import LOST_WAITING, Timelines
from cartsim.units import NEVER, Floats, Ints, minutes

SERVICE = 7.0
"""Mean service time in days: a production line held for a week."""

Sampler = Callable[[np.random.Generator, tuple[int, ...]], Floats]


def exponential(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return rng.exponential(SERVICE, shape)


def fixed(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return np.full(shape, SERVICE)


def gamma(squared_variation: float) -> Sampler:
    return lambda rng, shape: rng.gamma(1 / squared_variation, SERVICE * squared_variation, shape)


def erlang_c(servers: int, load: float) -> float:
    """Chance to wait in M/M/c (Erlang 1917); ``load`` is arrival rate times mean service."""
    blocking = 1.0
    for server in range(1, servers + 1):
        blocking = load * blocking / (server + load * blocking)
    return servers * blocking / (servers - load * (1 - blocking))


@dataclass(frozen=True)
class Station:
    """Customers at one station: order, wait and whether they gave up, [replication, customer]."""

    order: Ints
    wait: Floats
    gave_up: np.ndarray[tuple[int, int], np.dtype[np.bool_]]


def station(
    engine: Engine,
    servers: int,
    utilisation: float,
    service: Sampler,
    *,
    replications: int = 30,
    customers: int = 2500,
    warm_up: int = 500,
    patience: float | None = None,
    seed: int = 1,
) -> Station:
    """Poisson arrivals at a station of parallel servers; waits in days, warm-up left out."""
    rng = np.random.default_rng(seed)
    shape = (replications, customers)
    gaps = rng.exponential(SERVICE / (servers * utilisation), shape)
    order = minutes(np.cumsum(gaps, axis=1))
    count = order.size
    clocks = (
        np.full(count, NEVER) if patience is None else minutes(rng.exponential(patience, count))
    )
    plan = plan_of(patients_route(step(0)), horizon=LONG)
    journeys = journeys_of(
        plan,
        first=np.arange(replications + 1) * customers,
        order=order.ravel(),
        duration=minutes(service(rng, (count, 1))),
        patience=clocks,
        capacity=servers,
    )
    facts = engine(plan, journeys)
    wait = (facts.start - facts.ready)[:, 0].reshape(shape) / 1440
    gave_up = (facts.state == LOST_WAITING).reshape(shape)
    return Station(order[:, warm_up:], wait[:, warm_up:], gave_up[:, warm_up:])


def assert_agrees(by_replication: Floats, truth: float, *, precision: float) -> None:
    """Within 4 standard errors of the truth, and the error within ``precision`` of it."""
    assert by_replication.size >= 30
    error = by_replication.std(ddof=1) / math.sqrt(by_replication.size)
    assert error < precision * truth, f"standard error {error} is too wide to test {truth}"
    assert abs(by_replication.mean() - truth) < 4 * error, (by_replication.mean(), truth, error)


@pytest.mark.parametrize(
    ("servers", "load", "probability"),
    [(4, 3, 0.509434), (10, 8, 0.409180), (10, 9, 0.668732), (31, 28, 0.478027)],
)
def test_erlang_c_is_the_published_one(servers: int, load: float, probability: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(probability, abs=5e-7)


@pytest.mark.parametrize(("servers", "load"), [(4, 3), (10, 8)])
def test_many_exponential_servers(engine: Engine, servers: int, load: float) -> None:
    """M/M/c: share that waits and mean wait."""
    found = station(engine, servers, load / servers, exponential)
    waits = erlang_c(servers, load)
    assert_agrees((found.wait > 0).mean(axis=1), waits, precision=0.03)
    assert_agrees(found.wait.mean(axis=1), waits * SERVICE / (servers - load), precision=0.08)


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "load"), [(10, 9), (31, 28)])
def test_many_exponential_servers_near_saturation(
    engine: Engine, servers: int, load: float
) -> None:
    found = station(
        engine,
        servers,
        load / servers,
        exponential,
        replications=60,
        customers=25_000,
        warm_up=5_000,
    )
    waits = erlang_c(servers, load)
    assert_agrees((found.wait > 0).mean(axis=1), waits, precision=0.03)
    assert_agrees(found.wait.mean(axis=1), waits * SERVICE / (servers - load), precision=0.08)


@pytest.mark.parametrize("squared_variation", [0.15, 2.0])
def test_one_general_server(engine: Engine, squared_variation: float) -> None:
    """M/G/1: the mean wait of Pollaczek and Khinchine."""
    utilisation = 0.6
    found = station(engine, 1, utilisation, gamma(squared_variation), replications=40)
    truth = utilisation * SERVICE * (1 + squared_variation) / (2 * (1 - utilisation))
    assert_agrees(found.wait.mean(axis=1), truth, precision=0.05)


@pytest.mark.parametrize(
    ("servers", "utilisation", "mean_wait"),
    [(1, 0.7, 8.166667), (4, 0.75, 1.868728), (10, 0.8, 0.768795)],
)
def test_fixed_service(engine: Engine, servers: int, utilisation: float, mean_wait: float) -> None:
    """M/D/c: exact mean waits (days, service of 7 days)."""
    found = station(engine, servers, utilisation, fixed, replications=40)
    assert_agrees(found.wait.mean(axis=1), mean_wait, precision=0.06)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("servers", "utilisation", "mean_wait"), [(10, 0.9, 2.412074), (31, 0.9, 0.557913)]
)
def test_fixed_service_near_saturation(
    engine: Engine, servers: int, utilisation: float, mean_wait: float
) -> None:
    found = station(
        engine, servers, utilisation, fixed, replications=60, customers=20_000, warm_up=4_000
    )
    assert_agrees(found.wait.mean(axis=1), mean_wait, precision=0.06)


@pytest.mark.parametrize(
    ("utilisation", "abandons"), [(0.9, 0.03328), (1.1, 0.11155), (1.5, 0.33334)]
)
def test_impatient_customers(engine: Engine, utilisation: float, abandons: float) -> None:
    """Erlang-A: 10 lines of 7 days, exponential patience of 60 days; the share that gives up."""
    found = station(engine, 10, utilisation, exponential, patience=60.0)
    assert_agrees(found.gave_up.mean(axis=1), abandons, precision=0.05)


def test_without_load_nobody_waits(engine: Engine) -> None:
    found = station(engine, 50, 0.02, fixed, customers=600)
    assert not found.wait.any()


@cache
def three_stations(
    engine: Engine, replications: int, patients: int
) -> tuple[Plan, Journeys, Timelines]:
    """Collection, production (which fails and is done again) and bed, each with its own queue, a
    test in between that has none, and patients who leave."""
    rng = np.random.default_rng(7)
    route = patients_route(
        step(0),
        step(1, failures=failing(0, 3)),
        step(failures=failing(0, 3)),
        step(2),
        collection=0,
    )
    plan = plan_of(route, horizon=LONG)
    shape = (replications, patients)
    order = minutes(np.cumsum(rng.exponential(1.0, shape), axis=1))
    count = order.size
    means = np.asarray([1.5, 8.0, 6.0, 10.0])
    failed = rng.random((3 * count, 4)) < [0.0, 0.08, 0.05, 0.0]
    clock = rng.exponential(1.0, count)
    before, after = 1 / minutes(400.0), 1 / minutes(600.0)
    journeys = journeys_of(
        plan,
        first=np.arange(replications + 1) * patients,
        order=order.ravel(),
        duration=minutes(rng.gamma(4.0, means / 4, (3 * count, 4))),
        outcome=np.where(failed, FAILED, SUCCESS),
        clock=clock,
        patience=(clock / before).astype(np.int64),
        hazard_before=before,
        hazard_after=after,
        capacity=[2, 10, 12],
    )
    return plan, journeys, engine(plan, journeys)


@pytest.mark.parametrize("station_step", [0, 1, 3])
def test_little_at_every_station(engine: Engine, station_step: int) -> None:
    """L = lambda W: people found waiting by an observer at random times, against arrivals times
    mean wait, in the same window (retries come back to the stations; some leave the queue)."""
    replications, patients = 30, 700
    _, journeys, facts = three_stations(engine, replications, patients)
    shape = (replications, -1)
    ready = facts.ready[:, station_step].reshape(shape)
    start = facts.start[:, station_step].reshape(shape)
    gone = np.repeat(facts.left, np.diff(journeys.attempt_first)).reshape(shape)
    until = np.where(start >= 0, start, gone)
    came = ready >= 0

    horizon = journeys.order.reshape(replications, patients).max(axis=1)
    rng = np.random.default_rng(3)
    surplus = np.empty(replications)
    found = np.empty(replications)
    for index in range(replications):
        begin, finish = 0.2 * horizon[index], horizon[index]
        seen = rng.uniform(begin, finish, 4000)[:, None]
        waiting = came[index] & (ready[index] <= seen) & (seen < until[index])
        found[index] = waiting.sum(axis=1).mean()
        inside = came[index] & (ready[index] >= begin) & (ready[index] < finish)
        rate = inside.sum() / (finish - begin)
        surplus[index] = found[index] - rate * (until - ready)[index, inside].mean()
    error = surplus.std(ddof=1) / math.sqrt(replications)
    assert found.mean() > 0.2
    assert error < 0.1 * found.mean()
    assert abs(surplus.mean()) < 4 * error


def test_utilisation_is_offered_load(engine: Engine) -> None:
    """Busy places at random times: starts a day times mean service, at the second station."""
    replications, patients = 30, 700
    _, journeys, facts = three_stations(engine, replications, patients)
    shape = (replications, -1)
    start = facts.start[:, 1].reshape(shape)
    end = facts.end[:, 1].reshape(shape)
    horizon = journeys.order.reshape(replications, patients).max(axis=1)
    rng = np.random.default_rng(4)
    surplus = np.empty(replications)
    for index in range(replications):
        begin, finish = 0.2 * horizon[index], horizon[index]
        seen = rng.uniform(begin, finish, 2000)[:, None]
        ran = start[index] >= 0
        busy = (ran & (start[index] <= seen) & (seen < end[index])).sum(axis=1).mean()
        rate = (ran & (start[index] >= begin) & (start[index] < finish)).sum() / (finish - begin)
        surplus[index] = busy - rate * 8.0 * 1440
    error = surplus.std(ddof=1) / math.sqrt(replications)
    assert error < 0.1
    assert abs(surplus.mean()) < 4 * error


@pytest.mark.parametrize(("a_week", "backlog"), [(8.0, 0.878622), (9.0, 3.101238)])
def test_weekly_slots(engine: Engine, a_week: float, backlog: float) -> None:
    """Ten starts a week; of those who have come by then, who finds no start waits for the next
    week: the backlog is a Markov chain, whose stationary mean is known."""
    weeks, warm_up, replications, starts_a_week = 500, 100, 40, 10
    rng = np.random.default_rng(5)
    coming = rng.poisson(a_week, (replications, weeks))
    week = np.arange(weeks) * 7 * 1440
    plan = plan_of(patients_route(step(0)), horizon=weeks * 7 * 1440)
    journeys = journeys_of(
        plan,
        first=np.concatenate([[0], np.cumsum(coming.sum(axis=1))]),
        order=np.concatenate([np.repeat(week, number) for number in coming]),
        duration=1,
        capacity=[1000],
        opening_time=week,
        opening=starts_a_week,
    )
    facts = engine(plan, journeys)
    start = np.where(facts.start[:, 0] < 0, plan.horizon, facts.start[:, 0])
    means = []
    for replication in range(replications):
        own = slice(journeys.first[replication], journeys.first[replication + 1])
        here = np.searchsorted(journeys.order[own], week, side="right")
        begun = np.searchsorted(np.sort(start[own]), week, side="right")
        means.append(float((here - begun)[warm_up:].mean()))
    found = np.asarray(means)
    error = found.std(ddof=1) / np.sqrt(replications)
    assert error < 0.1 * backlog
    assert abs(found.mean() - backlog) < 4 * error
