"""A list of observed values."""

from __future__ import annotations

from cartsim.distributions.choice import Choice


class Empirical(Choice):
    """One of the observed ``values``, each as likely as the others (a value seen twice, twice).

    The reader passes equal ``weights``; the draw is from the list itself, not from a curve
    through it.
    """

    name = "empirical"
