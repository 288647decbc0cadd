"""What is decided, and what for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.analysis.statistic import Statistic
from cartsim.errors import UsageError
from cartsim.scenario.numbers import parse_number


@dataclass(frozen=True)
class Lever:
    """Something that is decided: a number between two others, in steps or not, or one of several
    values as in YAML (numbers, dates, names)."""

    path: str
    choices: tuple[str, ...] = ()
    low: float = math.nan
    high: float = math.nan

    @classmethod
    def parsed(cls, text: str) -> Lever:
        """``PATH=LOW:HIGH``, ``PATH=LOW:HIGH:STEP`` or ``PATH=VALUE,VALUE,..``."""
        path, equals, written = (part.strip() for part in text.partition("="))
        if not equals or not path or not written:
            raise UsageError(f"{text!r} is not PATH=LOW:HIGH[:STEP] or PATH=VALUE,VALUE,..")
        ends = written.split(":")
        if len(ends) == 1:
            choices = tuple(part.strip() for part in written.split(","))
            if not all(choices) or len(set(choices)) < len(choices):
                raise UsageError(f"{text!r}: values must be different and not empty")
            return cls(path, choices)
        try:
            numbers = [parse_number(part, "money") for part in ends]
        except ValueError as error:
            raise UsageError(f"{text!r}: {error}") from None
        low, high = numbers[:2]
        if not low < high or len(numbers) > 3 or (len(numbers) == 3 and not numbers[2] > 0):
            raise UsageError(f"{text!r}: a range is LOW:HIGH or LOW:HIGH:STEP with LOW < HIGH")
        if len(numbers) == 2:
            return cls(path, low=low, high=high)
        count = round((high - low) / numbers[2])
        if count < 1 or abs(low + count * numbers[2] - high) > 1e-9 * abs(high):
            raise UsageError(f"{text!r}: the steps do not lead from the one end to the other")
        steps = np.linspace(low, high, count + 1)
        return cls(path, tuple(f"{value:.12g}" for value in steps))


@dataclass(frozen=True)
class Aim:
    """A statistic that is to be as large, or as small, as it can be."""

    statistic: Statistic
    largest: bool = True

    @property
    def sign(self) -> float:
        """1 where more is better."""
        return 1.0 if self.largest else -1.0


def parsed_aims(largest: Sequence[str], smallest: Sequence[str]) -> list[Aim]:
    """Goals as a command line names them, those to be as large as possible first."""
    return [
        *(Aim(Statistic.parsed(text)) for text in largest),
        *(Aim(Statistic.parsed(text), largest=False) for text in smallest),
    ]
