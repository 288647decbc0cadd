"""Numbers as people write them: ``1.15m``, ``8%``, ``30_000``, ``36h``; never a guess."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(
    r"(?P<number>[+-]?(?:\d+(?:_\d+)*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?)"
    r" ?(?P<suffix>%|[A-Za-z]*)",
    re.ASCII,
)
_MONEY = {"k": 1e3, "m": 1e6, "bn": 1e9}
_DAYS = {"d": 1.0, "h": 1.0 / 24.0}
_PERCENT_UNITS = {"share", "rate/year", "rate/month", "number"}


def suffixes(unit: str) -> dict[str, float]:
    """The suffixes that a unit allows, with their factors."""
    if unit.startswith("money"):
        return _MONEY
    if unit == "days":
        return _DAYS
    return {"%": 0.01} if unit in _PERCENT_UNITS else {}


def allowed(unit: str) -> str:
    """How a number of a unit may be written, for messages."""
    example = {
        "share": "0.08 or 8%",
        "rate/year": "0.08 or 8%",
        "rate/month": "0.02 or 2%",
        "number": "0.5 or 50%",
        "days": "7, 7d or 36h",
    }
    if unit.startswith("money"):
        return "a number such as 850_000, 180k, 1.15m or 3bn"
    return (
        f"a number such as {example[unit]}" if unit in example else "a number such as 20 or 1_500"
    )


def parse_number(text: str, unit: str) -> float:
    """The value of a written number in a unit; raises ``ValueError`` with what is allowed."""
    match = _NUMBER.fullmatch(text.strip())
    if text.strip().lower() in {"nan", ".nan", "inf", ".inf", "-inf", "-.inf", "+.inf", "infinity"}:
        raise ValueError(f"{text!r} is not a finite number")
    if match is None:
        raise ValueError(f"{text!r} is not {allowed(unit)}")
    suffix = match["suffix"]
    factors = suffixes(unit)
    if suffix and suffix not in factors:
        if suffix in _MONEY or suffix in _DAYS or suffix == "%":
            raise ValueError(
                f"{text!r} has a suffix that does not fit here; expected {allowed(unit)}"
            )
        if suffix.lower() in factors:
            raise ValueError(f"{text!r} is not {allowed(unit)}; the suffix is {suffix.lower()!r}")
        raise ValueError(f"{text!r} is not {allowed(unit)}")
    digits = match["number"].replace("_", "")
    # scaling the decimal exponent keeps 1.15m exactly 1150000.0, where 1.15 * 1e6 would not be
    shift = {"k": 3, "m": 6, "bn": 9, "%": -2}.get(suffix, 0)
    mantissa, _, exponent = digits.lower().partition("e")
    value = float(f"{mantissa}e{int(exponent or 0) + shift}")
    if suffix in _DAYS:
        value *= _DAYS[suffix]
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    return value
