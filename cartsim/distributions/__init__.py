"""What a number may be: families of distributions with one verb, ``ppf(u)``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cartsim.distributions.bernoulli import Bernoulli
from cartsim.distributions.beta import Beta
from cartsim.distributions.choice import Choice
from cartsim.distributions.empirical import Empirical
from cartsim.distributions.exponential import Exponential
from cartsim.distributions.family import Family
from cartsim.distributions.gamma import Gamma
from cartsim.distributions.lognormal import Lognormal
from cartsim.distributions.normal import Normal
from cartsim.distributions.pert import Pert
from cartsim.distributions.poisson import Poisson
from cartsim.distributions.quantiles import P5P95, P10P50P90, Quantiles
from cartsim.distributions.tabulated import tabulated_ppf
from cartsim.distributions.triangular import Triangular
from cartsim.distributions.truncation import truncated_ppf, truncation_problem
from cartsim.distributions.uniform import Uniform
from cartsim.distributions.weibull import Weibull

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            Triangular(),
            Pert(),
            Normal(),
            Lognormal(),
            Uniform(),
            Beta(),
            Gamma(),
            Exponential(),
            Weibull(),
            Bernoulli(),
            Poisson(),
            Choice(),
            Empirical(),
            P5P95(),
            P10P50P90(),
        )
    }
)
"""Every family by its name in a scenario; read-only."""

__all__ = [
    "FAMILIES",
    "Family",
    "Quantiles",
    "tabulated_ppf",
    "truncated_ppf",
    "truncation_problem",
]
