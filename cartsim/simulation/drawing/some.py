"""Some patients or lots of one product, and where the chance of each is found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.values import Distribution, Quantity
from cartsim.units import Floats, Ints

DOSE = 1000
"""Streams of a later dose's attempts are numbered from here, from twice this, and so on."""


@dataclass(frozen=True)
class Some:
    """``replication`` (ascending) and ``ordinal``, int64[n]: where each one's values stand in
    arrays [R, size]. With ``all_of`` they are all of the product, each ordinal of a replication
    once and in order, which is read more quickly."""

    drawn: Drawn
    replication: Ints
    ordinal: Ints
    all_of: bool = False

    def __len__(self) -> int:
        return self.ordinal.size

    @cached_property
    def size(self) -> int:
        """How long the streams must be."""
        return int(self.ordinal.max(initial=-1)) + 1

    @cached_property
    def _mask(self) -> npt.NDArray[np.bool_]:
        counts = np.bincount(self.replication, minlength=len(self.drawn.replications))
        mask: npt.NDArray[np.bool_] = np.arange(self.size) < counts[:, None]
        return mask

    @cached_property
    def _column(self) -> Ints:
        """int64[n], number of each among those of its replication."""
        return np.arange(len(self)) - np.searchsorted(self.replication, self.replication)

    @cached_property
    def _indices(self) -> Ints:
        """int64[R, most], ordinals of those of each replication, and 0 beyond the last."""
        most = int(self._column.max(initial=-1)) + 1
        table = np.zeros((len(self.drawn.replications), most), dtype=np.int64)
        table[self.replication, self._column] = self.ordinal
        return table

    def among(self, chosen: npt.NDArray[np.bool_]) -> Some:
        """Those that are chosen, bool[n]."""
        if chosen.all():
            return self
        return Some(self.drawn, self.replication[chosen], self.ordinal[chosen])

    def value(self, quantity: Quantity) -> Floats | float:
        """What holds for all of a replication, float64[n], or one number."""
        if quantity.constant is not None:
            return quantity.constant
        return self.drawn.value(quantity)[self.replication]

    def varying(self, quantity: Quantity, nth: int = 1) -> Floats | float:
        """What may vary from one to the other and from attempt (from 1) to attempt, float64[n], or
        one number where it does not."""
        if not isinstance(quantity.value, Distribution) or quantity.scope == "replication":
            return self.value(quantity)
        if self.all_of:
            found: Floats = self.drawn.by_index(quantity, self.size, nth)[self._mask]
            return found
        table = self.drawn.by_index(quantity, self.size, nth, self._indices)
        picked: Floats = table[self.replication, self._column]
        return picked

    def uniform(self, path: str, nth: int = 1) -> Floats:
        """A uniform for each, float64[n]."""
        table = self.drawn.uniform(path if nth == 1 else f"{path}#{nth}", self.size)
        found: Floats = table[self._mask] if self.all_of else table[self.replication, self.ordinal]
        return found
