"""What every family of distributions offers: inverse CDF first, and what checks need."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Number = float | Floats
Flags = npt.NDArray[np.bool_]


class Family(ABC):
    """A family of distributions: stateless, all verbs vectorised over NumPy broadcasting.

    Parameters are passed by name and may be arrays (an uncertain mean has one value a
    replication); they broadcast against ``u``. A draw takes exactly one uniform. A spread of
    zero is allowed where the parameters have one, and means the constant.
    """

    name: ClassVar[str]
    forms: ClassVar[tuple[tuple[str, ...], ...]]
    """The accepted sets of parameters, e.g. ``(("mean", "sd"), ("median", "sigma"))``."""
    style: ClassVar[Literal["list", "map", "scalar", "points"]]
    """How it is written: ``{pert: [a, b, c]}``, ``{normal: {mean, sd}}``, ``{poisson: 3}``, or a
    table of points (``choice``, ``empirical``), whose values and weights arrive as arrays."""
    discrete: ClassVar[bool] = False

    @abstractmethod
    def problem(self, **parameters: Number) -> str:
        """Why these parameters are impossible, in one sentence, or an empty string.

        Of array parameters, the first impossible combination is named.
        """

    @abstractmethod
    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        """The smallest value x with P(X <= x) >= u; ``0 < u < 1``, shape of the broadcast."""

    @abstractmethod
    def cdf(self, x: Number, **parameters: Number) -> Floats:
        """P(X <= x)."""

    @abstractmethod
    def mean(self, **parameters: Number) -> Number:
        """The expected value."""

    def sf(self, x: Number, **parameters: Number) -> Floats:
        """P(X > x); families with a long upper tail keep its precision where ``1 - cdf`` is 0."""
        return np.asarray(1.0 - self.cdf(x, **parameters))

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        """The value above which a share ``v`` of the draws fall: ``ppf(1 - v)``, precisely."""
        return self.ppf(np.asarray(1.0 - v), **parameters)

    def worth_tabulating(self, **parameters: float) -> bool:  # noqa: ARG002
        """Whether the inverse is costly, and smooth enough to be read from a table."""
        return False

    @abstractmethod
    def support(self, **parameters: Number) -> tuple[float, float]:
        """The smallest and the largest possible value (infinite where unbounded)."""


Parameters = Mapping[str, Number]


def below_zero(**parameters: Number) -> str:
    """A problem that names the first negative parameter, or an empty string."""
    for name, value in parameters.items():
        if (wrong := first_where(np.asarray(value) < 0, value)) is not None:
            return f"{name} is {wrong[0]:.10g}; it must be 0 or more"
    return ""


def not_above_zero(**parameters: Number) -> str:
    """A problem that names the first parameter that is zero or negative, or an empty string."""
    for name, value in parameters.items():
        if (wrong := first_where(np.asarray(value) <= 0, value)) is not None:
            return f"{name} is {wrong[0]:.10g}; it must be above 0"
    return ""


def out_of_order(**parameters: Number) -> str:
    """A problem when the parameters, as passed, do not ascend (equal is allowed)."""
    for before, after in pairwise(parameters.values()):
        wrong = first_where(np.asarray(before) > after, *parameters.values())
        if wrong is not None:
            given = ", ".join(
                f"{name} {value:.10g}" for name, value in zip(parameters, wrong, strict=True)
            )
            return f"{given}; they must ascend"
    return ""


def first_where(wrong: npt.ArrayLike, *parameters: Number) -> tuple[float, ...] | None:
    """The parameters' values at the first place where something is wrong, or None."""
    where, *values = np.broadcast_arrays(wrong, *parameters)
    if not np.any(where):
        return None
    place = int(np.flatnonzero(where)[0])
    return tuple(float(value.flat[place]) for value in values)
