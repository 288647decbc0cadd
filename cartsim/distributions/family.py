"""What every family of distributions offers: inverse CDF first, and what checks need."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Number = float | Floats


class Family(ABC):
    """A family of distributions: stateless, all verbs vectorised over NumPy broadcasting.

    Parameters are passed by name and may be arrays (an uncertain mean has one value a
    replication); they broadcast against ``u``. A draw takes exactly one uniform.
    """

    name: ClassVar[str]
    forms: ClassVar[tuple[tuple[str, ...], ...]]
    """The accepted sets of parameters, e.g. ``(("mean", "sd"), ("median", "sigma"))``."""
    style: ClassVar[Literal["list", "map", "scalar", "points"]]
    """How it is written: ``{pert: [a, b, c]}``, ``{normal: {mean, sd}}``, ``{poisson: 3}``, or a
    table of points (``choice``, ``empirical``), whose values and weights arrive as arrays."""
    discrete: ClassVar[bool] = False

    @abstractmethod
    def problem(self, **parameters: float) -> str:
        """Why these constant parameters are impossible, in one sentence, or an empty string."""

    @abstractmethod
    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        """The value below which a share ``u`` of the draws fall; ``0 < u < 1``, shape of ``u``."""

    @abstractmethod
    def cdf(self, x: Number, **parameters: Number) -> Floats:
        """P(X <= x)."""

    @abstractmethod
    def mean(self, **parameters: Number) -> Number:
        """The expected value."""

    def support(self, **parameters: float) -> tuple[float, float]:
        """The smallest and the largest possible value (infinite where unbounded)."""
        return float("-inf"), float("inf")


Parameters = Mapping[str, Number]
