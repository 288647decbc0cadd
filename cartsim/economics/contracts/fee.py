"""Fees for what is done, and for slots that were reserved and not used."""

from __future__ import annotations

from cartsim.demand.months import window
from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.making import lots_not_taken
from cartsim.scenario.contracts import Fee, Reservation

COUNTED = {
    "order": "orders",
    "lot_started": "lots_started",
    "delivery": "deliveries",
    "infusion": "doses_infused",
}
MONTHS_OF_YEAR = 12


def fee(terms: Fee, setting: Setting) -> tuple[Transfer, ...]:
    """An amount for each event or month."""
    amount = setting.drawn.monthly(terms.amount)
    if terms.per in COUNTED:
        paid = amount * setting.counted(COUNTED[terms.per])
    else:
        begin = terms.since or setting.calendar.start
        here = window(setting.calendar, begin, terms.until).share
        paid = amount * here / (MONTHS_OF_YEAR if terms.per == "year" else 1)
    return (setting.transfer(terms, "fee", "service", paid),)


def reservation(terms: Reservation, setting: Setting) -> tuple[Transfer, ...]:
    """What the lots of a calendar year stay below those that are to be taken or paid, in its last
    month."""
    drawn, calendar = setting.drawn, setting.calendar
    fee_per_lot = drawn.monthly(terms.fee_per_lot)
    reserved = drawn.monthly(terms.lots_per_year) * calendar.month_years
    share, started = drawn.value(terms.take_or_pay), setting.counted("lots_started")
    paid = lots_not_taken(calendar, reserved, share, started) * fee_per_lot
    return (setting.transfer(terms, "reservation", "service", paid),)
