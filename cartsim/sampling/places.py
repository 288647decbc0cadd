"""Uniforms at some places of a stream: compiled, because no library hands out single words.

NumPy's Philox makes long runs of counters, which is right for whole tables. The lots that are tried
again, or the patients of replications of different size, stand at scattered places of a table; here
each place's counter is put through the same ten rounds (Salmon et al., see
:mod:`cartsim.sampling.streams`), and nothing else is made. The values are those of the table, bit
for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types, uint64
from numba.extending import intrinsic

from cartsim.compiled import OPTIONS
from cartsim.units import Floats, Ints

ROUNDS = 10
M0, M1 = 0xD2E7470EE14C6C93, 0xCA5A826395121157
W0, W1 = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B
"""Multipliers and key increments of Philox4x64."""
Words = npt.NDArray[np.uint64]


def _multiply(typing: Any, a: Any, b: Any) -> Any:
    """What the compiler makes of the upper 64 bits of the 128-bit product of two words."""
    del typing, a, b

    def product(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        wide = ir.IntType(128)
        a, b = (builder.zext(argument, wide) for argument in arguments)
        upper = builder.lshr(builder.mul(a, b), ir.Constant(wide, 64))
        return builder.trunc(upper, ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), product


_upper_half: Any = intrinsic(_multiply)


def _fill(key: Words, first: int, row: Ints, index: Ints, words: Words) -> None:
    """Write the words at the places ``row`` (from replication ``first`` on) and ``index``, int64[n]
    each, of the stream of ``key``, with the bits of a double in [1, 2)."""
    last0, last1 = uint64(0), uint64(0)  # page 0 is of replication scope, so no place is here
    c0 = c1 = c2 = c3 = uint64(0)
    for n in range(len(row)):
        i = index[n]
        place0 = uint64(16 * (first + row[n]) + ((i & 63) >> 2))
        place1 = uint64(1 + (i >> 6))
        if place0 != last0 or place1 != last1:
            last0, last1 = place0, place1
            k0, k1 = key[0], key[1]
            c0, c1, c2, c3 = place0, place1, uint64(0), uint64(0)
            for _ in range(ROUNDS):
                upper0, lower0 = _upper_half(uint64(M0), c0), uint64(M0) * c0
                upper1, lower1 = _upper_half(uint64(M1), c2), uint64(M1) * c2
                c0, c1, c2, c3 = upper1 ^ c1 ^ k0, lower1, upper0 ^ c3 ^ k1, lower0
                k0, k1 = k0 + uint64(W0), k1 + uint64(W1)
        which = i & 3
        word = c0
        if which == 1:
            word = c1
        elif which == 2:
            word = c2
        elif which == 3:
            word = c3
        words[n] = (word >> uint64(12)) | uint64(0x3FF0000000000000)


fill: Any = njit(**OPTIONS)(_fill)


def uniforms_at_places(key: Words, first: int, row: Ints, index: Ints) -> Floats:
    """The uniforms, float64[n], of :func:`cartsim.sampling.streams.uniforms_at`."""
    words = np.empty(row.size, dtype=np.uint64)
    fill(key, first, row, index, words)
    found = words.view(np.float64)
    return np.subtract(found, 1.0 - 2.0**-53, out=found)
