"""A scenario that runs quickly and has chance in everything, for tests of what surrounds a run."""

from __future__ import annotations

from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded

SMALL = """
cartsim: 1
title: a small product
run: {start: 2024-01-01, years: 1, replications: 4, seed: 11}
currency: CNY
company:
  name: Smallco
  opening_cash: 30m
  administration: {pert: [10m, 20m, 40m]}
  tax: {rate: 25%}
  discount_rate: 10%
products:
  cel:
    workflow: autologous
    launch: 2024-03-01
    plant: works
    attrition: {before_collection: 5%}
    route:
      order: [apheresis, production, delivery, infusion]
      steps:
        apheresis: {role: collection, duration: 1}
        production:
          role: production
          resource: line
          duration: {pert: [8, 10, 14]}
          success: 90%
          on_failure: {retry_from: apheresis, attempts: 2}
          costs: {materials: {value: {pert: [58k, 92k, 180k]}, source: "a public range"}}
        delivery: {role: delivery, duration: 2}
        infusion: {role: infusion, duration: 1}
    markets:
      home:
        orders: {per_month: {pert: [1, 2, 4]}, arrivals: poisson, from: 2024-03-01}
        price: {list: 1m}
plants:
  works: {resources: {line: {capacity: 1}}}
variants:
  dear: {products.cel.markets.home.price.list: 2m}
"""


def small(variant: str | None = None, **more: object) -> Loaded:
    """The scenario above, loaded."""
    return load_text(SMALL, "small.yaml", variant, more)
