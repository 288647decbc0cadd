"""The axes of what was drawn: what does not vary along one is computed once along it.

Most inputs of a market are one number, one a replication, or one a month. Kept as [1, 1], [R, 1]
and [1, M] they broadcast to the same [R, M] in the end, at a fraction of the logarithms and normal
tails.
"""

from __future__ import annotations

import numpy as np

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.values import Flat, Quantity, Series
from cartsim.units import Floats


def by_replication(drawn: Drawn, quantity: Quantity) -> Floats:
    """The values of a quantity as a column, [R, 1], or [1, 1] where it is one number."""
    if quantity.constant is not None:
        return np.full((1, 1), quantity.constant)
    return drawn.value(quantity)[:, None]


def by_month(drawn: Drawn, series: Series) -> Floats:
    """The values of a series, [R, M], or of length 1 along an axis on which it does not vary."""
    if isinstance(series.form, Flat):
        return by_replication(drawn, series.form.level)
    values = drawn.monthly(series)
    uncertain = any(quantity.constant is None for quantity in series.quantities())
    return values if uncertain else values[:1]
