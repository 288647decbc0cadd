"""What analyses take: a tornado of CARsgen, a ranking of a stored run, pairs against two runs."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from cartsim.analysis.evaluate import Case, Settings, Wanted, evaluate
from cartsim.analysis.inputs import inputs_of
from cartsim.analysis.one_at_a_time import tornado
from cartsim.analysis.ranking import rank, regression
from cartsim.montecarlo.run import run
from cartsim.montecarlo.saved import read_result
from cartsim.scenario.load import load, load_text

SCENARIO = Path(__file__).parents[2] / "scenarios" / "carsgen_zevor_cel.yaml"
MANY = 100
FINANCE_ONLY = """
cartsim: 1
title: a company with a hundred uncertain inputs
run: {start: 2024-01-01, years: 10}
currency: CNY
company:
  opening_cash: 1bn
  tax: {rate: 25%}
  discount_rate: 10%
  research: {YEARS}
  selling: {YEARS}
  administration: {YEARS}
  other_income: {YEARS}
  depreciation: {YEARS}
  capital_expenditure: {YEARS}
  interest_rate_on_cash: {RATES}
  rounds: {ROUNDS}
products: {}
"""


def with_a_hundred_inputs() -> str:
    years = ", ".join(f"{year}: {{uniform: [1m, 9m]}}" for year in range(2024, 2034))
    rates = ", ".join(f"{year}: {{uniform: [1%, 4%]}}" for year in range(2024, 2034))
    rounds = ", ".join(
        f"r{i}: {{date: 2025-0{1 + i % 9}-01, amount: {{uniform: [1m, 2m]}}}}" for i in range(30)
    )
    return FINANCE_ONLY.replace("YEARS", years).replace("RATES", rates).replace("ROUNDS", rounds)


@pytest.mark.benchmark
def test_tornado_of_thirty_inputs() -> None:
    loaded = load(SCENARIO)
    patterns = [each.path for each in inputs_of(loaded.model)][:30]
    run(loaded, 2, executor="serial")  # compiled
    begin = time.perf_counter()
    found = tornado(loaded, Wanted("npv"), patterns, settings=Settings(256))
    seconds = time.perf_counter() - begin
    begin = time.perf_counter()
    run(loaded, 61 * 256, executor="threads")
    plain = time.perf_counter() - begin
    assert len(found.swings) == 30
    print(
        f"\ntornado of 30 inputs, 61 cases of 256 replications: {seconds:.1f} s, "
        f"{seconds / plain:.2f} of a plain run of as many replications"
    )


@pytest.mark.benchmark
def test_ranking_of_a_stored_run(tmp_path: Path) -> None:
    loaded = load_text(with_a_hundred_inputs())
    assert len(inputs_of(loaded.model)) == MANY
    run(loaded, 10_000, out=tmp_path / "run", periods=("year",))
    begin = time.perf_counter()
    result = read_result(tmp_path / "run")
    opened = time.perf_counter() - begin
    found = rank(result, [Wanted("npv")])
    seconds = time.perf_counter() - begin
    x = np.random.default_rng(1).random((MANY, 10_000))
    begin = time.perf_counter()
    regression(x, x[:1])
    alone = time.perf_counter() - begin
    assert len(found.inputs) == MANY
    print(
        f"\nranking of {MANY} inputs by a stored run of 10,000 replications: {seconds:.2f} s "
        f"(opening and checking the files {opened:.2f} s, the regression {alone:.2f} s)"
    )


@pytest.mark.benchmark
def test_pairs_against_independent_runs() -> None:
    base, other = load(SCENARIO), load(SCENARIO, "price_1m")
    seed = base.model.run.seed
    same = evaluate([Case(base), Case(other)], [Wanted("npv")], Settings(1024))
    apart = evaluate([Case(other)], [Wanted("npv")], Settings(1024, seed + 1))
    pairs = same.values[1, 0] - same.values[0, 0]
    independent = apart.values[0, 0] - same.values[0, 0]
    print(
        "\nvariance of the difference of NPV at 1.0m and 1.15m yuan: independent runs "
        f"{independent.var() / pairs.var():,.0f} times that of pairs"
    )
