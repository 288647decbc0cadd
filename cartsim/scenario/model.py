"""The scenario: what a strategist writes, as frozen models. Names are those of the YAML keys.

Units are fixed per field (see ``fields.py``) and shown in the schema reference; money is in the
market's currency inside ``markets`` and in the reporting currency elsewhere.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cartsim.scenario.contracts import Contract
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
from cartsim.scenario.outcomes import Outcomes
from cartsim.scenario.part import Part, written


class Run(Part):
    """What is simulated: from when, for how long, how often, from which seed."""

    start: Date
    years: Count
    replications: Count = written("1000")
    seed: Count = written("1")
    design: Literal["independent", "latin_hypercube", "sobol"] = "independent"
    """How the values of uncertain inputs are spread over the replications: by chance; evenly over
    each 128, one input at a time; evenly over all, several inputs at a time."""


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


class Round(Part):
    """New shares of the company for money."""

    date: Date
    """Day of the payment."""
    amount: Money
    """Paid in, after the costs of the round."""
    probability: Share = written("100%")
    """That it takes place."""


class Loan(Part):
    """Money borrowed, at interest that is paid month by month, and paid back as a whole."""

    amount: Money
    """Borrowed."""
    drawn: Date
    """Day on which it is paid out; before the start it is debt of the first day and no cash."""
    repaid: Date | None = None
    """Day on which it is paid back; not in this run if not given."""
    interest_rate: Rate
    """A year, nominal."""


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
    receivable_days: Days = written("0")
    """From a sale, or a service to others, to its payment; what contracts say of other payments
    goes before."""
    payable_days: Days = written("0")
    """From a cost to its payment; depreciation apart."""
    inventory: Literal["expensed", "at_cost"] = "expensed"
    """``at_cost``: what lots cost is carried until their dose is sold, fails or expires."""
    opening_long_lived_assets: Money | None = None
    """Plants, intangible assets and programmes in development: their book value when the run opens.
    Where it is not given, as much as depreciation and impairments of the run write off."""
    rounds: dict[str, Round] = Field(default_factory=dict)
    loans: dict[str, Loan] = Field(default_factory=dict)
    impairments: dict[str, Impairment] = Field(default_factory=dict)
    interest_rate_on_cash: RateSeries = written("0%")
    cash_held_abroad: dict[str, Share] = Field(default_factory=dict)
    """Share of the cash held in each foreign currency; revalued monthly with ``fx``."""
    tax: Tax
    discount_rate: Rate


class DevelopmentStage(Part):
    """One stage on the way to approval: a trial, a review."""

    months: Months
    """How long it takes."""
    cost: Money = written("0")
    """Of the stage as a whole, spent evenly over it; part of research."""
    probability: Share = written("100%")
    """Of going on to the next stage, known at the end of this one."""


class Development(Part):
    """The way to approval: stages one after the other. When all have succeeded the product is
    approved, and launched after ``launch_after_months``; when one fails, nothing more is spent."""

    begin: Date = Field(alias="from")
    """First day of the first stage."""
    stages: dict[str, DevelopmentStage]
    """In their order."""
    launch_after_months: Months = written("0")
    """From approval to launch."""
    book_value: Money = written("0")
    """Of the assets that are written off when a stage fails."""
    platform: Text | None = None
    """Name of a platform on which all stages depend."""


class Platform(Part):
    """What several products depend on: if it does not work, none of their stages succeeds; their
    own probabilities hold if it does."""

    probability: Share
    """That it works."""


class Product(Part):
    """A CAR-T product: how it is made, where it is sold, what it costs to keep."""

    workflow: Literal["autologous", "allogeneic"]
    launch: Date | None = None
    """First day of orders; worked out with ``development``."""
    development: Development | None = None
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
    outcomes: Outcomes | None = None
    research: MoneyPerYear = written("0")
    selling: MoneyPerYear = written("0")
    markets: dict[str, Market]


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
    platforms: dict[str, Platform] = Field(default_factory=dict)
    supplies: dict[str, Supply] = Field(default_factory=dict)
    contracts: dict[str, Contract] = Field(default_factory=dict)
    drivers: dict[str, Positive] = Field(default_factory=dict)
    correlations: list[Correlation] = Field(default_factory=list)
    observed: list[Observation] = Field(default_factory=list)
    levers: list[Text] = Field(default_factory=list)

    @property
    def markets(self) -> tuple[str, ...]:
        """``product.market`` of every market."""
        return tuple(
            f"{name}.{market}"
            for name, product in self.products.items()
            for market in product.markets
        )
