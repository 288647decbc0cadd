"""Field types of the scenario models: quantities, series, dates, counts, flags and names.

Each is a validator that takes a tree node and returns a typed value. None of them raises: a wrong
value becomes a :class:`~cartsim.errors.Problem` in the validation context and a placeholder in the
model, so that one pass over a file finds everything that is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import core_schema

from cartsim.errors import Problem
from cartsim.scenario.dates import read_date
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.part import collected, report, shown
from cartsim.scenario.read_quantity import QuantityReader
from cartsim.scenario.values import Flat, Quantity, Scope, Series


@dataclass(frozen=True, slots=True)
class Number:
    """The rules of one numeric field: unit, bounds, default scope and the scopes allowed."""

    unit: str = "number"
    low: float = float("-inf")
    high: float = float("inf")
    scope: Scope = "replication"
    scopes: tuple[Scope, ...] = ("replication",)
    series: bool = False

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def _validate(self, node: Any, info: ValidationInfo) -> Quantity | Series | None:
        if isinstance(node, Quantity | Series) or node is None:
            return node
        reader = QuantityReader(
            self.unit, self.low, self.high, self.scope, self.scopes, collected(info)
        )
        return reader.series(node) if self.series else reader.quantity(node)


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """A scalar that is no input of chance: ``read`` raises ``ValueError`` with what is allowed."""

    kind: str
    read: Callable[[str], Any]
    json: dict[str, Any]
    """How the JSON Schema says what may be written."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def _validate(self, node: Any, info: ValidationInfo) -> Any:
        if not isinstance(node, str | list | dict):
            return node
        try:
            if not isinstance(node, str) or getattr(node, "null", False):
                raise ValueError(f"expected {self.kind}; got {shown(node)}")
            return self.read(str(node))
        except ValueError as error:
            path, position = getattr(node, "path", ""), getattr(node, "position", None)
            report(info, Problem(str(error), path, position))
            return None


def _read_count(text: str) -> int:
    if not re.fullmatch(r"[0-9]+(?:_[0-9]+)*", text) or len(text) > 24:
        raise ValueError(f"{text!r} is not a whole number such as 1_000")
    return int(text.replace("_", ""))


def _read_currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"{text!r} is not a currency code of three capitals such as CNY")
    return text


_NUMBER = r"^[+-]?(\d+(_\d+)*(\.\d+)?|\.\d+)([eE][+-]?\d+)?( ?(k|m|bn))?$"

Date = Annotated[
    date,
    Plain("a date", read_date, {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]
Count = Annotated[
    int,
    Plain(
        "a whole number",
        _read_count,
        {
            "anyOf": [{"type": "integer"}, {"pattern": r"^\d+(_\d+)*$", "type": "string"}],
            "minimum": 0,
        },
    ),
]
Text = Annotated[str, Plain("text", str, {"type": ["string", "number", "boolean"]})]
Factor = Annotated[
    float,
    Plain(
        "a number",
        lambda text: parse_number(text, "money"),
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER}]},
    ),
]
"""A plain number that is not an input of the model (a rank correlation, an observed value)."""
Currency = Annotated[
    str,
    Plain("a currency code", _read_currency, {"type": "string", "pattern": "^[A-Z]{3}$"}),
]

Money = Annotated[Quantity, Number("money", low=0.0)]
SignedMoney = Annotated[Quantity, Number("money")]
MoneyPerYear = Annotated[Series, Number("money/year", low=0.0, series=True)]
SignedMoneyPerYear = Annotated[Series, Number("money/year", series=True)]
MoneySeries = Annotated[Series, Number("money", low=0.0, series=True)]
Share = Annotated[Quantity, Number("share", low=0.0, high=1.0)]
ShareSeries = Annotated[Series, Number("share", low=0.0, high=1.0, series=True)]
RateSeries = Annotated[Series, Number("rate/year", low=-1.0, high=10.0, series=True)]
Rate = Annotated[Quantity, Number("rate/year", low=-1.0, high=10.0)]
HazardPerYear = Annotated[Quantity, Number("rate/year", low=0.0, high=10.0)]
HazardPerMonth = Annotated[Quantity, Number("rate/month", low=0.0, high=10.0)]
Positive = Annotated[Quantity, Number("number", low=1e-12)]
NonNegative = Annotated[Quantity, Number("number", low=0.0)]
PatientsPerYear = Annotated[Series, Number("patients/year", low=0.0, series=True)]
PatientsPerMonth = Annotated[Series, Number("patients/month", low=0.0, series=True)]
Patients = Annotated[Quantity, Number("patients", low=0.0)]
Centres = Annotated[Series, Number("centres", low=0.0, series=True)]
Places = Annotated[Series, Number("places", low=0.0, series=True)]
Months = Annotated[Quantity, Number("months", low=0.0)]
Duration = Annotated[Quantity, Number("days", low=0.0, scope="lot", scopes=("replication", "lot"))]
Days = Annotated[Quantity, Number("days", low=0.0)]
Doses = Annotated[Quantity, Number("doses", low=0.0)]
DosesOfLot = Annotated[
    Quantity, Number("doses", low=0.0, scope="lot", scopes=("replication", "lot"))
]
DosesOfPatient = Annotated[
    Quantity, Number("doses", low=1.0, scope="patient", scopes=("replication", "patient"))
]
DaysOfPatient = Annotated[
    Quantity, Number("days", low=0.0, scope="patient", scopes=("replication", "patient"))
]
Units = Annotated[Quantity, Number("units", low=0.0)]
EventsPerYear = Annotated[Quantity, Number("events/year", low=0.0)]
Lots = Annotated[Quantity, Number("lots", low=0.0)]
LotsPerYear = Annotated[Series, Number("lots/year", low=0.0, series=True)]
ExchangeRate = Annotated[Series, Number("exchange rate", low=1e-12, series=True)]


def constant(path: str, value: float, unit: str = "number") -> Series:
    """A series that is one constant, for defaults and tests."""
    return Series(path, Flat(Quantity(path, value, unit)), unit)
