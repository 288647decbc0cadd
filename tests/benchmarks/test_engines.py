"""The engines against each other, against the same loop in C, against drawing random numbers, and
against what others would write for a tandem of two queues."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from benchmarks.c_kernel import FACTS, compiled
from benchmarks.journeys_to_time import journeys_to_time
from simulated import journeys_of, patients_route, plan_of, step

from cartsim.simulation import ENGINES
from cartsim.simulation.fast import engine
from cartsim.simulation.fast.flat import flatten
from cartsim.simulation.fast.state import Chance, Facts, State
from cartsim.units import minutes

ROUNDS = 7
pytestmark = pytest.mark.benchmark


def fastest(jobs: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of each job, the best of several rounds in which they take turns."""
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(rounds):
        for name, job in jobs.items():
            begin = time.perf_counter()
            job()
            best[name] = min(best[name], time.perf_counter() - begin)
    return best


def test_the_compiled_loop(tmp_path: Path) -> None:
    plan, journeys = journeys_to_time(60)
    number = journeys.order.size
    flat, chance = flatten(plan), Chance.of(journeys)
    facts, state = Facts.unwritten(journeys), State.of(flat, journeys)
    loop = engine.compiled()
    loop(flat, chance, facts, state)
    generator = np.random.Generator(np.random.Philox(1))
    jobs: dict[str, Callable[[], object]] = {
        "compiled loop": lambda: loop(flat, chance, facts, state),
        "fast engine": lambda: ENGINES["fast"](plan, journeys),
        "14 uniforms a journey": lambda: generator.random(14 * number),
    }
    in_c = compiled(tmp_path)
    if in_c is not None:
        told, alike = in_c(plan, journeys), ENGINES["fast"](plan, journeys)
        for name in FACTS:
            np.testing.assert_array_equal(told[name], getattr(alike, name), name)
        jobs["the same loop in C"] = lambda: in_c(plan, journeys)
    seconds = fastest(jobs)
    small_plan, small = journeys_to_time(2)
    slow = fastest({"reference": lambda: ENGINES["reference"](small_plan, small)}, 1)["reference"]
    seconds["reference engine"] = slow * number / small.order.size
    print(f"\n{number:,} journeys of eight steps, three of them queued for; one core")
    print(f"{'':24} {'m a second':>11} {'x the compiled loop':>20}")
    for name, taken in seconds.items():
        print(f"{name:24} {number / taken / 1e6:11.3f} {taken / seconds['compiled loop']:20.2f}")
    assert seconds["reference engine"] > seconds["fast engine"]


def test_a_tandem_of_two_queues() -> None:
    """M/M/4 after M/M/3 as tutorials write it; which of the others are installed is shown."""
    number = 20_000
    rng = np.random.default_rng(2)
    plan = plan_of(patients_route(step(0), step(1)), horizon=2**35)
    order = minutes(np.cumsum(rng.exponential(1.0, number)))
    served = minutes(rng.exponential([2.4, 3.2], (number, 2)))
    journeys = journeys_of(plan, order=order, duration=served, capacity=[3, 4])
    ENGINES["fast"](plan, journeys)
    seconds = {
        "fast engine": fastest({"it": lambda: ENGINES["fast"](plan, journeys)})["it"],
        "reference engine": fastest({"it": lambda: ENGINES["reference"](plan, journeys)}, 1)["it"],
    }
    for name, job in {"SimPy": _simpy, "Ciw": _ciw, "salabim": _salabim}.items():
        try:
            begin = time.perf_counter()
            customers = job(number if name == "SimPy" else number // 4)
            seconds[name] = (time.perf_counter() - begin) * number / customers
        except ImportError:
            print(f"\n{name} is not installed")
    print(f"\n{number:,} customers of a tandem of M/M/3 and M/M/4; one core")
    for name, taken in seconds.items():
        ratio = taken / seconds["fast engine"]
        print(f"{name:18} {number / taken:12,.0f} a second {ratio:8.1f} x the fast engine's time")
    assert seconds["SimPy"] > seconds["fast engine"]


def _simpy(number: int) -> int:
    import simpy

    environment = simpy.Environment()
    stations = [(simpy.Resource(environment, 3), 2.4), (simpy.Resource(environment, 4), 3.2)]

    def customer() -> object:
        for resource, mean in stations:
            with resource.request() as request:
                yield request
                yield environment.timeout(random.expovariate(1 / mean))

    def source() -> object:
        for _ in range(number):
            yield environment.timeout(random.expovariate(1.0))
            environment.process(customer())

    environment.process(source())
    environment.run()
    return number


def _ciw(number: int) -> int:
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=1.0), None],
        service_distributions=[
            ciw.dists.Exponential(rate=1 / 2.4),
            ciw.dists.Exponential(rate=1 / 3.2),
        ],
        routing=[[0.0, 1.0], [0.0, 0.0]],
        number_of_servers=[3, 4],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(number, method="Finish")
    return number


def _salabim(number: int) -> int:
    import salabim

    salabim.yieldless(False)
    environment = salabim.Environment(trace=False)
    stations = [(salabim.Resource(capacity=3), 2.4), (salabim.Resource(capacity=4), 3.2)]

    class Customer(salabim.Component):
        def process(self) -> object:
            for resource, mean in stations:
                yield self.request(resource)
                yield self.hold(random.expovariate(1 / mean))
                self.release(resource)

    class Source(salabim.Component):
        def process(self) -> object:
            for _ in range(number):
                yield self.hold(random.expovariate(1.0))
                Customer()

    Source()
    environment.run()
    return number
