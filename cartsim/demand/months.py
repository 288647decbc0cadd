"""Days against months: which part of each month lies after a launch, an entry, a new payer.

A day that is certain is the same in every replication; one that may slip, or never come, is a
column [R, 1] of minutes. What is computed from either has the axes [replication, month], of length
1 where it does not vary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.values import Quantity
from cartsim.units import (
    DAYS_PER_MONTH,
    DAYS_PER_YEAR,
    MINUTES_PER_DAY,
    Calendar,
    Floats,
    Ints,
    minutes,
)


@dataclass(frozen=True)
class Window:
    """The part of each month of a run that lies between two days.

    - ``start``, ``end``: int64[M], minutes since the run's start; equal where nothing of the month
      is inside.
    - ``share``: float64[M], share of the month (of its part within the run) that is inside.
    - ``whole_month_share``: float64[M], the same as a share of the whole calendar month, which
      differs in the first month of a run that starts in mid-month.
    """

    start: Ints
    end: Ints
    share: Floats
    whole_month_share: Floats


def window(calendar: Calendar, begin: date, until: date | None = None) -> Window:
    """The months' parts from the day ``begin`` on, before the day ``until`` (or the run's end)."""
    last = calendar.horizon if until is None else calendar.minute(until)
    opening, closing = calendar.month_start[:-1], calendar.month_start[1:]
    start = np.clip(opening, calendar.minute(begin), closing)
    end = np.maximum(np.clip(closing, opening, last), start)
    inside = (end - start).astype(np.float64)
    return Window(
        start=start,
        end=end,
        share=inside / (closing - opening),
        whole_month_share=inside / (_days_of_calendar_month(calendar) * MINUTES_PER_DAY),
    )


def coming(drawn: Drawn, day: date, delay_months: Quantity, probability: Quantity) -> Ints:
    """The minute at which something comes that may slip, or never come, int64[R, 1] or [1, 1].

    What never comes, comes at the end of the run.
    """
    calendar = drawn.calendar
    minute = np.full((1, 1), calendar.minute(day), dtype=np.int64)
    if delay_months.constant != 0.0:
        minute = minute + minutes(drawn.value(delay_months)[:, None] * DAYS_PER_MONTH)
    if probability.constant != 1.0:
        comes = drawn.uniform(f"{probability.path}.comes")[:, None]
        minute = np.where(comes < drawn.value(probability)[:, None], minute, calendar.horizon)
    return np.minimum(minute, calendar.horizon)


def share_after(calendar: Calendar, minute: Ints) -> Floats:
    """Share of each month after a minute, int64[R, 1] or [1, 1]; [R, M] or [1, M]."""
    opening, closing = calendar.month_start[:-1], calendar.month_start[1:]
    share = (closing - minute) / (closing - opening)
    return np.clip(share, 0.0, 1.0, out=share)


@dataclass(frozen=True)
class Elapsed:
    """Time since a minute at the months' edges, 0 before it, and the length of the months.

    ``edges``: float64[R, M + 1] or [1, M + 1]; ``lengths``: float64[M]; both in the same unit.
    """

    edges: Floats
    lengths: Floats


def years_since(calendar: Calendar, minute: Ints) -> Elapsed:
    """Years of 365.25 days since a minute, int64[R, 1] or [1, 1]."""
    return _elapsed(calendar, minute, DAYS_PER_YEAR * MINUTES_PER_DAY)


def months_since(calendar: Calendar, minute: Ints) -> Elapsed:
    """Months of 365.25 / 12 days since a minute, int64[R, 1] or [1, 1]."""
    return _elapsed(calendar, minute, DAYS_PER_MONTH * MINUTES_PER_DAY)


def _elapsed(calendar: Calendar, minute: Ints, unit: float) -> Elapsed:
    edges = np.maximum(calendar.month_start - minute, 0) / unit
    return Elapsed(edges=edges, lengths=np.diff(calendar.month_start) / unit)


def _days_of_calendar_month(calendar: Calendar) -> Floats:
    firsts = [first.replace(day=1) for first in calendar.month_first]
    return np.asarray([(b - a).days for a, b in pairwise(firsts)], float)
