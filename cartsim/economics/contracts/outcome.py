"""Contracts on what becomes of the patients: refunds, staged payments, instalments.

Each dose sold is a patient's, and each patient has draws of their own: whether there is a response,
how long it lasts, how long the patient lives, which instalment is the first that is not paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.prices import MarketSales
from cartsim.scenario.outcomes import InstalmentPlan, Outcomes, Refund, StagedPayment
from cartsim.units import DAYS_PER_MONTH, NEVER, Floats, Ints, minutes


@dataclass(frozen=True)
class Sold:
    """Doses sold in one market: the row of each patient, when (int64[n]), and the price that was
    charged, net of tax and deductions (float64[n])."""

    sales: MarketSales
    row: Ints
    minute: Ints
    price: Floats


def refund(terms: Refund, setting: Setting) -> tuple[Transfer, ...]:
    """Paid when it is known that there is no response, for patients who are alive then or not."""
    drawn, found = setting.drawn, []
    for sold in _sold(setting):
        outcomes = _outcomes(setting, sold)
        replication = setting.deals.grid.replication[sold.row]
        responds = Fates(setting, sold, outcomes).response > 0
        share = drawn.value(terms.share) * drawn.value(terms.out_of_pocket)
        back = share[replication] * sold.price
        if terms.cap is not None:
            back = np.minimum(back, drawn.value(terms.cap)[replication])
        known = drawn.value(outcomes.response_by_months)[replication] * DAYS_PER_MONTH
        when = sold.minute + minutes(known)
        paid = setting.deals.grid.table(sold.row[~responds], when[~responds], back[~responds]).sum(
            axis=0
        )
        markets = (sold.sales.market,)
        found.append(setting.transfer(terms, "refund", "sales", paid, markets=markets))
    return tuple(found)


def staged_payment(terms: StagedPayment, setting: Setting) -> tuple[Transfer, ...]:
    """The price is not paid at the sale but in stages, each if its condition holds then."""
    found = []
    for sold in _sold(setting):
        fates = Fates(setting, sold, _outcomes(setting, sold))
        replication = setting.deals.grid.replication[sold.row]
        paid = -_at_sale(setting, sold)
        for stage in terms.stages:
            after = minutes(setting.drawn.value(stage.after_months)[replication] * DAYS_PER_MONTH)
            holds = np.ones(sold.row.size, dtype=np.bool_)
            if stage.when == "response":
                holds = (fates.response >= after) & (fates.response > 0) & (fates.life >= after)
            elif stage.when == "alive":
                holds = fates.life >= after
            amount = setting.drawn.value(stage.share)[replication] * sold.price
            paid = paid + setting.deals.grid.table(
                sold.row[holds], (sold.minute + after)[holds], amount[holds]
            ).sum(axis=0)
        markets = (sold.sales.market,)
        found.append(setting.transfer(terms, "staged payment", "sales", paid, markets=markets))
    return tuple(found)


def instalment_plan(terms: InstalmentPlan, setting: Setting) -> tuple[Transfer, ...]:
    """The price is paid in equal parts until one of them fails."""
    drawn, found = setting.drawn, []
    for sold in _sold(setting):
        replication = setting.deals.grid.replication[sold.row]
        ordinal = ordinals(setting, sold)
        failure = drawn.value(terms.failure)[replication]
        luck = drawn.uniform_at(f"{terms.path}.failure.{sold.sales.market}", replication, ordinal)
        with np.errstate(divide="ignore"):
            # the number of instalments after the first that are paid: geometric
            paid_after = np.floor(np.log(luck) / np.log1p(-failure))
        step = minutes(drawn.value(terms.every_months)[replication] * DAYS_PER_MONTH)
        paid = -_at_sale(setting, sold)
        for number in range(terms.number):
            holds = paid_after >= number
            paid = paid + setting.deals.grid.table(
                sold.row[holds],
                (sold.minute + number * step)[holds],
                (sold.price / terms.number)[holds],
            ).sum(axis=0)
        markets = (sold.sales.market,)
        found.append(setting.transfer(terms, "instalment plan", "sales", paid, markets=markets))
    return tuple(found)


class Fates:
    """What becomes of those to whom a dose was sold: how long the response lasts (0: none) and the
    patient lives, in minutes from the sale, int64[n]; ``NEVER`` where there is no end."""

    def __init__(self, setting: Setting, sold: Sold, outcomes: Outcomes) -> None:
        drawn = setting.drawn
        replication, ordinal = setting.deals.grid.replication[sold.row], ordinals(setting, sold)

        def luck(of: str) -> Floats:
            path = f"{outcomes.path}.{of}.{sold.sales.market.partition('.')[2]}"
            return drawn.uniform_at(path, replication, ordinal)

        responds = luck("responds") < drawn.value(outcomes.response)[replication]
        self.response = np.where(responds, NEVER, 0)
        if outcomes.median_response_months is not None:
            median = drawn.value(outcomes.median_response_months)[replication]
            lasts = median * -np.log2(luck("lasts")) * DAYS_PER_MONTH
            self.response = np.where(responds, minutes(lasts), 0)
        self.life = np.full(sold.row.size, NEVER)
        if outcomes.median_survival_months is not None:
            median = drawn.value(outcomes.median_survival_months)[replication]
            self.life = minutes(median * -np.log2(luck("lives")) * DAYS_PER_MONTH)


def ordinals(setting: Setting, sold: Sold) -> Ints:
    """The number of each patient among those of the market and the replication, int64[n]."""
    journeys = setting.deals.records.journeys
    here = journeys.market == setting.deals.records.market_names.index(sold.sales.market)
    before = np.concatenate([[0], np.cumsum(here)])
    return np.asarray(
        before[sold.row] - before[journeys.first[setting.deals.grid.replication[sold.row]]]
    )


def _sold(setting: Setting) -> Iterator[Sold]:
    """The doses sold in each covered market."""
    deals = setting.deals
    row, minute = deals.recognised
    inside = (minute >= 0) & (minute < setting.calendar.horizon)
    row, minute = row[inside], minute[inside]
    names = deals.records.market_names
    for sales in setting.covered:
        mine = deals.records.journeys.market[row] == names.index(sales.market)
        rows, minutes_ = row[mine], minute[mine]
        month = setting.calendar.month_of_minute(minutes_)
        replication = deals.grid.replication[rows]
        # what is given free is not paid for, and nobody knows by whom: by the month's part
        all_doses = sales.doses + sales.given_free
        charged = np.divide(sales.doses, all_doses, out=np.ones(setting.shape), where=all_doses > 0)
        price = (sales.net_price * charged)[replication, month]
        yield Sold(sales, rows, minutes_, price)


def _at_sale(setting: Setting, sold: Sold) -> Floats:
    """The whole price, in the months of the sales, float64[R, month]."""
    return np.asarray(setting.deals.grid.table(sold.row, sold.minute, sold.price).sum(axis=0))


def _outcomes(setting: Setting, sold: Sold) -> Outcomes:
    product = setting.deals.scenario.products[sold.sales.market.partition(".")[0]]
    assert product.outcomes is not None  # the loader sees to it
    return product.outcomes
