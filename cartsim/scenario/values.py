"""What a number in a scenario is, once read: a quantity, or a series of quantities in time.

These are descriptions, not draws: a :class:`Quantity` knows its dotted path (its name everywhere),
its unit, where it was written and by whom it is vouched for; ``sampling`` turns it into arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from cartsim.errors import Position

Scope = Literal["replication", "patient", "lot"]
SCOPES: tuple[Scope, ...] = ("replication", "patient", "lot")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution as written: the kind's registered name and its parameters.

    A parameter is itself a quantity (of replication scope), because a distribution of a
    distribution's parameter is allowed; its path is ``<path>.<kind>.<parameter>``.
    ``loadings`` couples the field to shared drivers (Gaussian factor loadings, sum of
    squares at most 1). ``points`` holds the values and weights of ``choice`` and ``empirical``.
    """

    kind: str
    parameters: Mapping[str, Quantity]
    points: tuple[tuple[float, float], ...] = ()
    low: Quantity | None = None
    high: Quantity | None = None
    loadings: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    """What the reader must be told, such as which family a quantile form became."""


@dataclass(frozen=True, slots=True)
class DriverReference:
    """A field that simply is the value of a shared driver: ``{driver: name}``."""

    driver: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of the scenario: a constant, or uncertain, or varying per patient or lot."""

    path: str
    value: float | Distribution | DriverReference
    unit: str = "number"
    scope: Scope = "replication"
    low: float = float("-inf")
    high: float = float("inf")
    source: str = ""
    note: str = ""
    position: Position | None = None
    text: str = ""
    """The number as its author wrote it."""

    @property
    def constant(self) -> float | None:
        """The number when there is no chance in it, else None."""
        return self.value if isinstance(self.value, float) else None

    def leaves(self) -> Iterator[Quantity]:
        """The quantity itself and the quantities inside it (parameters, truncation)."""
        yield self
        if isinstance(self.value, Distribution):
            for inner in self.value.parameters.values():
                yield from inner.leaves()
            for bound in (self.value.low, self.value.high):
                if bound is not None:
                    yield from bound.leaves()


@dataclass(frozen=True, slots=True)
class Flat:
    """A series that does not vary in time."""

    level: Quantity


@dataclass(frozen=True, slots=True)
class ByYear:
    """``{2024: x, 2025: y}``: the value in each calendar year.

    The last one goes on, and the first one also holds before its year.
    """

    years: tuple[tuple[int, Quantity], ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """``{steps: [{from: date, value: x}, ...]}``: piecewise constant; the first entry also holds
    before its date.
    """

    steps: tuple[tuple[date, Quantity], ...]


@dataclass(frozen=True, slots=True)
class Ramp:
    """``{ramp: {from, to, start, end, shape}}``: ``start`` at ``from`` to ``end`` at ``to``."""

    begin: date
    finish: date
    start: Quantity
    end: Quantity
    shape: Literal["linear", "logistic"] = "linear"


@dataclass(frozen=True, slots=True)
class Growth:
    """``{start: x, growth: 3%}``: compounds smoothly from the run's start; growth a year may
    itself be a series.
    """

    start: Quantity
    growth: Series


Form = Flat | ByYear | Steps | Ramp | Growth


@dataclass(frozen=True, slots=True)
class Series:
    """A number that may vary in time (by calendar month)."""

    path: str
    form: Form
    unit: str = "number"
    source: str = ""
    note: str = ""
    position: Position | None = None

    def quantities(self) -> Iterator[Quantity]:
        """The quantities of the series, in the order written, each with its own path."""
        form = self.form
        if isinstance(form, Flat):
            yield from form.level.leaves()
        elif isinstance(form, ByYear | Steps):
            entries = form.years if isinstance(form, ByYear) else form.steps
            for _, quantity in entries:
                yield from quantity.leaves()
        elif isinstance(form, Ramp):
            yield from form.start.leaves()
            yield from form.end.leaves()
        else:
            yield from form.start.leaves()
            yield from form.growth.quantities()

    @property
    def constant(self) -> float | None:
        """The number when it neither varies in time nor by chance, else None."""
        return self.form.level.constant if isinstance(self.form, Flat) else None
