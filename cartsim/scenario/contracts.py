"""Deals, as their author writes them: parties, what is covered, and legs that move money.

Units are fixed per field (see ``fields.py``); money is in the reporting currency.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cartsim.scenario.fields import (
    Count,
    Date,
    LotsPerYear,
    Money,
    MoneyPerYear,
    MoneySeries,
    Months,
    Share,
    ShareSeries,
    Text,
)
from cartsim.scenario.outcomes import InstalmentPlan, Refund, StagedPayment
from cartsim.scenario.part import Part, written


class Recognition(Part):
    """When an amount received is earned: at a date, or evenly over months from a date."""

    one_of = ("at", "over_months")

    at: Date | None = None
    begin: Date | None = Field(default=None, alias="from")
    """Default: the launch of the first product that the contract covers."""
    over_months: Months | None = None


class Upfront(Part):
    """A payment at signing, earned at once or over time; received before the start it is no cash
    of this run, but still earned in it.
    """

    name: Text | None = None
    begin: Text = Field(alias="from")
    to: Text = written("us")
    amount: Money
    received: Date
    recognised: Recognition
    source: Text = written("")


class SupplyPrice(Part):
    """What the distributor pays per delivered dose: a share of the list price without tax, or an
    amount.
    """

    one_of = ("share_of_list", "amount")

    name: Text | None = None
    begin: Text = Field(alias="from")
    to: Text = written("us")
    share_of_list: ShareSeries | None = None
    amount: MoneySeries | None = None
    source: Text = written("")


class Trigger(Part):
    """When something that happens once is due: on a day, or in the month in which something is
    first so in the covered markets."""

    one_of = (
        "date",
        "annual_net_sales_above",
        "trailing_net_sales_above",
        "cumulative_net_sales_above",
        "orders_above",
        "first_sale",
        "launch",
    )

    date: Date | None = None
    """This day."""
    annual_net_sales_above: Money | None = None
    """Net sales of the calendar year pass this level."""
    trailing_net_sales_above: Money | None = None
    """Net sales of the last twelve months pass this level."""
    cumulative_net_sales_above: Money | None = None
    """Net sales since the start of the run pass this level."""
    orders_above: Count | None = None
    """Orders since the start of the run pass this number."""
    first_sale: Literal["yes"] | None = None
    """The first dose is sold."""
    launch: Literal["yes"] | None = None
    """The first of the covered markets is launched, with its delay and its approval."""
    delay_months: Months = written("0")
    """After the trigger is met."""
    probability: Share = written("100%")
    """That the payment is due when the trigger is met."""
    until: Date | None = None
    """Met on this day or later it is due no more. What net sales pass in a month they pass in its
    middle."""


class Milestone(Part):
    """A payment that is made once, when its trigger is met; earned when due."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    when: Trigger
    """What makes it due."""
    amount: Money
    """What is paid, once."""
    source: Text = written("")
    """Of the terms."""


class ContingentValueRight(Part):
    """A right that holders have got beside, or instead of, a part of a price: paid once, if its
    trigger is met in time; other income, not revenue."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    when: Trigger
    """What makes it due."""
    amount: Money
    """What is paid, once."""
    source: Text = written("")
    """Of the terms."""


class RoyaltyTier(Part):
    """A rate on the part of a calendar year's net sales above a level, up to the next tier's."""

    above: Money = written("0")
    """Level of net sales in the calendar year from which the rate holds."""
    rate: Share
    """Of the net sales above it."""


class Royalty(Part):
    """A share of the net sales of the covered markets, marginal by tier in each calendar year."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    tiers: list[RoyaltyTier]
    """In the order of their levels."""
    term_months: Months | None = None
    """From the day of the first sale; as long as the run if not given."""
    step_down_from: Date | None = None
    """Day from which the rates are lower, as when a patent ends."""
    step_down_to: Share = written("50%")
    """What is then left of each rate."""
    source: Text = written("")
    """Of the terms."""


class ProfitShare(Part):
    """A share of the profit of the covered markets: net sales, less what their lots cost, less
    ``costs`` as agreed. Whoever books the profit pays."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    share: ShareSeries
    """Of the profit."""
    costs: MoneyPerYear = written("0")
    """Further costs that count against the profit, from the first launch on."""
    losses: Literal["yes", "no"] = "yes"
    """``yes``: losses are shared in the same way, month by month."""
    source: Text = written("")
    """Of the terms."""


class CostShare(Part):
    """A share of what the company spends on the covered products, paid by a partner (or to it)."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    of: Literal["research", "selling"]
    """Which spending, development stages included in research."""
    share: ShareSeries
    """Of the spending."""
    until: Date | None = None
    """First day that is no more shared."""
    source: Text = written("")
    """Of the terms."""


class Fee(Part):
    """An amount for each event in the covered markets, or for each month; earned and paid at
    once."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    per: Literal["order", "lot_started", "delivery", "infusion", "month", "year"]
    """What it is paid for; a fee a year is paid in equal parts, month by month."""
    amount: MoneySeries
    """For each."""
    since: Date | None = None
    """First day, for a fee by time; the start of the run if not given."""
    until: Date | None = None
    """First day without it, for a fee by time."""
    source: Text = written("")
    """Of the terms."""


class Reservation(Part):
    """Slots that a customer has reserved: the fee of those that it does not use, up to the share
    that is to be taken or paid, at the end of each calendar year."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    lots_per_year: LotsPerYear
    """Reserved."""
    fee_per_lot: MoneySeries
    """Of a lot that is not started."""
    take_or_pay: Share = written("100%")
    """Part of the reserved lots that is owed for."""
    source: Text = written("")
    """Of the terms."""


class BuyBack(Part):
    """The shares go back for money, and with them their part in the results."""

    date: Date
    """Day of the purchase."""
    amount: Money
    """Paid for them."""


class Equity(Part):
    """New shares for money, of the company or of a subsidiary that holds the covered products; no
    income. With a subsidiary its holders share in what these products earn (minority interest)."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    amount: Money
    """Paid in."""
    received: Date
    """Day of the payment."""
    share: Share = written("0%")
    """Of the shares after the round that the payer has then."""
    subsidiary: Literal["yes", "no"] = "no"
    """``yes``: the shares are those of a subsidiary that holds the covered products."""
    buy_back: BuyBack | None = None
    source: Text = written("")
    """Of the terms."""


class Rights(Part):
    """A party sells in the covered markets at its own account, and makes the lots for them: their
    sales and lot costs are its own and not the company's."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    to: Text
    """Role of the party that has the rights."""
    makes: Literal["us", "them"] = "them"
    """``us``: the company makes the lots; a supply price or fee says what it gets for them."""
    selling: MoneyPerYear = written("0")
    """What the party spends on selling in the covered markets from their first launch on: part of
    what the deal is worth to it, none of the company's costs."""
    source: Text = written("")
    """Of the terms."""


class Leg(Part):
    """One leg of a contract; exactly one kind."""

    one_of = (
        "upfront",
        "supply_price",
        "milestone",
        "royalty",
        "profit_share",
        "cost_share",
        "fee",
        "reservation",
        "equity",
        "refund",
        "staged_payment",
        "instalment_plan",
        "contingent_value_right",
        "rights",
    )

    upfront: Upfront | None = None
    supply_price: SupplyPrice | None = None
    milestone: Milestone | None = None
    royalty: Royalty | None = None
    profit_share: ProfitShare | None = None
    cost_share: CostShare | None = None
    fee: Fee | None = None
    reservation: Reservation | None = None
    equity: Equity | None = None
    refund: Refund | None = None
    staged_payment: StagedPayment | None = None
    instalment_plan: InstalmentPlan | None = None
    contingent_value_right: ContingentValueRight | None = None
    rights: Rights | None = None


class Contract(Part):
    """A deal: parties, the markets it covers, and its legs."""

    parties: dict[str, Text]
    """Role to name; the role (or name) ``us`` is the company."""
    covers: list[Text]
    """``product`` or ``product.market``."""
    legs: list[Leg]

    def covers_market(self, market: str) -> bool:
        """Whether it covers a market, ``product.market``, by name or with its whole product."""
        return market in self.covers or market.partition(".")[0] in self.covers
