"""Field types of the scenario models: quantities, series, dates, counts, flags and names.

Each is a validator that takes a tree node and returns a typed value. None of them raises: a wrong
value becomes a :class:`~cartsim.errors.Problem` in the validation context and a placeholder in the
model, so that one pass over a file finds everything that is wrong with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from cartsim.errors import Problem
from cartsim.scenario.dates import read_date
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.part import collected, report
from cartsim.scenario.read_quantity import QuantityReader
from cartsim.scenario.tree import Scalar
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

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        name = "series" if self.series else "quantity"
        bounds = {
            "x-unit": self.unit,
            "x-scope": self.scope,
            **({"x-minimum": self.low} if self.low > float("-inf") else {}),
            **({"x-maximum": self.high} if self.high < float("inf") else {}),
        }
        return {"$ref": f"#/$defs/{name}", **bounds}

    def _validate(self, node: Any, info: ValidationInfo) -> Quantity | Series | None:
        if isinstance(node, Quantity | Series) or node is None:
            return node
        reader = QuantityReader(
            self.unit, self.low, self.high, self.scope, self.scopes, collected(info)
        )
        return reader.series(node) if self.series else reader.quantity(node)


def _scalar_field(kind: str, read: Any, schema: dict[str, Any]) -> Any:
    class Field:
        """A scalar read by a function that raises ``ValueError`` with what is allowed."""

        @classmethod
        def __get_pydantic_core_schema__(
            cls, source: Any, handler: GetCoreSchemaHandler
        ) -> core_schema.CoreSchema:
            return core_schema.with_info_plain_validator_function(cls.validate)

        @classmethod
        def __get_pydantic_json_schema__(
            cls, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
        ) -> JsonSchemaValue:
            return schema

        @classmethod
        def validate(cls, node: Any, info: ValidationInfo) -> Any:
            if not isinstance(node, str):
                if isinstance(node, date | int | bool) or node is None:
                    return node
                report(
                    info,
                    Problem(
                        f"expected {kind}; got a {'map' if isinstance(node, dict) else 'list'}",
                        getattr(node, "path", ""),
                        getattr(node, "position", None),
                    ),
                )
                return None
            try:
                if isinstance(node, Scalar) and node.null:
                    raise ValueError(f"expected {kind}; got nothing")
                return read(str(node))
            except ValueError as error:
                report(
                    info,
                    Problem(str(error), getattr(node, "path", ""), getattr(node, "position", None)),
                )
                return None

    return Field


def _read_count(text: str) -> int:
    if not re.fullmatch(r"\d+(?:_\d+)*", text):
        raise ValueError(f"{text!r} is not a whole number such as 1_000")
    return int(text.replace("_", ""))


def _read_flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def _read_currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"{text!r} is not a currency code of three capitals such as CNY")
    return text


Date = Annotated[date, _scalar_field("a date", read_date, {"type": "string", "format": "date"})]
Count = Annotated[
    int, _scalar_field("a whole number", _read_count, {"type": "integer", "minimum": 0})
]
Flag = Annotated[bool, _scalar_field("true or false", _read_flag, {"type": "boolean"})]
Text = Annotated[str, _scalar_field("text", str, {"type": "string"})]
Factor = Annotated[
    float,
    _scalar_field("a number", lambda text: parse_number(text, "money"), {"type": "number"}),
]
"""A plain number that is not an input of the model (a rank correlation, an observed value)."""
Currency = Annotated[
    str,
    _scalar_field("a currency code", _read_currency, {"type": "string", "pattern": "^[A-Z]{3}$"}),
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
ExchangeRate = Annotated[Series, Number("exchange rate", low=1e-12, series=True)]


def constant(path: str, value: float, unit: str = "number") -> Series:
    """A series that is one constant, for defaults and tests."""
    return Series(path, Flat(Quantity(path, value, unit)), unit)
