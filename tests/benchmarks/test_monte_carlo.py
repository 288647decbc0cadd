"""Executors and stored files against computing alone; a finance-only run against monaco."""

from __future__ import annotations

import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from finance_only import FINANCE_ONLY

from cartsim.montecarlo.block import BLOCK, LARGE_BLOCK, blocks, compute_block
from cartsim.montecarlo.run import run
from cartsim.montecarlo.stored import StoredBlock, encode
from cartsim.scenario.load import load, load_text

SCENARIO = Path(__file__).parents[2] / "scenarios" / "carsgen_zevor_cel.yaml"
REPLICATIONS = 16 * BLOCK


def seconds(work: Callable[[], object], rounds: int = 1) -> float:
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


@pytest.mark.benchmark
def test_executors() -> None:
    loaded = load(SCENARIO)
    run(loaded, 2, executor="serial")  # compiled
    alone = seconds(lambda: run(loaded, REPLICATIONS, executor="serial"))
    print(f"\n{REPLICATIONS:,} replications of {SCENARIO.stem}; serial {alone:.1f} s")
    for executor in ("threads", "processes", "dask"):
        one, two = (
            seconds(lambda: run(loaded, REPLICATIONS, executor=executor, workers=workers))  # noqa: B023
            for workers in (1, 2)
        )
        print(f"{executor:10s} one {one:.1f} s, two {two:.1f} s: {one / two:.2f} times")


@pytest.mark.benchmark
def test_stored_blocks() -> None:
    model = load(SCENARIO).model
    block = compute_block(model, 1, range(BLOCK), "fast")
    computing = seconds(lambda: compute_block(model, 1, range(BLOCK), "fast"), 4)
    writing = seconds(lambda: encode(block, "run"), 4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "block"
        content = encode(block, "run")
        path.write_bytes(content)
        stored = StoredBlock(path, range(BLOCK))
        reading = seconds(stored.read, 4)
        one = seconds(lambda: stored.rows(100, 101), 4)
    print(
        f"\n{len(block.columns):,} measures of {BLOCK} replications, {len(content) / 1e6:.1f} MB: "
        f"writing {writing / computing:.1%} of computing, reading {reading / computing:.1%}, one "
        f"measure {one * 1e3:.1f} ms"
    )


@pytest.mark.benchmark
def test_finance_only_beside_monaco() -> None:
    mc = pytest.importorskip("monaco")
    from scipy.stats import gamma, lognorm, norm, uniform

    months, cases = 120, 500

    def prepare(case: object) -> tuple[object, ...]:
        names = ("cash", "research", "selling", "administration", "income")
        return tuple(case.invals[name].val for name in names)  # type: ignore[attr-defined]

    def model(cash: float, *flows: float) -> tuple[float]:
        research, selling, administration, income = flows
        balance, value, loss = cash, 0.0, 0.0
        for month in range(months):
            result = (income - research - selling - administration) / 12
            loss += result
            balance += result
            value += result / 1.1 ** ((month + 1) / 12)
        return (value,)

    def keep(case: object, value: float) -> None:
        case.addOutVal("npv", value)  # type: ignore[attr-defined]

    def with_monaco() -> None:
        sim = mc.Sim(
            name="finance",
            ndraws=cases,
            fcns={"preprocess": prepare, "run": model, "postprocess": keep},
            seed=1,
            verbose=False,
        )
        sim.addInVar(name="cash", dist=lognorm, distkwargs={"s": 0.2, "scale": 100})
        sim.addInVar(name="research", dist=uniform, distkwargs={"loc": 1, "scale": 3})
        sim.addInVar(name="selling", dist=uniform, distkwargs={"loc": 1, "scale": 2})
        sim.addInVar(name="administration", dist=gamma, distkwargs={"a": 9, "scale": 1 / 3})
        sim.addInVar(name="income", dist=norm, distkwargs={"loc": 5, "scale": 1})
        sim.runSim()

    scenario = load_text(FINANCE_ONLY).model

    def with_cartsim(names: tuple[str, ...] | None) -> None:
        for rows in blocks(8 * LARGE_BLOCK, LARGE_BLOCK):
            compute_block(scenario, 1, rows, "fast", ("year", "all"), names=names)

    theirs = seconds(with_monaco) / cases
    print(f"\na case of ten years by month: monaco {theirs * 1e6:,.0f} µs (five lines, one value)")
    for told, names in (("the same value", ("npv",)), ("all measures", None)):
        with_cartsim(names)
        ours = seconds(lambda: with_cartsim(names), 3) / (8 * LARGE_BLOCK)  # noqa: B023
        assert np.isfinite(ours)
        print(f"cartsim, {told}: {ours * 1e6:,.1f} µs, {theirs / ours:.1f} times faster")


@pytest.mark.benchmark
def test_finance_only_beside_one_big_array() -> None:
    """The same company in five lines of NumPy over all cases and months at a time."""
    cases, months = 50_000, 120

    def one_big_array() -> float:
        random = np.random.default_rng(1)
        each = (cases, 1)
        cash = random.lognormal(np.log(100), 0.2, each)
        research, selling = random.uniform(1, 4, each), random.uniform(1, 3, each)
        administration, income = random.gamma(9, 1 / 3, each), random.normal(5, 1, each)
        shape = np.ones((cases, months)) / 12
        lines = [amount * shape for amount in (research, selling, administration, income)]
        result = lines[3] - lines[0] - lines[1] - lines[2]
        taxed = np.where(np.cumsum(result, axis=1) > 0, 0.25 * np.maximum(result, 0), 0.0)
        balance = cash + np.cumsum(result - taxed, axis=1)
        discount = 1.1 ** -((np.arange(months) + 1) / 12)
        return float(((result - taxed) * discount).sum(axis=1).mean() + balance.min() * 0)

    scenario = load_text(FINANCE_ONLY).model

    def with_cartsim() -> None:
        for rows in blocks(cases, LARGE_BLOCK):
            compute_block(scenario, 1, rows, "fast", ("year", "all"), names=("npv",))

    told = []
    for name, work in (("one big array", one_big_array), ("cartsim", with_cartsim)):
        work()
        taken = seconds(work)
        tracemalloc.start()
        work()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        told.append(f"{name}: {taken / cases * 1e6:,.1f} µs a case, {peak / 1e6:,.0f} MB")
    print(f"\n{cases:,} cases of {months} months; " + "; ".join(told))
