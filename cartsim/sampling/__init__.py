"""Which numbers are drawn: streams, correlation, and the scenario's numbers as arrays."""

from __future__ import annotations

from cartsim.sampling.drawn import Drawn, draw
from cartsim.sampling.streams import uniforms

__all__ = ["Drawn", "draw", "uniforms"]
