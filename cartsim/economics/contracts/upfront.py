"""A payment at signing: cash on its date, income at a date or over time."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache

import numpy as np

from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.scenario.contracts import Upfront
from cartsim.units import Calendar, Floats


def upfront(terms: Upfront, setting: Setting) -> tuple[Transfer, ...]:
    """Cash in the month received, income as ``recognised`` says.

    What is received before the start is no cash of the run, and what is earned before the start is
    none of its income; the difference is the balance with which the run opens.
    """
    amount = setting.drawn.value(terms.amount)
    cash = np.zeros(setting.shape)
    month = setting.month(terms.received)
    if month is not None:
        cash[:, month] = amount
    recognised = terms.recognised
    begin, length = recognised.at, np.zeros(1)
    if begin is None:
        begin, over = recognised.begin or setting.launch, recognised.over_months
        if over is not None:
            length = setting.drawn.value(over)
            length = length[:1] if over.constant is not None else length
    earned = earned_share(setting.calendar, begin, length)
    received_before = float(terms.received < setting.calendar.start)
    return (
        Transfer(
            contract=setting.contract,
            leg=terms.name or "upfront",
            kind="licence",
            payer=setting.party(terms.begin),
            payee=setting.party(terms.to),
            markets=setting.markets,
            cash=cash,
            income=amount[:, None] * np.diff(earned, axis=1),
            deferred_at_start=amount * (received_before - earned[:, 0]),
        ),
    )


def earned_share(calendar: Calendar, begin: date, months: Floats) -> Floats:
    """Share of an amount that is earned before the first day of each month, float64[R, M + 1].

    The amount is earned evenly over ``months`` (float64[R] or one for all, any length) from
    ``begin`` on: each whole calendar month earns the same, a part of a month by its days. Over 0
    months it is earned at once, on ``begin``. The first entry is the share earned before the run,
    the last that
    before its end.
    """
    elapsed = _elapsed(calendar, begin)
    at_once = np.broadcast_to(elapsed > 0.0, (months.size, elapsed.size)).astype(np.float64)
    length = months[:, None]
    spread = np.clip(elapsed / np.where(length > 0.0, length, 1.0), 0.0, 1.0)
    return np.where(length > 0.0, spread, at_once)


@lru_cache(maxsize=256)
def _elapsed(calendar: Calendar, begin: date) -> Floats:
    """Months from a day to the first day of each month, float64[M + 1]."""
    return np.asarray([_months_between(begin, first) for first in calendar.month_first])


def _months_between(begin: date, end: date) -> float:
    whole = (end.year - begin.year) * 12 + end.month - begin.month
    return whole + _part_of_month(end) - _part_of_month(begin)


def _part_of_month(day: date) -> float:
    return (day.day - 1) / monthrange(day.year, day.month)[1]
