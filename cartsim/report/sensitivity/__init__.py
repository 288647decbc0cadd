"""Which assumption matters, told: ``cartsim.sensitivity`` of a notebook and of the command.

Each function runs an analysis and returns it with its headline, its table and its picture.
"""

from cartsim.report.sensitivity.indices import morris, sobol
from cartsim.report.sensitivity.one_at_a_time import spider, tornado, two_way
from cartsim.report.sensitivity.rankings import pawn, rank

__all__ = ["morris", "pawn", "rank", "sobol", "spider", "tornado", "two_way"]
