"""What the engines return: facts. Who was where, and when; never an average, never money."""

from __future__ import annotations

from dataclasses import dataclass

from cartsim.simulation.plan import Codes
from cartsim.units import Ints

(
    IN_PROCESS,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_WAITING,
    LOST_MANUFACTURING,
    WENT_ELSEWHERE,
    IN_STOCK,
    NOT_NEEDED,
) = range(8)
STATES = (
    "in process at the horizon",
    "infused",
    "infused out of specification",
    "died or withdrew waiting",
    "manufacturing failure",
    "went elsewhere because of the wait",
    "released to stock",
    "not needed",
)
"""Of a patient the first six, each patient in exactly one; of a stock lot the first (begun and not
ended), the fifth (failed), the seventh and the eighth (a row of draws that was not used). An
initial stock is released from the start."""

NOT_DONE, DISCARDED, DISRUPTED = -1, -2, -3
"""Results of a step beside its drawn outcome: not completed; completed, but the lot was discarded
because its patient had left; ended by a disruption, which is a failure of the step's first
cause."""
NO_DOSE = -1
NOT_CHOSEN = -1


@dataclass(frozen=True)
class Timelines:
    """The facts of one block; rows and capitals as in
    :class:`~cartsim.simulation.journeys.Journeys`.

    - ``ready``, ``start``, ``end``: int64[A, S], minutes since the scenario's start; -1 = never
      within the horizon. ``end`` = start + duration + delays by disruptions.
    - ``result``: int8[A, S]: the outcome of each completed step, or ``NOT_DONE``, ``DISCARDED`` or
      ``DISRUPTED``.
    - ``chosen``: int8[A], index of the plant among the route's ``plants``; ``NOT_CHOSEN`` before
      the choice and where a route has no choice.
    - ``source``: int64[A], row of the stock lot (or initial stock) from which the attempt's dose
      was taken, or ``NO_DOSE``.
    - ``state``: int8[N], one of ``STATES``.
    - ``step``: int64[N], index of the step in which the journey last was; 0 for what never began.
    - ``attempt``: int64[N], index of the last attempt, from 0.
    - ``left``: int64[N], minute at which the final state was reached (for the infused the start of
      the first infusion, for a stock lot its release); -1 while in process and where never begun.
    - ``made``: int64[N], doses that a stock lot has put into the stock; patients 0.
    - ``expired``: int64[N], those of them that expired.
    - ``ordered``, ``arrived``: int64[R, consumable, J], minutes at which consumables were ordered
      and arrived; -1 = never within the horizon.
    """

    ready: Ints
    start: Ints
    end: Ints
    result: Codes
    chosen: Codes
    source: Ints
    state: Codes
    step: Ints
    attempt: Ints
    left: Ints
    made: Ints
    expired: Ints
    ordered: Ints
    arrived: Ints


class TooFewDraws(Exception):  # noqa: N818 - it is no error: who asked draws more and asks again
    """An engine needed more stock lots, or more orders of a consumable, than were drawn."""
