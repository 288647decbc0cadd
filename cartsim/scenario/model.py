"""The scenario: what a strategist writes, as frozen models. Names are those of the YAML keys.

Units are fixed per field (see ``fields.py``) and shown in the schema reference; money is in the
market's currency inside ``markets`` and in the reporting currency elsewhere.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cartsim.scenario.fields import (
    Count,
    Currency,
    Date,
    Days,
    DosesOfPatient,
    ExchangeRate,
    Factor,
    Money,
    MoneyPerYear,
    MoneySeries,
    Months,
    Positive,
    Rate,
    RateSeries,
    Share,
    ShareSeries,
    SignedMoneyPerYear,
    Text,
)
from cartsim.scenario.manufacturing import (
    Attrition,
    Balking,
    Bank,
    Plant,
    RiskClass,
    Route,
    Supply,
)
from cartsim.scenario.market import Market
from cartsim.scenario.part import Part, written


class Run(Part):
    """What is simulated: from when, for how long, how often, from which seed."""

    start: Date
    years: Count
    replications: Count = written("1000")
    seed: Count = written("1")


class Tax(Part):
    """Corporate income tax, computed per calendar year and paid in its last month."""

    rate: ShareSeries = written("0%")
    loss_carry_forward_years: Count = written("5")
    opening_loss: Money = written("0")
    """Tax losses brought in at the start; they expire as if made in the year before."""
    usable_share_of_profit: Share = written("100%")


class Impairment(Part):
    """A dated write-down; it moves no cash."""

    date: Date
    amount: Money


class Company(Part):
    """The reporting entity: its cash, its overheads, its rates."""

    name: Text = written("the company")
    opening_cash: Money
    research: MoneyPerYear = written("0")
    selling: MoneyPerYear = written("0")
    administration: MoneyPerYear = written("0")
    other_income: SignedMoneyPerYear = written("0")
    depreciation: MoneyPerYear = written("0")
    """Depreciation and amortisation that is already inside the costs above: no cash leaves."""
    capital_expenditure: MoneyPerYear = written("0")
    impairments: dict[str, Impairment] = Field(default_factory=dict)
    interest_rate_on_cash: RateSeries = written("0%")
    cash_held_abroad: dict[str, Share] = Field(default_factory=dict)
    """Share of the cash held in each foreign currency; revalued monthly with ``fx``."""
    tax: Tax
    discount_rate: Rate


class Product(Part):
    """A CAR-T product: how it is made, where it is sold, what it costs to keep."""

    workflow: Literal["autologous", "allogeneic"]
    launch: Date
    plant: Text | None = None
    plants: list[Text] = Field(default_factory=list)
    """Instead of ``plant``: lots go to the first of them with a free place."""
    route: Route
    """Of a patient and, with an autologous product, of the patient's lot."""
    starting_material: Literal["cryopreserved", "fresh"] = "cryopreserved"
    """``fresh``: a place for production is booked before the cells are taken, and kept for them."""
    bank: Bank | None = None
    """Of an allogeneic product."""
    doses_per_patient: DosesOfPatient = written("1")
    """Whole doses; a fraction is rounded, halves up."""
    dose_interval: Days = written("0")
    """From one infusion to the next."""
    attrition: Attrition
    risk_classes: list[RiskClass] = Field(default_factory=list)
    """In the order of urgency."""
    priority: list[Literal["retry", "risk"]] = Field(default_factory=list)
    """Who goes first where places are short, before who was ready first."""
    rank: Count = written("0")
    """Products of a lower rank go first on places that they share."""
    balking: Balking | None = None
    research: MoneyPerYear = written("0")
    selling: MoneyPerYear = written("0")
    markets: dict[str, Market]


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


class MilestoneTrigger(Part):
    """When a milestone is due: on a date, or in the month in which the distributor's net sales of
    the calendar year first pass a level.
    """

    one_of = ("date", "annual_net_sales_above")

    date: Date | None = None
    annual_net_sales_above: Money | None = None


class Milestone(Part):
    """A payment that is made once, when its trigger is met; earned when due."""

    name: Text | None = None
    begin: Text = Field(alias="from")
    to: Text = written("us")
    when: MilestoneTrigger
    amount: Money
    source: Text = written("")


class Leg(Part):
    """One leg of a contract; exactly one kind."""

    one_of = ("upfront", "supply_price", "milestone")

    upfront: Upfront | None = None
    supply_price: SupplyPrice | None = None
    milestone: Milestone | None = None


class Contract(Part):
    """A deal: parties, the markets it covers, and its legs."""

    parties: dict[str, Text]
    """Role to name; the role (or name) ``us`` is the company."""
    covers: list[Text]
    """``product`` or ``product.market``."""
    legs: list[Leg]


class Correlation(Part):
    """Rank correlation between two uncertain inputs of replication scope."""

    between: list[Text]
    rank: Factor


class Observation(Part):
    """A published outcome, to hold predictions against; never an input of the model."""

    measure: Text
    period: Text
    value: Factor
    source: Text
    used_for: Literal["check", "fit"] = "check"
    """``fit``: it was looked at when the scenario's assumptions were set, so it is no test."""
    note: Text = written("")


class Scenario(Part):
    """A whole scenario file."""

    format: Count = Field(alias="cartsim")
    title: Text
    description: Text = written("")
    run: Run
    currency: Currency
    fx: dict[str, ExchangeRate] = Field(default_factory=dict)
    company: Company
    products: dict[str, Product]
    plants: dict[str, Plant] = Field(default_factory=dict)
    supplies: dict[str, Supply] = Field(default_factory=dict)
    contracts: dict[str, Contract] = Field(default_factory=dict)
    drivers: dict[str, Positive] = Field(default_factory=dict)
    correlations: list[Correlation] = Field(default_factory=list)
    observed: list[Observation] = Field(default_factory=list)
    levers: list[Text] = Field(default_factory=list)
