"""What a leg needs to know about the contract that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol

import numpy as np

from cartsim.economics.activity import Activity
from cartsim.economics.bridge import recognised_events
from cartsim.economics.contracts.ledger import PAYERS, US, Kind, Transfer
from cartsim.economics.events import Events, Records
from cartsim.economics.grid import Grid
from cartsim.economics.prices import MarketSales
from cartsim.economics.tables import in_year, running, total
from cartsim.errors import UsageError
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.contracts import Contract
from cartsim.scenario.model import Scenario
from cartsim.units import Calendar, Flags, Floats


class Terms(Protocol):
    """What all legs have that move money from one party to another."""

    @property
    def name(self) -> str | None: ...
    @property
    def begin(self) -> str: ...
    @property
    def to(self) -> str: ...


@dataclass(frozen=True)
class Deals:
    """What legs are reckoned from: the scenario, its draws, the facts, and what was counted."""

    scenario: Scenario
    drawn: Drawn
    sales: tuple[MarketSales, ...]
    activity: Activity
    grid: Grid
    records: Records
    spending: Mapping[tuple[str, str], Floats]
    """By (``research`` or ``selling``, product), float64[R, month]."""

    @cached_property
    def recognised(self) -> Events:
        """The events on which revenue is recognised."""
        return recognised_events(self.scenario, self.records)


@dataclass(frozen=True)
class Setting:
    """One contract: its name and parties (role to name), the sales of the markets that it covers,
    and what happened in the block.
    """

    contract: str
    parties: Mapping[str, str]
    covered: tuple[MarketSales, ...]
    deals: Deals

    @property
    def drawn(self) -> Drawn:
        return self.deals.drawn

    @property
    def calendar(self) -> Calendar:
        return self.drawn.calendar

    @property
    def shape(self) -> tuple[int, int]:
        """(R, months)."""
        return len(self.drawn.replications), self.calendar.months

    @property
    def markets(self) -> tuple[str, ...]:
        return tuple(sales.market for sales in self.covered)

    @property
    def launch(self) -> date:
        """The first launch among the covered markets, of which there is at least one."""
        return min(sales.launch for sales in self.covered)

    @cached_property
    def covered_rows(self) -> Flags:
        """Which rows of the facts are patients of a covered market, bool[N]."""
        records = self.deals.records
        covered = [name in self.markets for name in records.market_names]
        found: Flags = np.asarray([*covered, False])[records.journeys.market]  # -1: no market
        return found

    @cached_property
    def net_sales(self) -> Floats:
        """Net sales in all covered markets together, float64[R, month]; not to be written to."""
        return total((sales.net_sales for sales in self.covered), self.shape)

    @cached_property
    def net_sales_of_year(self) -> Floats:
        """The same since the beginning of the calendar year, at the end of each month; sales from
        before the run are not known and count as none."""
        return in_year(self.calendar, self.net_sales)

    @cached_property
    def net_sales_to_date(self) -> Floats:
        """The same since the run's start, at the end of each month."""
        return running(self.net_sales)

    @property
    def with_rights(self) -> bool:
        """Whether the contract says itself who sells to the payers."""
        legs = self.deals.scenario.contracts[self.contract].legs
        return any(leg.rights is not None for leg in legs)

    @property
    def products(self) -> tuple[str, ...]:
        """The products of the covered markets, each once."""
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.markets))

    def counted(self, table: str) -> Floats:
        """A table of the activity, summed over the covered markets (and stocks of products of which
        all markets are covered), float64[R, month]."""
        return total((self.deals.activity.of(table, group) for group in self.groups), self.shape)

    @property
    def groups(self) -> tuple[str, ...]:
        """The covered markets, and each product's stock lots if all of its markets are covered."""
        return self.deals.activity.groups_of(self.markets)

    def transfer(
        self,
        terms: Terms,
        leg: str,
        kind: Kind,
        paid: Floats,
        *,
        earned: Floats | None = None,
        markets: tuple[str, ...] | None = None,
    ) -> Transfer:
        """What a leg moves from its payer to its payee; earned when it is paid if nothing else is
        said."""
        return Transfer(
            contract=self.contract,
            leg=terms.name or leg,
            kind=kind,
            payer=self.party(terms.begin),
            payee=self.party(terms.to),
            markets=self.markets if markets is None else markets,
            cash=paid,
            income=paid if earned is None else earned,
            deferred_at_start=np.zeros(self.shape[0]),
        )

    def party(self, reference: str) -> str:
        """The name of a party given by its role or its name; the company is always ``us``."""
        name = self.parties.get(reference, reference)
        if reference == PAYERS:
            return PAYERS
        if US in (reference, name) or self.parties.get(US) == name:
            return US
        if reference in self.parties or reference in self.parties.values():
            return name
        raise UsageError(f"contract {self.contract!r} has no party {reference!r}")

    def month(self, day: date) -> int | None:
        """The month of the run that holds a day, or None before the start and after the end."""
        if day < self.calendar.start:
            return None
        month = self.calendar.month(day)
        return month if month < self.calendar.months else None


def covered_markets(contract: Contract, sales: tuple[MarketSales, ...]) -> tuple[MarketSales, ...]:
    """The markets that a contract covers, by name or with their whole product."""
    return tuple(market for market in sales if contract.covers_market(market.market))
