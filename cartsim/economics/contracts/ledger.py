"""Who owes whom: the transfers of all contracts, seen from any party."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cartsim.economics.tables import less, running, signed_total, total
from cartsim.units import Floats

US = "us"
"""The company's name among the parties."""

PAYERS = "payers"
"""Those who pay for doses, patients and insurers together."""

Kind = Literal["sales", "licence", "royalty", "service", "collaboration", "other", "equity"]
"""What an amount is to its payee: product sales, upfronts and milestones, royalties, services,
shares of profit and cost, other income; or no income at all (``equity``)."""


@dataclass(frozen=True)
class Transfer:
    """What one leg moves from a payer to a payee; arrays are float64[R, month], reporting currency.

    ``cash`` moves when it is paid; ``income`` is the payee's when it is earned (and the payer's
    expense). ``deferred_at_start`` (float64[R]) is what was received before the run and not yet
    earned; it is negative for what was earned before the run and not yet received. ``markets``
    names the markets that the leg concerns. What moves as ``equity`` is never earned.
    """

    contract: str
    leg: str
    kind: Kind
    payer: str
    payee: str
    markets: tuple[str, ...]
    cash: Floats
    income: Floats
    deferred_at_start: Floats
    leg_kind: str = ""
    """The key with which the scenario writes the leg."""

    def sign(self, party: str) -> float:
        """+1 for the payee, -1 for the payer, 0 for all others."""
        return float(party == self.payee) - float(party == self.payer)


@dataclass(frozen=True)
class Ledger:
    """All transfers of a block, ``shape`` = (R, months)."""

    shape: tuple[int, int]
    transfers: tuple[Transfer, ...]
    _cash: dict[str, Floats] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was asked for before, by party."""

    @property
    def parties(self) -> tuple[str, ...]:
        """Everyone who pays or is paid, the company first."""
        names = {name for t in self.transfers for name in (t.payer, t.payee)}
        return (US, *sorted(names - {US}))

    def cash(self, party: str) -> Floats:
        """Cash that a party takes in, less what it pays out, float64[R, month]."""
        if party not in self._cash:
            seen = ((t.sign(party), t.cash) for t in self.transfers)
            self._cash[party] = signed_total(seen, self.shape)
        return self._cash[party]

    def income(self, party: str) -> Floats:
        """Income less expense of a party, float64[R, month]."""
        return signed_total(((t.sign(party), t.income) for t in self.transfers), self.shape)

    def paid_in(self, party: str) -> Floats:
        """The part of a party's cash that is paid for shares, float64[R, month]."""
        shares = ((t.sign(party), t.cash) for t in self.transfers if t.kind == "equity")
        return signed_total(shares, self.shape)

    def deferred(self, party: str) -> Floats:
        """A party's balance of what it received and has not yet earned, at each month's end."""
        # most is earned when it is paid: one table for both, of which nothing can be deferred
        open_ = [t for t in self.transfers if t.cash is not t.income and t.kind != "equity"]
        received = signed_total(((t.sign(party), t.cash) for t in open_), self.shape)
        earned = signed_total(((t.sign(party), t.income) for t in open_), self.shape)
        return running(less(received, earned), self.deferred_at_start(party))

    def deferred_at_start(self, party: str) -> Floats:
        """The same balance when the run opens, float64[R]."""
        balances = ((t.sign(party), t.deferred_at_start) for t in self.transfers)
        return signed_total(balances, self.shape[:1])

    def received_by(self, party: str, *kinds: Kind) -> tuple[Transfer, ...]:
        """The transfers of some kinds of which a party is the payee."""
        return tuple(t for t in self.transfers if t.sign(party) > 0 and t.kind in kinds)

    def earned(self, party: str, kind: Kind) -> Floats:
        """Income of one kind that others owe to a party, float64[R, month]."""
        return total((t.income for t in self.received_by(party, kind)), self.shape)

    def owed(self, party: str, *kinds: Kind) -> Floats:
        """What a party owes to others, as the expense of the month, float64[R, month]; of some
        kinds, or of all."""
        owing = (t for t in self.transfers if t.sign(party) < 0)
        return total((t.income for t in owing if not kinds or t.kind in kinds), self.shape)
