"""Money for shares, of the company or of a subsidiary."""

from __future__ import annotations

import numpy as np

from cartsim.demand.months import window
from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.dated import add_on
from cartsim.scenario.contracts import Equity
from cartsim.units import Calendar, Floats


def equity(terms: Equity, setting: Setting) -> tuple[Transfer, ...]:
    """Cash when it is paid in, and back when the shares are bought back; no income."""
    paid = np.zeros(setting.shape)
    add_on(paid, setting.calendar, terms.received, setting.drawn.value(terms.amount))
    if terms.buy_back is not None:
        back = setting.drawn.value(terms.buy_back.amount)
        add_on(paid, setting.calendar, terms.buy_back.date, -back)
    nothing = np.zeros(setting.shape)
    return (setting.transfer(terms, "equity", "equity", paid, earned=nothing),)


def held_by_others(terms: Equity, calendar: Calendar) -> Floats:
    """Share of each month in which the shares are held, float64[month]."""
    until = None if terms.buy_back is None else terms.buy_back.date
    return window(calendar, terms.received, until).share
