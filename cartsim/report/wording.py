"""How numbers are said: currencies, shares, ranges, periods."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cartsim.units import readable

CURRENCIES = {
    "CNY": "yuan",
    "EUR": "euros",
    "GBP": "pounds",
    "HKD": "Hong Kong dollars",
    "JPY": "yen",
    "KRW": "won",
    "USD": "US dollars",
}


def currency_name(code: str) -> str:
    """``yuan`` for ``CNY``; the code itself where no name is known."""
    return CURRENCIES.get(code, code)


def span(low: float, high: float) -> str:
    """A range in plain text: ``21.0m to 44.0m``."""
    return f"{readable(low)} to {readable(high)}"


def share(value: float) -> str:
    """A share as a percentage that never rounds to a certainty that it is not.

    >>> share(0.364), share(0.004), share(0.999), share(1.0), share(0.0)
    ('36%', '<1%', '>99%', '100%', '0%')
    """
    if not math.isfinite(value):
        return "-"
    if 0 < value < 0.01:
        return "<1%"
    if 0.99 < value < 1:
        return ">99%"
    return f"{value:.0%}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names as a sentence has them: ``a, b and c``; from ``most`` on the rest is counted."""
    names = list(dict.fromkeys(names))
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def count(number: float) -> str:
    """A number of things, whole: ``1,480``."""
    return f"{number:,.0f}" if math.isfinite(number) else "-"


def plural(number: float, one: str, many: str) -> str:
    """``1 order``, ``154 orders``."""
    return f"{count(number)} {one if round(number) == 1 else many}"
