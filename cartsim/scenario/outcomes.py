"""What becomes of patients, and payments that depend on it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cartsim.scenario.fields import Count, Money, Months, Share, Text
from cartsim.scenario.part import Part, written


class Outcomes(Part):
    """What becomes of a patient after the infusion; drawn for each."""

    response: Share
    """Probability of a response."""
    response_by_months: Months = written("3")
    """After which it is known whether there is one."""
    median_response_months: Months | None = None
    """How long half of the responses last, from the infusion; for ever if not given."""
    median_survival_months: Months | None = None
    """How long half of the patients live; all, and as long as it takes, if not given."""


class Refund(Part):
    """Money back for a patient without a response: the outcome contract of a payer or patient."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    share: Share
    """Of the price, or of ``out_of_pocket`` of it."""
    out_of_pocket: Share = written("100%")
    """Part of the price that patients pay themselves, on which the refund is reckoned."""
    cap: Money | None = None
    """Most that one patient gets back."""
    source: Text = written("")
    """Of the terms."""


class Stage(Part):
    """A part of the price that falls due some time after the sale."""

    after_months: Months
    """After the infusion."""
    share: Share
    """Of the price."""
    when: Literal["always", "response", "alive"] = "always"
    """Paid only if the response lasts until then, or the patient lives."""


class StagedPayment(Part):
    """The price is paid in stages, some of which depend on the outcome; each is income when due."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    stages: list[Stage]
    """In the order in which they fall due."""
    source: Text = written("")
    """Of the terms."""


class InstalmentPlan(Part):
    """The price is paid in equal instalments, the first at once; who fails one pays no more."""

    name: Text | None = None
    """Of the leg in paths; its kind if not given."""
    begin: Text = Field(alias="from")
    """Role of the party that pays."""
    to: Text = written("us")
    """Role of the party that is paid."""
    number: Count
    """Of instalments."""
    every_months: Months = written("12")
    """From one to the next."""
    failure: Share = written("0%")
    """Probability that an instalment after the first, and all after it, is not paid."""
    source: Text = written("")
    """Of the terms."""
