"""What a leg needs to know about the contract that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from cartsim.economics.contracts.ledger import US
from cartsim.economics.prices import MarketSales
from cartsim.errors import UsageError
from cartsim.sampling.drawn import Drawn
from cartsim.units import Calendar, Floats


@dataclass(frozen=True)
class Setting:
    """One contract: its name and parties (role to name), the sales of the markets that it covers,
    and the draws of the block.
    """

    contract: str
    parties: Mapping[str, str]
    covered: tuple[MarketSales, ...]
    drawn: Drawn

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

    @property
    def net_sales(self) -> Floats:
        """Net sales in all covered markets together, float64[R, month]."""
        total = np.zeros(self.shape)
        for sales in self.covered:
            total += sales.net_sales
        return total

    def party(self, reference: str) -> str:
        """The name of a party given by its role or its name; the company is always ``us``."""
        name = self.parties.get(reference, reference)
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
