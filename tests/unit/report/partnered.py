"""A company without chance whose report can be worked out by hand.

An order a week from 4 January 2027 (a Monday) on, 52 in the year. A dose is delivered 12 days after
its order, so 50 are delivered in 2027 and 2 are under way. The list price of 1.03m holds 3% tax;
the partner pays 40% of the million that is left, so 0.4m a dose. Each lot costs 0.1m.
"""

from __future__ import annotations

from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded

PARTNERED = """
cartsim: 1
title: An order a week
run: {start: 2027-01-01, years: 2, replications: 3, seed: 1}
currency: CNY
company:
  name: Weekly Cell
  opening_cash: {value: 20m, source: "its annual report"}
  administration: {value: {2027: 8m, 2028: 30m}, note: "assumption: planned"}
  tax: {rate: 25%}
  discount_rate: 10%
products:
  cel:
    workflow: autologous
    launch: 2027-01-01
    plant: works
    attrition: {}
    route:
      order: [apheresis, production, delivery, infusion]
      steps:
        apheresis: {role: collection, duration: 1}
        production: {role: production, duration: 9, costs: {materials: 0.1m}}
        delivery: {role: delivery, duration: 2}
        infusion: {role: infusion, duration: 1}
    markets:
      home:
        orders: {every_days: 7, from: 2027-01-04}
        price: {list: 1.03m, value_added_tax: 3%}
plants:
  works: {resources: {}}
contracts:
  deal:
    parties: {distributor: Partner Pharma}
    covers: [cel]
    legs:
      - supply_price: {from: distributor, share_of_list: 40%, source: "the contract"}
      - milestone: {from: distributor, when: {date: 2027-06-30}, amount: 5m}
"""


def partnered(more: str = "", **overrides: object) -> Loaded:
    """The scenario above, loaded."""
    return load_text(PARTNERED + more, "weekly.yaml", None, overrides)
