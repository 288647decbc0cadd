"""A risk-adjusted value in words and as a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cartsim.analysis.risk import APPROVED, RiskAdjusted
from cartsim.report.wording import currency_name
from cartsim.units import Floats, readable


def headline(found: RiskAdjusted, currency: str) -> str:
    """Both values with their standard errors, in two sentences."""
    money = currency_name(currency)
    approved = sum(
        float(way.probability.mean())
        for way in found.ways
        if any(end == APPROVED for _, end in way.ends)
    )
    return (
        f"The risk-adjusted net present value is {_with_error(found.weighted)} {money}, every way "
        f"weighted by its probability; the simulation draws {_with_error(found.simulated)}. With "
        f"a probability of {approved:.0%} at least one product is approved."
    )


def rows(found: RiskAdjusted) -> Iterator[tuple[str, str, str, str]]:
    """One row a way, the likeliest first."""
    for way in sorted(found.ways, key=lambda each: -float(each.probability.mean())):
        ends = ", ".join(
            f"{name.replace('_', ' ')} {end if end == APPROVED else 'fails at ' + end}"
            for name, end in way.ends
        )
        part = float((way.probability * way.npv).mean())
        yield (
            ends.replace("_", " "),
            f"{way.probability.mean():.1%}",
            readable(float(way.npv.mean())),
            readable(part),
        )


def _with_error(values: Floats) -> str:
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else float("nan")
    return f"{readable(float(values.mean()))} ± {readable(float(error))}"
