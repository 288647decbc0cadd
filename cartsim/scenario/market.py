"""Where a product is sold, as its author writes it: who comes, who can pay, who else sells.

Units are fixed per field (see ``fields.py``); money is in the market's currency.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cartsim.scenario.fields import (
    Centres,
    Count,
    Currency,
    Date,
    Days,
    HazardPerYear,
    Money,
    MoneyPerYear,
    MoneySeries,
    Months,
    NonNegative,
    Patients,
    PatientsPerMonth,
    PatientsPerYear,
    Positive,
    Rate,
    Share,
    ShareSeries,
    Text,
)
from cartsim.scenario.part import Part, written


class GivenOrders(Part):
    """Orders that are given instead of modelled: evenly spaced, or a number a month."""

    one_of = ("every_days", "per_month")

    every_days: Days | None = None
    per_month: PatientsPerMonth | None = None
    begin: Date | None = Field(default=None, alias="from")
    until: Date | None = None
    arrivals: Literal["poisson", "even"] = "even"
    """``poisson``: the monthly number is an expectation; ``even``: it is exact, evenly spaced."""


class PrevalentPool(Part):
    """Eligible patients who are already waiting at launch."""

    patients: Patients
    exit_per_year: HazardPerYear
    seeking_per_year: HazardPerYear = written("100%")
    """Rate at which pool patients come up for a treatment decision."""


class Label(Part):
    """A label for more patients, an earlier line of therapy or another indication: they are
    eligible beside those of the market from its date on."""

    begin: Date = Field(alias="from")
    delay_months: Months = written("0")
    """By which the date may slip."""
    probability: Share = written("100%")
    """That the label is granted at all."""
    incidence_per_year: PatientsPerYear
    funnel: dict[str, ShareSeries] = Field(default_factory=dict)
    pool_patients: Patients = written("0")
    """Who join the prevalent pool when the label is granted."""


class Certification(Part):
    """What it takes until a centre of ``centres`` can treat, and what it costs the company."""

    training_months: Months = written("0")
    """Between a centre's being taken on and its first patient; those of the start are trained."""
    cost_per_centre: Money = written("0")
    """Of taking one on, in the month in which it is; part of selling."""
    cost_per_centre_year: MoneyPerYear = written("0")
    """Of keeping one certified, from the launch on; part of selling."""


class Payer(Part):
    """A payer segment: which share of the eligible patients it covers and what it pays."""

    share: ShareSeries
    reimburses: Share = written("0%")
    cap: Money | None = None
    begin: Date | None = Field(default=None, alias="from")
    """Before this date the segment's patients pay for themselves."""
    until: Date | None = None
    """From this date on they do so again."""
    budget_per_year: MoneyPerYear | None = None
    """What the payer spends on this product in a calendar year; when it is used up, the segment's
    patients pay for themselves until the year is over."""


class NationalListing(Part):
    """The product is listed for national reimbursement: its list price falls, and a share of the
    patients of every segment moves into the listed one."""

    begin: Date = Field(alias="from")
    delay_months: Months = written("0")
    """By which the date may slip."""
    probability: Share = written("100%")
    """That it is listed at all."""
    price: Money
    """List price from then on, instead of that of ``price.list``."""
    share: Share
    """Of the patients, whose insurance pays from then on."""
    reimburses: Share
    cap: Money | None = None
    budget_per_year: MoneyPerYear | None = None
    """As that of a payer."""


class Instalments(Part):
    """A plan by which a household pays in equal yearly instalments, the first at once."""

    number: Count
    financing_rate: Rate = written("0%")
    """Interest a year that the household pays."""
    ability_of_later_years: Share
    """What a household can raise again in each later year, as a share of what it can raise once."""
    offered_to: Share = written("100%")
    """Share of the households that can have the plan."""


class OutcomeGuarantee(Part):
    """A promise to pay back part of what the patient paid if the treatment does not work: it lowers
    what a household counts as the price. What it costs belongs into a contract."""

    refunds: Share
    """Of what the patient paid."""
    cap: Money | None = None
    """Most that is paid back."""
    no_response: Share
    """Probability that it is."""
    counted: Share = written("50%")
    """Weight that households give to money that they may get back."""


class LognormalHouseholds(Part):
    """Ability to pay across households: lognormal with this median and log standard deviation."""

    median: Money
    sigma: Positive


class AbilityToPay(Part):
    """The distribution of what a household can pay for one treatment (not a draw)."""

    lognormal: LognormalHouseholds


class LinearAdoption(Part):
    """From 0 at launch to ``peak`` after ``months_to_peak``."""

    months_to_peak: Months
    peak: Share


class LogisticAdoption(Part):
    """S-curve: half of ``peak`` at ``midpoint_months``, 12%/88% of it one ``spread_months`` x 2
    before and after.
    """

    midpoint_months: Months
    spread_months: Months
    peak: Share


class BassAdoption(Part):
    """Bass diffusion, cumulative curve times ``peak``: p (innovation), q (imitation) per year."""

    p: NonNegative
    q: NonNegative
    peak: Share


class Adoption(Part):
    """Share of the patients in reach who are ordered for, since launch; exactly one curve."""

    one_of = ("constant", "linear", "logistic", "bass")

    per_centre: Literal["yes", "no"] = "no"
    """``yes``: each centre starts its own curve when it is certified, or at the launch."""
    constant: Share | None = None
    linear: LinearAdoption | None = None
    logistic: LogisticAdoption | None = None
    bass: BassAdoption | None = None


class Region(Part):
    """A part of the market with numbers of its own; what it does not say is as in the market."""

    share: ShareSeries
    """Of the market's eligible patients."""
    centres: Centres | None = None
    coverage_scale: Positive | None = None
    coverage: ShareSeries | None = None
    payers: dict[str, Payer] = Field(default_factory=dict)
    ability_to_pay: AbilityToPay | None = None
    adoption: Adoption | None = None


class Competitor(Part):
    """A rival in the class, from its entry on: another company's product, or one of our own."""

    one_of = ("from", "product")

    begin: Date | None = Field(default=None, alias="from")
    product: Text | None = None
    """``product.market`` of this scenario that competes here: its launch, attraction, price,
    efficacy and wait are those that are written there."""
    delay_months: Months = written("0")
    """By which the entry may slip."""
    probability: Share = written("100%")
    """That it comes at all."""
    until: Date | None = None
    """From this date on it is gone."""
    attraction: NonNegative = written("1")
    price: MoneySeries | None = None
    """List price; as high as our own if not given."""
    efficacy: Share | None = None
    """Response rate; as our own if not given."""
    wait_days: Days | None = None
    """From order to infusion; as our own if not given."""


class Choice(Part):
    """How physicians choose within the class: what makes an attraction larger or smaller. With all
    at 0 the attractions stand as they are written."""

    order_of_entry: NonNegative = written("0")
    """The n-th product on the market has n ** -order_of_entry of its attraction."""
    price: NonNegative = written("0")
    """Percent of attraction that one percent of price costs."""
    efficacy: NonNegative = written("0")
    """Rise of the attraction's logarithm from a response rate of 0% to one of 100%."""
    wait: NonNegative = written("0")
    """Fall of the attraction's logarithm with a day of wait."""


class Price(Part):
    """What a dose costs the payer, and what of it is not the seller's."""

    list: MoneySeries
    value_added_tax: Share = written("0%")
    """Included in the list price; passed on to the state."""
    out_of_specification_charged: Share = written("100%")
    """Share of the price that is charged for a dose released under exception."""
    deductions: ShareSeries = written("0%")
    """Rebates and patient programmes, as a share of the list price without tax."""


class Market(Part):
    """Where a product is sold: who comes, who can pay, at what price."""

    currency: Currency | None = None
    launch: Date | None = None
    launch_delay_months: Months = written("0")
    """By which the launch may slip."""
    approval_probability: Share = written("100%")
    """That the product is ever approved here; without approval nobody orders."""
    plant: Text | None = None
    """Where the lots of this market's patients are made; the product's if not given."""
    failure_odds_ratio: NonNegative = written("1")
    """By which the odds of failing (and of being out of specification) are multiplied for the
    patients of this market."""
    orders: GivenOrders | None = None
    incidence_per_year: PatientsPerYear | None = None
    funnel: dict[str, ShareSeries] = Field(default_factory=dict)
    labels: dict[str, Label] = Field(default_factory=dict)
    prevalent_pool: PrevalentPool | None = None
    centres: Centres | None = None
    coverage_scale: Positive | None = None
    coverage: ShareSeries | None = None
    certification: Certification | None = None
    regions: dict[str, Region] = Field(default_factory=dict)
    payers: dict[str, Payer] = Field(default_factory=dict)
    ability_to_pay: AbilityToPay | None = None
    national_listing: NationalListing | None = None
    instalments: Instalments | None = None
    outcome_guarantee: OutcomeGuarantee | None = None
    adoption: Adoption | None = None
    attraction: NonNegative = written("1")
    efficacy: Share | None = None
    """Response rate, as physicians compare it."""
    wait_days: Days | None = None
    """From order to infusion, as physicians expect it."""
    competitors: dict[str, Competitor] = Field(default_factory=dict)
    choice: Choice | None = None
    class_share: ShareSeries | None = None
    """Share among the class, given instead of worked out from ``competitors``."""
    price: Price
    revenue_recognised_on: Literal["order", "delivery", "infusion"] = "delivery"
