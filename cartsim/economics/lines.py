"""The statement's lines: their names in reading order, and a table of those that were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from cartsim.units import Floats

INCOME_LINES = (
    "product_sales",
    "licence_income",
    "royalty_income",
    "service_income",
    "revenue",
    "cost_of_goods_variable",
    "cost_of_goods_failed",
    "cost_of_goods_expired",
    "cost_of_goods_supplies",
    "cost_of_goods_storage",
    "cost_of_goods_contract_manufacturer",
    "cost_of_goods_fixed",
    "cost_of_goods_royalties",
    "cost_of_goods",
    "gross_profit",
    "research",
    "selling",
    "administration",
    "other_income",
    "impairment",
    "operating_result",
    "interest",
    "foreign_exchange",
    "result_before_tax",
    "tax",
    "net_result",
    "minority_interest",
    "net_result_of_owners",
)
CASH_LINES = (
    "opening_cash",
    "cash_from_operations",
    "cash_from_investing",
    "cash_from_financing",
    "foreign_exchange_on_cash",
    "closing_cash",
)
ASSETS = ("closing_cash", "receivables", "inventory", "long_lived_assets")
CLAIMS = ("payables", "deferred_income", "debt", "equity")
"""The balance sheet: what is owned is what is owed and what belongs to the owners."""
BALANCE_LINES = ("opening_cash", *ASSETS, *CLAIMS, "funding_gap")
"""Lines that are balances, not flows: ``opening_cash`` at a month's start, the others at its
end."""


class Lines(Mapping[str, Floats]):
    """Lines by name, float64[R, month]: some that are there, and the public attributes of an object
    that works each out when it is first asked for."""

    def __init__(self, made: Mapping[str, Floats], later: object) -> None:
        self._made, self._later = dict(made), later
        self._names = (*made, *(name for name in _attributes(type(later)) if name not in made))

    def __getitem__(self, name: str) -> Floats:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = getattr(self._later, name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def asked(self, name: str) -> bool:
        """Whether a line is there already."""
        return name in self._made


def _attributes(kind: type) -> tuple[str, ...]:
    return tuple(
        name
        for name, value in vars(kind).items()
        if isinstance(value, (property, cached_property)) and not name.startswith("_")
    )
