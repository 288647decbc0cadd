"""Amounts that fall on a day."""

from __future__ import annotations

from datetime import date

from cartsim.units import Calendar, Floats


def add_on(total: Floats, calendar: Calendar, day: date, amount: Floats) -> None:
    """Add an amount, float64[R], to the month of ``total``, float64[R, month], that holds a day;
    what falls outside the run does not count."""
    if within(calendar, day):
        total[:, calendar.month(day)] += amount


def within(calendar: Calendar, day: date) -> bool:
    """Whether a day is in the run."""
    return day >= calendar.start and calendar.month(day) < calendar.months
