"""How cells are made: routes and their steps, banks of doses, plants and what they buy.

Names are those of the YAML keys. Durations are in days; chance that varies from lot to lot or from
patient to patient has that scope by default, everything else is uncertain once for a whole run.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cartsim.scenario.fields import (
    Count,
    Date,
    Days,
    DaysOfPatient,
    Doses,
    DosesOfLot,
    Duration,
    EventsPerYear,
    HazardPerMonth,
    Lots,
    LotsPerYear,
    Money,
    MoneyPerYear,
    MoneySeries,
    Months,
    NonNegative,
    Places,
    Positive,
    RateSeries,
    Share,
    Text,
    Units,
)
from cartsim.scenario.part import Part, written

Role = Literal["collection", "production", "testing", "allocation", "delivery", "infusion"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class OnFailure(Part):
    """What follows a failed or rejected step: another attempt from an earlier step, or the end."""

    retry_from: Text
    attempts: Count = written("2")
    """Attempts in all, the first included."""


class FailureCause(Part):
    """One cause of failure at a step, with its own consequence."""

    share: Share
    """Of the lots that start the step; the causes exclude each other."""
    out_of_specification: Literal["yes", "no"] = "no"
    """``yes``: the lot is made but out of specification, so it may be released under exception."""
    released_under_exception: Share = written("0%")
    """Share of the lots out of specification by this cause that are released."""
    on_failure: OnFailure | None = None
    """What follows; that of the step where it is not given."""


class Test(Part):
    """One of the tests that run side by side in a step."""

    duration: Duration
    hands_on: Days = written("0")
    """Time for which the test holds an analyst; the rest (incubation, say) holds nobody."""
    cost: Money = written("0")


class Step(Part):
    """One step of a route: how long it takes, what it occupies, how it can fail, what it costs."""

    role: Role | None = None
    duration: Duration | None = None
    """Needed where there are no ``tests``."""
    tests: dict[str, Test] = Field(default_factory=dict)
    """Tests that run side by side: the step lasts as long as the longest of them, and holds its
    resource for the sum of their hands-on times."""
    resource: Text | None = None
    """``name`` of the product's plant, or ``plant.name``."""
    hands_on: Days | None = None
    """Time for which a place of the resource is held, where that is not the whole step."""
    held_until: Text | None = None
    """A later step, at whose end the place taken here is given back; steps between that name the
    same resource are done on it."""
    consumes: dict[str, Count] = Field(default_factory=dict)
    """Units of ``supplies`` that are used up at the start; without them the step waits."""
    success: Share = written("100%")
    success_on_retry: Share | None = None
    """Success of later attempts; that of the first where it is not given."""
    out_of_specification: Share = written("0%")
    """Share of the *successful* lots of this step that are out of specification."""
    released_under_exception: Share = written("0%")
    """Share of the out-of-specification lots that are released; the others count as failed."""
    causes: dict[str, FailureCause] = Field(default_factory=dict)
    """Causes of failure, each with its own share and consequence, instead of ``success`` and
    ``out_of_specification``."""
    on_failure: OnFailure | None = None
    costs: dict[str, Money] = Field(default_factory=dict)
    """Cost items charged each time the step starts."""


class Route(Part):
    """The steps that a lot goes through, in ``order``."""

    order: list[Text]
    steps: dict[str, Step]
    learning: Share = written("0%")
    """By which the steps' costs fall with each doubling of the lots ever started."""
    lots_before: Lots = written("100")
    """Lots started before the run, from which the doublings count."""
    cost_growth: RateSeries = written("0%")
    """By which the steps' costs grow a year, from the start of the run on."""


class Bridging(Part):
    """Therapy that keeps the disease in check while the lot is made."""

    share: Share
    """Of the patients collected."""
    hazard_ratio: NonNegative
    """By which the hazard after collection is multiplied."""


class Attrition(Part):
    """Patients who die or withdraw while they wait: a clock for each from the order."""

    before_collection: HazardPerMonth = written("0%")
    after_collection: HazardPerMonth = written("0%")
    shape: Positive = written("1")
    """Of Weibull clocks: 1 is a constant hazard, above 1 one that grows with the wait. The hazards
    are then those of the scale: a cumulative hazard of (hazard x months) ** shape."""
    bridging: Bridging | None = None


class RiskClass(Part):
    """Patients of one clinical risk, in the order of urgency."""

    name: Text
    share: Share
    hazard_ratio: NonNegative = written("1")


class Balking(Part):
    """Patients who go elsewhere because of the wait that they are quoted at the order."""

    acceptable_wait: DaysOfPatient
    days_per_lot: Days
    """Time on a place (or, from stock, from one lot to the next) by which the quote is made."""


class Reorder(Part):
    """An inventory rule on the position: doses in stock and planned in production, less those owed;
    exactly one of the level to order up to and the quantity.
    """

    one_of = ("order_up_to", "quantity")

    reorder_point: Doses
    order_up_to: Doses | None = None
    quantity: Doses | None = None
    """Doses ordered at a time, rounded up to whole lots."""


class Campaign(Part):
    """Lots that begin on a date, and again at an interval where one is given."""

    begin: Date = Field(alias="from")
    lots: Lots
    every_days: Count | None = None
    until: Date | None = None


class InitialStock(Part):
    """Doses that are there when the run starts."""

    doses: Doses
    shelf_life: Days
    """Days left."""


class Bank(Part):
    """Doses made to stock: the lots' own route, what they yield, and what makes them begin."""

    route: Route
    doses_per_lot: DosesOfLot
    planned_doses_per_lot: Doses
    """What the inventory rule counts on, from a lot in progress."""
    shelf_life: Duration
    initial: InitialStock | None = None
    reorder: Reorder | None = None
    campaigns: dict[str, Campaign] = Field(default_factory=dict)
    """Instead of ``reorder``."""
    storage_cost_per_dose_year: Money = written("0")
    before_launch: Days | None = None
    """From this long before the first launch on lots begin. Not given: from the start of the run;
    of a product in development from its launch on."""


class Expansion(Part):
    """Places that are ordered and come into use after a lead time."""

    ordered: Date
    places: Units
    lead_time: Months
    cost: Money = written("0")
    """Capital cost, paid when ordered."""
    depreciated_over_months: Months | None = None
    """Evenly, from the first use on: a cost of the plant that moves no cash; none if not given."""


class Shutdown(Part):
    """A planned time without starts; what is in progress goes on to its end."""

    begin: Date = Field(alias="from")
    until: Date
    yearly: Literal["yes", "no"] = "no"
    """``yes``: at the same days of every year."""


class Slots(Part):
    """A calendar of starts: so many in each interval; those not used lapse."""

    every_days: Count = written("7")
    starts: Count
    begin: Date | None = Field(default=None, alias="from")


class Resource(Part):
    """Concurrent places: production lines, apheresis places, beds, testing benches."""

    capacity: Places
    expansions: dict[str, Expansion] = Field(default_factory=dict)
    shutdowns: dict[str, Shutdown] = Field(default_factory=dict)
    slots: Slots | None = None
    start_days: list[Weekday] = Field(default_factory=list)
    """Days of the week on which steps may start; all where none is named."""
    changeover: Days = written("0")
    """Time for which a place stays taken after it was given back (cleaning, set-up)."""


class Disruption(Part):
    """Events at random times that take a resource out of service."""

    resource: Text
    per_year: EventsPerYear
    duration: Duration
    """Of each event."""
    places: Count = written("0")
    """Places that are hit; 0: all."""
    lots_in_progress: Literal["lost", "delayed"] = "delayed"


class TechnologyTransfer(Part):
    """The time before a plant makes its first lot."""

    begin: Date = Field(alias="from")
    months: Months
    cost: Money = written("0")
    """Paid evenly over the transfer, as research."""


class ContractManufacturer(Part):
    """A plant that belongs to someone else, who is paid for it."""

    transfer: TechnologyTransfer | None = None
    fee_per_lot: MoneySeries
    """For each production start."""
    reserved_lots: LotsPerYear = written("0")
    take_or_pay: Share = written("0%")
    """Share of the reserved lots that is paid whether used or not, by calendar year."""
    suite_fee: MoneyPerYear = written("0")
    reserved_from: Date | None = None
    """First day of the reservation and the suite fee; from the start of the run if not given."""
    failed_lots_borne: Share = written("0%")
    """Share of the fee of failed lots that the manufacturer bears."""


class Plant(Part):
    """A plant and the resources that its products share."""

    resources: dict[str, Resource]
    shutdowns: dict[str, Shutdown] = Field(default_factory=dict)
    """Of all its resources."""
    disruptions: dict[str, Disruption] = Field(default_factory=dict)
    contract_manufacturer: ContractManufacturer | None = None
    fixed_cost_per_year: MoneyPerYear = written("0")
    fixed_cost_from: Date | None = None
    """Before this date the plant costs nothing to the statement (still in research)."""
    fixed_cost_until: Date | None = None
    """From this date on the plant costs nothing: it is closed or sold."""
    charged_to_cost_of_goods: Share = written("100%")
    """Share of the fixed cost that is cost of goods; the rest is research."""


class ClosedSupply(Part):
    """A time in which nothing is delivered; what would arrive in it arrives at its end."""

    begin: Date = Field(alias="from")
    until: Date


class Supply(Part):
    """Something bought that steps consume: vector for so many patients, media, filters."""

    initial_stock: Units
    minimum_stock: Units
    """At or below which, orders included, another order is placed."""
    order_quantity: Units
    """Units of one order: the patients that one vector lot serves, say."""
    lead_time: Duration
    """From order to delivery, of each order."""
    cost_per_order: Money = written("0")
    """Paid on delivery."""
    closed: dict[str, ClosedSupply] = Field(default_factory=dict)
