"""Inverse CDFs read from a table, for families whose inverse is solved by iteration.

Beta, PERT and gamma cost hundreds of uniforms a draw. Seen over the normal score z of the uniform,
their inverses are smooth all the way into both tails, so that cubics through four neighbouring
points of an even grid in z are exact to about 1e-8 standard deviations.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from cartsim.compiled import compiled
from cartsim.distributions.family import Family, Floats

REACH = 8.25
"""Normal score beyond that of any uniform that is drawn (2**-53 from 0 or 1)."""
STEPS = 64
"""Points of the grid in one unit of the normal score."""
PIECE = 16_384
"""Draws that are worked on together, few enough to stay in the cache."""


def tabulated_ppf(family: Family, u: Floats, parameters: Mapping[str, float]) -> Floats:
    """``family.ppf`` at constant parameters, from a table where that is worth it.

    A value depends on its uniform and the parameters alone, not on the size of ``u``.
    """
    if not family.worth_tabulating(**parameters):
        return family.ppf(u, **parameters)
    from scipy.special import ndtri

    cubics = _cubics(family, tuple(sorted(parameters.items())))
    low, high = family.support(**parameters)
    found = np.empty(u.shape)
    flat, out = u.reshape(-1), found.reshape(-1)
    for first in range(0, flat.size, PIECE):
        piece = slice(first, first + PIECE)
        _read(ndtri(flat[piece]), cubics, out[piece], REACH, STEPS)
    return np.clip(found, low, high, out=found)


@compiled
def _read(score: Floats, cubics: Floats, out: Floats, reach: float, steps: int) -> None:
    """Write the values at normal scores, float64[n], within the reach, into ``out``."""
    for draw in range(len(score)):
        at = np.uint64(draw)  # an unsigned index is not asked whether it counts backwards
        place = (score[at] + reach) * steps
        cell = np.uint64(place)
        place -= np.float64(cell)
        value = (cubics[3, cell] * place + cubics[2, cell]) * place + cubics[1, cell]
        out[at] = value * place + cubics[0, cell]


@lru_cache(maxsize=128)  # the tables of a scenario serve all of its blocks
def _cubics(family: Family, parameters: tuple[tuple[str, float], ...]) -> Floats:
    """Coefficients [4, cells] of the cubic in each cell of the grid; read-only."""
    from scipy.special import ndtr

    known = dict(parameters)
    cells = int(2 * REACH * STEPS)
    z = (np.arange(-1, cells + 2) / STEPS) - REACH
    half = np.searchsorted(z, 0.0)
    values = np.concatenate(
        [family.ppf(ndtr(z[:half]), **known), family.isf(ndtr(-z[half:]), **known)]
    )
    before, left, right, after = (values[shift : shift + cells] for shift in range(4))
    # the cubic through the four points at -1, 0, 1 and 2, in powers of the place between 0 and 1
    cubics = np.stack(
        [
            left,
            right - before / 3.0 - left / 2.0 - after / 6.0,
            (before + right) / 2.0 - left,
            (after - before) / 6.0 + (left - right) / 2.0,
        ]
    )
    cubics.flags.writeable = False
    return cubics
