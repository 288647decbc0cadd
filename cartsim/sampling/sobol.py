"""Scrambled Sobol' points, one dimension at a time and from any index on.

The sequence is SciPy's (direction numbers of Joe and Kuo, SIAM J. Sci. Comput. 30, 2008). Its
scrambling is a random lower triangular matrix and a random shift (Matousek, J. Complexity 14,
1998), made from a stream of this project, so that it depends on an input's path and not on how many
others there are.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from cartsim.sampling.streams import words
from cartsim.units import Floats, Ints

DIMENSIONS = 16_384
"""How many dimensions are used, of the 21,201 that SciPy's sequence has."""
BITS = 52
"""Binary digits of a scrambled point."""
DIGITS = 30
"""Binary digits of the sequence, so that there are 2**30 points."""

Words = npt.NDArray[np.uint64]


def scrambled(seed: int, stream: str, dimension: int, index: Ints) -> Floats:
    """The points with these indices, int64[n] below 2**30, of one dimension, float64[n].

    ``stream`` names the scrambling: the same name has the same one in every dimension.
    """
    size = max(int(index.max(initial=0)).bit_length(), 1)
    if size > DIGITS:
        raise ValueError(f"a Sobol' sequence has 2**{DIGITS} points; asked for {index.max()}")
    turned, shift = _scrambling(seed, stream, dimension, -(-size // 8) * 8)
    found = np.full(index.shape, shift, dtype=np.uint64)
    for digit in range(size):
        found ^= np.where((index >> digit) & 1 == 1, turned[digit], np.uint64(0))
    return (found.astype(np.float64) + 0.5) * 2.0**-BITS


@lru_cache(maxsize=4096)
def _scrambling(seed: int, stream: str, dimension: int, size: int) -> tuple[Words, np.uint64]:
    """Direction numbers after the scrambling's matrix, uint64[size], and its shift."""
    random = words(seed, stream, BITS + 1)
    turned = np.zeros(size, dtype=np.uint64)
    directions = _directions(1 << dimension.bit_length(), size)[dimension]
    for place in range(BITS):  # from the most significant digit on
        bit = np.uint64(1) << np.uint64(BITS - 1 - place)
        # the row: chance above the diagonal digit's place, one on it, nothing below
        row = (random[place] >> np.uint64(64 - BITS)) & ~((bit << np.uint64(1)) - np.uint64(1))
        odd = _parity(directions & (row | bit))
        turned |= np.where(odd, bit, np.uint64(0))
    return turned, random[BITS] >> np.uint64(64 - BITS)


def _parity(numbers: Words) -> npt.NDArray[np.bool_]:
    found = numbers.copy()
    for step in (32, 16, 8, 4, 2, 1):
        found ^= found >> np.uint64(step)
    return np.asarray((found & np.uint64(1)) == 1)


@lru_cache(maxsize=8)
def _directions(dimensions: int, size: int) -> Words:
    """Direction numbers of the first dimensions, uint64[dimension, size], at the top of ``BITS``.

    SciPy goes through the points in Gray code, where the point after 2**k - 1 others differs from
    the one before in direction k alone.
    """
    from scipy.stats.qmc import Sobol

    sequence = Sobol(dimensions, scramble=False, bits=DIGITS)
    found = np.empty((dimensions, size), dtype=np.uint64)
    for power in range(size):
        sequence.reset()
        if power > 0:
            sequence.fast_forward((1 << power) - 1)
        before, after = (sequence.random(2) * 2.0**BITS).astype(np.uint64)
        found[:, power] = before ^ after
    return found
