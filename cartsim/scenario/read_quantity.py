"""From a tree node to a quantity or a series: every form in which a number may be written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import date

from cartsim.distributions import FAMILIES
from cartsim.errors import Position, Problem
from cartsim.scenario.numbers import allowed, parse_number
from cartsim.scenario.part import nearest
from cartsim.scenario.tree import Map, Node, Scalar, Sequence
from cartsim.scenario.values import (
    SCOPES,
    ByYear,
    Distribution,
    DriverReference,
    Flat,
    Growth,
    Quantity,
    Ramp,
    Scope,
    Series,
    Steps,
)

_OPTIONS = {"truncate", "per", "loadings"}
_ANNOTATIONS = {"value", "source", "note"}
_QUANTILES = ({"p5", "p95"}, {"p10", "p50", "p90"})
_YEAR = re.compile(r"\d{4}")
_NEGLIGIBLE = 1e-9
"""A distribution may reach an impossible value with at most this probability."""
