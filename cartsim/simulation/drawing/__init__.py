"""All chance that manufacturing meets, drawn as arrays before an engine runs.

Every value is that of one patient or stock lot (at one attempt), found in its stream by the ordinal
among those of the product in the replication. So it does not depend on other patients, products or
blocks, nor on how many rows are drawn, and two scenarios share it wherever they share its path.
"""

from __future__ import annotations

from cartsim.simulation.drawing.journeys import draw_journeys
from cartsim.simulation.drawing.room import Room, estimate

__all__ = ["Room", "draw_journeys", "estimate"]
