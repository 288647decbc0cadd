"""Small scenarios with chance in them, for the tests of sampling."""

from __future__ import annotations

from cartsim.scenario.load import load_text
from cartsim.scenario.model import Scenario

PLAIN = {
    "opening_cash": "{lognormal: {mean: 10, sd: 2}}",
    "research": "{pert: [1, 2, 4]}",
    "selling": "{uniform: [1, 3]}",
    "administration": "{gamma: {mean: 3, sd: 1}}",
    "other_income": "{normal: {mean: 0, sd: 1}}",
    "depreciation": "{exponential: {mean: 2}}",
    "discount_rate": "10%",
}


def company(
    more: str = "",
    years: int = 2,
    start: str = "2024-01-01",
    reverse: bool = False,
    **fields: str,
) -> Scenario:
    """A scenario of a company alone, with fields replaced and further keys added at the end.

    ``reverse`` writes the company's keys in the opposite order.
    """
    written = list({**PLAIN, **fields}.items())
    lines = "\n".join(f"  {key}: {value}" for key, value in written[:: -1 if reverse else 1])
    text = f"""
cartsim: 1
title: chance
run: {{start: {start}, years: {years}}}
currency: CNY
company:
{lines}
  tax: {{rate: 25%}}
products: {{}}
{more}
"""
    return load_text(text).model
