"""A company without products, of which nothing is simulated."""

FINANCE_ONLY = """
cartsim: 1
title: a company without products
run: {start: 2024-01-01, years: 10}
currency: CNY
company:
  opening_cash: {lognormal: {mean: 100, sd: 20}}
  research: {pert: [1, 2, 4]}
  selling: {uniform: [1, 3]}
  administration: {gamma: {mean: 3, sd: 1}}
  other_income: {normal: {mean: 5, sd: 1}}
  discount_rate: 10%
  tax: {rate: 25%}
products: {}
"""
