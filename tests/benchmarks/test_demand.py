"""What a month of demand costs, against drawing the uniform that it needs."""

from __future__ import annotations

import time

import pytest
from unit.demand.market_by_hand import world

from cartsim.demand.orders import demand
from cartsim.sampling.drawn import draw
from cartsim.sampling.streams import uniforms

REPLICATIONS, BLOCK, YEARS = 100_000, 1_000, 10
MARKET = """
incidence_per_year: {value: {normal: {mean: 30_300, sd: 1_500}}}
funnel: {late: {pert: [14%, 20%, 26%]}, fit: {pert: [50%, 60%, 70%]}}
centres: {ramp: {from: 2024-03-01, to: 2025-06-30, start: {pert: [40, 70, 110]}, end: 200}}
coverage_scale: 120
payers:
  self_pay: {share: 55%}
  city_insurance: {share: 25%, reimburses: 40%, cap: 0.5m}
  commercial: {share: 10%, reimburses: 80%, from: 2026-01-01}
  employer: {share: 10%, reimburses: {uniform: [50%, 90%]}}
ability_to_pay: {lognormal: {median: {pert: [370k, 520k, 700k]}, sigma: 1.1}}
adoption: {linear: {months_to_peak: {pert: [2, 4, 9]}, peak: {pert: [60%, 75%, 90%]}}}
competitors:
  first: {from: 2023-07-01}
  second: {from: 2024-09-01, delay_months: {uniform: [0, 6]}}
  third: {from: 2025-06-01, delay_months: {uniform: [0, 12]}, probability: 70%}
  fourth: {from: 2027-01-01, attraction: {uniform: [0.5, 2]}, probability: 50%}
price: {list: {steps: [{from: 2024-01-01, value: 1.15m}, {from: 2027-01-01, value: 0.8m}]}}
"""


@pytest.mark.benchmark
@pytest.mark.parametrize("pool", [False, True], ids=["without a pool", "with a pool"])
def test_four_payers_and_four_competitors(pool: bool) -> None:
    body = MARKET
    if pool:
        body += "prevalent_pool: {patients: {uniform: [1000, 3000]}, exit_per_year: 50%}\n"
    made = world(body, years=YEARS, replications=4)
    assert made.demand.orders.sum() > 0
    orders, taken, alone = 0, 0.0, 0.0
    for first in range(0, REPLICATIONS, BLOCK):
        rows = range(first, first + BLOCK)
        begin = time.perf_counter()
        found = demand(made.scenario, draw(made.scenario, 1, rows))
        taken += time.perf_counter() - begin
        orders += int(found[0].orders.sum())
        begin = time.perf_counter()
        uniforms(1, "benchmark", rows, 12 * YEARS)
        alone += time.perf_counter() - begin
    months = REPLICATIONS * 12 * YEARS
    assert orders > months
    print(
        f"\n{REPLICATIONS:,} replications of {12 * YEARS} months, {orders / months:.1f} orders each"
    )
    print(f"{'demand':24} {taken:6.2f} s {1e9 * taken / months:8.1f} ns a month")
    print(f"{'its uniforms alone':24} {alone:6.2f} s {1e9 * alone / months:8.1f} ns a month")
    print(f"{'ratio':24} {taken / alone:6.1f}")
