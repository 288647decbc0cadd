"""Statistics of a measure as they are written: ``mean(npv)``, ``p5(closing_cash[2026])``,
``P(npv > 0)``; and conditions on them: ``P(npv > 0) = 80%``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from cartsim.analysis.evaluate import Wanted
from cartsim.errors import UsageError
from cartsim.montecarlo.precision import measured
from cartsim.montecarlo.summary import QUANTILES
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.part import nearest
from cartsim.units import Floats, Ints, readable

ROUNDING = 1e-9
"""Relative: what sums of months may lack of the sum of a year."""
EXAMPLES = "mean(npv), p5(closing_cash[2026]) or P(npv > 0)"
KINDS = ("mean", *QUANTILES)
_CALL = re.compile(r"(?P<kind>\w+)\((?P<inside>.+)\)")
_INSIDE = re.compile(r"(?P<measure>[^<>=]+?)\s*(?P<sign>[<>])=?\s*(?P<value>[^<>=]+)")
_CONDITION = re.compile(
    r"(?P<statistic>\w+\(.*\)|[^()<>=]+)\s*(?P<sign><=|>=|=|<|>)\s*(?P<target>[^<>=()]+)"
)
SIGNS: Mapping[str, Callable[[Floats, float], Floats]] = MappingProxyType(
    {"<": operator.lt, ">": operator.gt}
)


@dataclass(frozen=True)
class Event:
    """A measure above or below a number: ``closing_cash[2026] < 0``."""

    wanted: Wanted
    sign: str
    value: float

    @classmethod
    def parsed(cls, text: str) -> Event:
        """An event as it is written; raises ``UsageError`` with what is allowed."""
        match = _INSIDE.fullmatch(text.strip())
        if match is None:
            raise UsageError(f"{text!r} is no event, such as closing_cash[2026] < 0")
        wanted = Wanted.parsed(match["measure"])
        return cls(wanted, match["sign"], _number(text, match["value"]))

    def happens(self, values: Floats) -> Floats:
        """1 in the replications in which it happens, 0 in the others, NaN where undefined."""
        return np.where(np.isnan(values), np.nan, SIGNS[self.sign](values, self.value))

    def __str__(self) -> str:
        return f"{self.wanted} {self.sign} {readable(self.value)}"


@dataclass(frozen=True)
class Statistic:
    """One number that is made of a measure's values in all replications."""

    wanted: Wanted
    kind: str = "mean"
    event: Event | None = None

    @classmethod
    def parsed(cls, text: str) -> Statistic:
        """A statistic as it is written; a measure alone stands for its mean."""
        match = _CALL.fullmatch(text.strip())
        if match is None:
            if "(" in text or "<" in text or ">" in text:
                raise UsageError(f"{text!r} is no statistic, such as {EXAMPLES}")
            return cls(Wanted.parsed(text))
        kind = match["kind"]
        if kind == "P":
            event = Event.parsed(match["inside"])
            return cls(event.wanted, kind, event)
        if kind not in KINDS:
            hint = nearest(kind, [*KINDS, "P"])
            raise UsageError(f"there is no statistic {kind!r} ({hint}); such as {EXAMPLES}")
        return cls(Wanted.parsed(match["inside"]), kind)

    @property
    def is_probability(self) -> bool:
        """Whether it is a share and not in the measure's unit."""
        return self.event is not None

    def of(self, values: Floats, batches: Ints | None = None) -> tuple[float, float]:
        """The statistic of values [R] and its standard error."""
        if self.event is not None:
            return measured(self.event.happens(values), batches)["mean"]
        return measured(values, batches)[self.kind]

    def told(self, value: float) -> str:
        """A value of it in words: ``81.3%`` or ``-1.20bn``."""
        return f"{value:.1%}" if self.is_probability else readable(value)

    def __str__(self) -> str:
        if self.event is not None:
            return f"P({self.event})"
        return f"{self.kind}({self.wanted})"


@dataclass(frozen=True)
class Condition:
    """A statistic and what it is to be: at most, at least, or exactly a target."""

    statistic: Statistic
    sign: Literal["<=", ">=", "="]
    target: float

    @classmethod
    def parsed(cls, text: str) -> Condition:
        """A condition as it is written; raises ``UsageError`` with what is allowed."""
        match = _CONDITION.fullmatch(text.strip())
        if match is None:
            raise UsageError(
                f"{text!r} is no condition, such as P(npv > 0) = 80% or mean(npv) >= 100m"
            )
        statistic = Statistic.parsed(match["statistic"])
        sign: Literal["<=", ">=", "="] = (
            "=" if match["sign"] == "=" else "<=" if match["sign"].startswith("<") else ">="
        )
        target = _number(text, match["target"])
        if statistic.is_probability and not 0 <= target <= 1:
            raise UsageError(f"{text!r}: a probability lies between 0% and 100%")
        return cls(statistic, sign, target)

    def violation(self, value: float) -> float:
        """By how much a value misses the condition; 0 where it holds, infinite if undefined."""
        if math.isnan(value):
            return math.inf
        below = self.target - value
        if abs(below) <= ROUNDING * max(abs(value), abs(self.target)):
            return 0.0
        if self.sign == "=":
            return abs(below)
        return max(below if self.sign == ">=" else -below, 0.0)

    def __str__(self) -> str:
        return f"{self.statistic} {self.sign} {self.statistic.told(self.target)}"


def _number(text: str, written: str) -> float:
    written = written.strip()
    try:
        return parse_number(written, "share" if written.endswith("%") else "money")
    except ValueError as error:
        raise UsageError(f"{text}: {error}") from None
