"""How the uniforms of replication scope are placed: the one room for experimental designs.

Uncertain inputs have one value a replication, and those values may be spread more evenly than by
chance. Whatever varies per lot or patient never comes here: it is always independent.

Replications come in *portions* of 128. What is spread evenly is spread over a portion (Latin
hypercube) or over the portions of one of sixteen *scramblings* that take turns (Sobol'). Portions,
or scramblings, are independent of each other, so that their means tell the standard error of the
whole, and more replications leave the first ones as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from types import MappingProxyType
from typing import Protocol

import numpy as np

from cartsim.sampling.sobol import DIMENSIONS, scrambled
from cartsim.sampling.streams import uniforms
from cartsim.units import Floats, Ints

PORTION = 128
"""Replications over which a Latin hypercube is one; a power of two, as Sobol' points want it."""
SCRAMBLINGS = 16
"""Independent scramblings of the Sobol' points: enough to tell a standard error by (it is known to
within a fifth), few enough for each to have many points."""
SMALLEST = 2.0**-53
"""Uniforms are kept at least this far from 0 and 1."""
SPREAD = "#within"
"""Below the path of an input: where in its cell a value of a Latin hypercube lies."""


class Design(Protocol):
    """Uniforms of replication scope by seed, path and replications; and which means are
    independent."""

    def uniforms(self, seed: int, path: str, replications: range) -> Floats:
        """Uniforms [R] in (0, 1) of one input; any cut of the replications gives the same bits."""
        ...

    def batches(self, replications: range) -> Ints | None:
        """The batch of each replication, int64[R]: batches are independent of each other, and
        replications within one are not. ``None`` where each is its own."""
        ...


@dataclass(frozen=True)
class Independent:
    """Each replication by chance, independent of the others."""

    def uniforms(self, seed: int, path: str, replications: range) -> Floats:
        """Uniforms [R] of one input."""
        return uniforms(seed, path, replications)

    def batches(self, replications: range) -> Ints | None:  # noqa: ARG002
        """No two replications belong together."""
        return None


@dataclass(frozen=True)
class LatinHypercube:
    """In each portion every input has one value in each of 128 cells of equal probability (McKay,
    Beckman and Conover, Technometrics 21, 1979), in an order of its own.

    The order is that of the independent uniforms of the same portion, so that a value lies close to
    the one that it would have without the design.
    """

    def uniforms(self, seed: int, path: str, replications: range) -> Floats:
        """Uniforms [R] of one input."""
        whole = _whole_portions(replications)
        order = np.argsort(uniforms(seed, path, whole).reshape(-1, PORTION), axis=1, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(PORTION)[None, :], axis=1)
        within = uniforms(seed, path + SPREAD, whole).reshape(-1, PORTION)
        found = np.clip((rank + within) / PORTION, SMALLEST, 1.0 - SMALLEST).reshape(-1)
        return found[replications.start - whole.start :][: len(replications)]

    def batches(self, replications: range) -> Ints | None:
        """Portions."""
        return np.arange(replications.start, replications.stop, dtype=np.int64) // PORTION


@dataclass(frozen=True)
class Sobol:
    """Points of a Sobol' sequence, each of whose dimensions belongs to one input; scrambled anew
    for each of sixteen turns.

    ``dimension`` says which input has which; what is not in it (whether a trial succeeds, for
    instance, which is no input of the scenario) is placed as in a Latin hypercube.
    """

    dimension: Mapping[str, int] = field(default_factory=dict)

    def uniforms(self, seed: int, path: str, replications: range) -> Floats:
        """Uniforms [R] of one input."""
        if path not in self.dimension:
            return LatinHypercube().uniforms(seed, path, replications)
        number = np.arange(replications.start, replications.stop, dtype=np.int64)
        portion = number // PORTION
        index = portion // SCRAMBLINGS * PORTION + number % PORTION
        turn, found = portion % SCRAMBLINGS, np.empty(len(replications))
        for scrambling in np.unique(turn):
            mine = turn == scrambling
            stream = f"{path}#sobol{scrambling}"
            found[mine] = scrambled(seed, stream, self.dimension[path], index[mine])
        return found

    def batches(self, replications: range) -> Ints | None:
        """Scramblings."""
        number = np.arange(replications.start, replications.stop, dtype=np.int64)
        return number // PORTION % SCRAMBLINGS


DESIGNS = MappingProxyType(
    {
        "independent": "each replication by chance",
        "latin_hypercube": "evenly over 128 replications, one input at a time",
        "sobol": "evenly over all replications, several inputs at a time",
    }
)
"""The designs by name, and how they spread the inputs."""


def design(name: str, paths: Iterable[str]) -> Design:
    """The design of a name for the inputs of these paths."""
    if name == "independent":
        return Independent()
    if name == "latin_hypercube":
        return LatinHypercube()
    return Sobol(dimensions(paths))


def dimensions(paths: Iterable[str]) -> Mapping[str, int]:
    """A dimension of the Sobol' sequence for each input.

    An input's place in a table with twice to four times as many rows as there are inputs follows
    from its path; if it is taken, the next free one. So an input that is added seldom moves another
    one to other points. Raises ``ValueError`` beyond what the sequence has.
    """
    known = sorted(set(paths))
    rows = 1 << max(2 * len(known) - 1, 1).bit_length()
    if rows > DIMENSIONS:
        raise ValueError(f"Sobol' points are for up to {DIMENSIONS // 4} inputs; got {len(known)}")
    taken: dict[int, str] = {}
    for path in known:
        row = int.from_bytes(blake2b(path.encode(), digest_size=8).digest(), "little") % rows
        while row in taken:
            row = (row + 1) % rows
        taken[row] = path
    return {path: row for row, path in taken.items()}


def _whole_portions(replications: range) -> range:
    first = replications.start // PORTION * PORTION
    return range(first, -(-replications.stop // PORTION) * PORTION)
