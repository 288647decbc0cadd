"""Some patients or lots of one product, and where the chance of each is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.values import Quantity
from cartsim.units import Floats, Ints

DOSE = 1000
"""Streams of a later dose's attempts are numbered from here, from twice this, and so on."""


@dataclass(frozen=True)
class Some:
    """``replication`` (row of the block) and ``ordinal``, int64[n]: where the values of each stand
    in the tables [R, size] of their streams. Those that follow each other are drawn most quickly.
    """

    drawn: Drawn
    replication: Ints
    ordinal: Ints

    def __len__(self) -> int:
        return self.ordinal.size

    def among(self, chosen: npt.NDArray[np.bool_] | Ints) -> Some:
        """Those that are chosen, by flags bool[n] or by places int64[m]."""
        return Some(self.drawn, self.replication[chosen], self.ordinal[chosen])

    def value(self, quantity: Quantity) -> Floats | float:
        """What holds for all of a replication, float64[n], or one number."""
        if quantity.constant is not None:
            return quantity.constant
        return self.drawn.value(quantity)[self.replication]

    def varying(self, quantity: Quantity, nth: int = 1) -> Floats | float:
        """What may vary from one to the other and from attempt (from 1) to attempt, float64[n], or
        one number where it does not."""
        return self.drawn.at_places(quantity, self.replication, self.ordinal, nth)

    def uniform(self, path: str, nth: int = 1) -> Floats:
        """A uniform for each, float64[n]."""
        path = path if nth == 1 else f"{path}#{nth}"
        return self.drawn.uniform_at(path, self.replication, self.ordinal)
