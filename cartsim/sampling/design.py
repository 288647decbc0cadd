"""How the uniforms of replication scope are placed: the one room for experimental designs.

Uncertain inputs have one value a replication, and those values may be spread more evenly than by
chance. Whatever varies per lot or patient never comes here: it is always independent.
"""

from __future__ import annotations

from cartsim.sampling.streams import uniforms
from cartsim.units import Floats


def independent(seed: int, path: str, replications: range) -> Floats:
    """Uniforms [R] of one uncertain input, each replication independent of the others."""
    return uniforms(seed, path, replications)
