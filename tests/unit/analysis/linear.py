"""A company without products, whose results are sums of its inputs: all has closed forms."""

from __future__ import annotations

from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded

YEARS = 2
LINEAR = """
cartsim: 1
title: a company whose cash is a sum
run: {start: 2024-01-01, years: 2, replications: 512, seed: 3, design: latin_hypercube}
currency: CNY
company:
  opening_cash: {value: {uniform: [100m, 120m]}, source: "a report"}
  research: {uniform: [10m, 20m]}
  administration: {uniform: [5m, 7m]}
  selling: 4m
  other_income: {normal: {mean: 3m, sd: 1m}}
  tax: {rate: 0%}
  discount_rate: 10%
products: {}
variants:
  outsourced:
    company.research: 15.5m
  cheaper:
    company.administration: 5m
    company.selling: 1m
"""
OPENING = "company.opening_cash"
RESEARCH = "company.research"
ADMINISTRATION = "company.administration"
INCOME = "company.other_income"


def linear(variant: str | None = None, more: str = "") -> Loaded:
    """The scenario; ``more`` is YAML below it."""
    return load_text(LINEAR + more, variant=variant)
