"""Amounts that fall on a day."""

from __future__ import annotations

from datetime import date

from cartsim.units import Calendar, Floats


def add_on(total: Floats, calendar: Calendar, day: date, amount: Floats) -> None:
    """Add an amount, float64[R], to the month of ``total``, float64[R, month], that holds a day;
    what falls outside the run does not count."""
    month = calendar.month(day)
    if day >= calendar.start and month < calendar.months:
        total[:, month] += amount
