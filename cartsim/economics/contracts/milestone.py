"""Payments that are due once, when their trigger is met."""

from __future__ import annotations

from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.contracts.trigger import due, once
from cartsim.scenario.contracts import ContingentValueRight, Milestone


def milestone(terms: Milestone, setting: Setting) -> tuple[Transfer, ...]:
    """Paid and earned in the month in which the trigger is met for the first time."""
    paid = once(due(terms.when, setting), setting.drawn.value(terms.amount), setting.shape)
    return (setting.transfer(terms, "milestone", "licence", paid),)


def contingent_value_right(terms: ContingentValueRight, setting: Setting) -> tuple[Transfer, ...]:
    """The same, but no revenue of its holder."""
    paid = once(due(terms.when, setting), setting.drawn.value(terms.amount), setting.shape)
    return (setting.transfer(terms, "contingent value right", "other", paid),)
