"""A ten-year monthly statement with ten contract legs, against a plain pass over its cells."""

from __future__ import annotations

import time

import numpy as np
import pytest

from cartsim.demand.arrivals import arrivals
from cartsim.demand.orders import demand
from cartsim.economics.activity import activity
from cartsim.economics.events import Records
from cartsim.economics.grid import Grid
from cartsim.economics.statement import reckoned
from cartsim.sampling.drawn import draw
from cartsim.scenario.load import load_text
from cartsim.simulation.compile import compile_plan
from cartsim.simulation.simulate import simulate
from cartsim.units import Floats

BLOCK, BLOCKS = 1_000, 40
TEXT = """
cartsim: 1
title: ten legs
run: {start: 2024-01-01, years: 10, replications: 8, seed: 5}
currency: CNY
company:
  opening_cash: 1bn
  research: {pert: [80m, 100m, 150m]}
  administration: 30m
  interest_rate_on_cash: 2%
  tax: {rate: 25%, loss_carry_forward_years: 10}
  discount_rate: 10%
products:
  cel:
    extends: library/sales_alone
    launch: 2024-01-01
    selling: 20m
    markets: {home: {orders: {per_month: 1, arrivals: even}, price: {list: {uniform: [20m, 40m]}}}}
plants: {elsewhere: {resources: {}}}
contracts:
  deal:
    parties: {partner: Moon}
    covers: [cel]
    legs:
      - upfront: {from: partner, amount: 60m, received: 2024-02-01, recognised: {over_months: 60}}
      - milestone: {name: a, from: partner, when: {annual_net_sales_above: 300m}, amount: 10m}
      - milestone: {name: b, from: partner, when: {cumulative_net_sales_above: 1bn}, amount: 20m}
      - milestone: {name: c, from: partner, when: {orders_above: 50}, amount: 5m}
      - milestone: {name: d, from: partner, when: {date: 2027-01-01}, amount: 5m}
      - royalty: {from: us, to: partner, tiers: [{rate: 5%}, {above: 200m, rate: 8%}]}
      - profit_share: {from: us, to: partner, share: 10%}
      - cost_share: {from: partner, of: selling, share: 30%}
      - fee: {from: partner, per: delivery, amount: 1m}
      - reservation: {from: partner, lots_per_year: 20, fee_per_lot: 0.5m}
"""


@pytest.mark.benchmark
def test_ten_years_and_ten_legs() -> None:
    model = load_text(TEXT).model
    plan = compile_plan(model)
    months = 120
    counted, taken, checked, plain = np.zeros((4, BLOCKS))
    for block in range(BLOCKS):
        rows = range(block * BLOCK, (block + 1) * BLOCK)
        drawn = draw(model, 5, rows)
        demands = demand(model, drawn)
        chance, timelines = simulate(model, plan, drawn, arrivals(model, drawn, demands), "fast")
        begin = time.perf_counter()
        grid, records = Grid.of(drawn.calendar, plan, chance), Records(plan, chance, timelines)
        acts = activity(model, drawn, grid, records)
        given = time.perf_counter()
        made = reckoned(model, drawn, demands, acts, grid, records)
        lines = dict(made.lines)  # every one of them
        taken[block], counted[block] = time.perf_counter() - given, given - begin
        assert made.ledger.transfers
        begin = time.perf_counter()
        made.check()
        checked[block] = time.perf_counter() - begin
        cells = np.zeros((BLOCK, months))
        begin = time.perf_counter()
        for _ in range(len(lines)):
            cells = cells + 1.0
        plain[block] = time.perf_counter() - begin

    def scaled(seconds: Floats) -> str:
        return f"{np.median(seconds) * 100_000 / BLOCK:6.2f} s"

    print(f"\nper 100,000 replications of {months} months, {len(made.ledger.transfers)} transfers")
    print(f"facts counted by month and lots' costs {scaled(counted)}")
    print(f"statement, given these {scaled(taken)}")
    print(f"bridge from orders to revenue, all identities checked {scaled(checked)}")
    print(f"one sum for each of its {len(lines)} lines {scaled(plain)}")
