"""The one place where units are converted: days to minutes, dates to months, currency to text.

Inside the engines time is int64 minutes since the scenario's start (rule 4 of the house); money
is float64 in the reporting currency and flows by calendar month.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MINUTES_PER_DAY = 1440
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
NEVER = 2**61
"""A minute that no horizon reaches: the clock of a patient who never leaves. A power of two, so
that it is the same number as float64; a sum of three of them still fits an int64."""


def minutes(days: npt.ArrayLike) -> Ints:
    """Days to whole minutes, halves rounded up; anything beyond ``NEVER`` becomes ``NEVER``."""
    scaled: Floats = np.asarray(np.multiply(days, float(MINUTES_PER_DAY)))
    scaled += 0.5
    np.floor(scaled, out=scaled)
    np.minimum(scaled, float(NEVER), out=scaled)
    return scaled.astype(np.int64)


def days(minutes_: npt.ArrayLike) -> Floats:
    """Minutes to days."""
    return np.asarray(minutes_, dtype=np.float64) / MINUTES_PER_DAY


@dataclass(frozen=True)
class Calendar:
    """The months of a run: from the first of the month of ``start``, for ``years`` years.

    A run that starts in mid-month has a first month that is shorter; months are calendar months,
    periods (years, half-years, quarters) are those of the calendar.
    """

    start: date
    years: int

    @cached_property
    def month_first(self) -> tuple[date, ...]:
        """First day of each month, and of the month after the last (length months + 1)."""
        first = []
        year, month = self.start.year, self.start.month
        for _ in range(12 * self.years + 1):
            first.append(date(year, month, 1))
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        if self.start.day > 1:
            first[0] = self.start
        return tuple(first)

    @property
    def months(self) -> int:
        return 12 * self.years

    @cached_property
    def month_start(self) -> Ints:
        """int64[months + 1], minutes since the start; the last entry is the horizon."""
        offsets = [(first - self.start).days * MINUTES_PER_DAY for first in self.month_first]
        return np.asarray(offsets, dtype=np.int64)

    @property
    def horizon(self) -> int:
        """Minutes from the start to the end of the last month."""
        return int(self.month_start[-1])

    @cached_property
    def year_of_month(self) -> Ints:
        return np.asarray([first.year for first in self.month_first[:-1]], dtype=np.int64)

    @cached_property
    def years_covered(self) -> tuple[int, ...]:
        """The calendar years that the run touches, in order."""
        return tuple(sorted({first.year for first in self.month_first[:-1]}))

    @cached_property
    def year_edges(self) -> Ints:
        """int64[years + 1], the first month of each calendar year that the run touches, and where
        the last one ends."""
        begins = np.flatnonzero(np.diff(self.year_of_month, prepend=-1))
        return np.append(begins, self.months)

    @cached_property
    def month_years(self) -> Floats:
        """float64[months], length of each month in years (days of the month / days of its year)."""
        lengths = []
        for first, following in zip(self.month_first[:-1], self.month_first[1:], strict=True):
            length = 366 if calendar.isleap(first.year) else 365
            lengths.append((following - first).days / length)
        return np.asarray(lengths)

    def minute(self, day: date) -> int:
        """Minutes from the start to the beginning of a day; negative before the start."""
        return (day - self.start).days * MINUTES_PER_DAY

    def month(self, day: date) -> int:
        """Index of the month that holds a day; negative before, ``>= months`` after the run."""
        first = self.month_first[0]
        return (day.year - first.year) * 12 + day.month - first.month

    def month_of_minute(self, minute: npt.ArrayLike) -> Ints:
        """Index of the month that holds each minute, which must not be before the run; the horizon
        and what lies beyond it are in the month after the last."""
        day = np.minimum(np.asarray(minute) // MINUTES_PER_DAY, len(self.month_of_day) - 1)
        return np.asarray(self.month_of_day[day], dtype=np.int64)

    @cached_property
    def month_of_day(self) -> Ints:
        """int64[days + 1], the month of each day of the run, and of the day after it."""
        days = [*(np.diff(self.month_start) // MINUTES_PER_DAY), 1]
        return np.repeat(np.arange(self.months + 1, dtype=np.int64), days)

    def periods(self, kind: str = "year") -> list[tuple[str, Any]]:
        """Labels and month masks: ``year`` 2024, ``half`` 2024H1, ``quarter`` 2024Q1, ``all``."""
        labels = []
        for first in self.month_first[:-1]:
            half, quarter = (first.month - 1) // 6 + 1, (first.month - 1) // 3 + 1
            labels.append(
                {
                    "year": f"{first.year}",
                    "half": f"{first.year}H{half}",
                    "quarter": f"{first.year}Q{quarter}",
                    "month": f"{first.year}-{first.month:02d}",
                    "all": "all",
                }[kind]
            )
        return [
            (label, np.asarray([x == label for x in labels])) for label in dict.fromkeys(labels)
        ]


@lru_cache(maxsize=32)
def calendar_of(start: date, years: int) -> Calendar:
    """The calendar of a run, which all of its blocks share."""
    return Calendar(start, years)


def readable(value: float, digits: int = 3) -> str:
    """A number as people read it: ``1.48bn``, ``39.4m``, ``154``; the sign is kept.

    >>> readable(1_480_000_000), readable(39_430_000), readable(-561_600_000), readable(154)
    ('1.48bn', '39.4m', '-562m', '154')
    """
    if not np.isfinite(value):
        return "-"
    size, suffix = abs(value), ""
    for scale, name in ((1e9, "bn"), (1e6, "m")):
        if size >= scale * (1 - 0.5 * 10.0**-digits):
            size, suffix = size / scale, name
            break
    else:
        if size >= 1000:
            return f"{value:,.0f}"
    whole = len(str(int(size)))
    text = f"{size:,.{max(digits - whole, 0)}f}"
    if suffix == "" and "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = "-" if value < 0 and float(text.replace(",", "")) != 0 else ""
    return f"{sign}{text}{suffix}"
