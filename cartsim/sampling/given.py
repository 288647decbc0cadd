"""Uniforms that an analysis gives instead of drawing them: inputs held, moved or taken from a
sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cartsim.units import Floats

Uniform = float | Floats
"""One for all replications, or float64[N], one for each of the replications 0 to N - 1."""


@dataclass(frozen=True)
class Given:
    """Uniforms of replication scope, by the path of an input.

    ``values`` place the input itself at a quantile of its own distribution, whatever it is
    correlated with. ``streams`` are what its own stream would have drawn, so that correlations and
    drivers make of them what they make of all draws.
    """

    values: Mapping[str, Uniform] = field(default_factory=dict)
    streams: Mapping[str, Uniform] = field(default_factory=dict)


NOTHING = Given()


def at(given: Mapping[str, Uniform], path: str, replications: range) -> Floats | None:
    """The uniforms [R] of a path in some replications; ``None`` where none are given."""
    found = given.get(path)
    if found is None:
        return None
    if isinstance(found, np.ndarray):
        return np.asarray(found[replications.start : replications.stop])
    return np.full(len(replications), found)
