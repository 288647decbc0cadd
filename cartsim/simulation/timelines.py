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
) = range(5)
STATES = (
    "in process at the horizon",
    "infused",
    "infused out of specification",
    "died or withdrew waiting",
    "manufacturing failure",
)

NOT_DONE, DISCARDED = -1, 4
"""Results of a step beside the outcomes of ``plan.py``: not completed; completed, but the lot was
discarded because its patient had left."""


@dataclass(frozen=True)
class Timelines:
    """The facts of one block, rows as in :class:`~cartsim.simulation.plan.Journeys`.

    - ``ready``, ``start``, ``end``: int64[N, attempt, step], minutes since the scenario's start;
      -1 = never within the horizon. ``start >= ready``, ``end = start + duration``.
    - ``result``: int8[N, attempt, step]: outcome of each completed step, or ``NOT_DONE`` or
      ``DISCARDED``.
    - ``state``: int8[N], one of ``STATES``: every patient ends in exactly one.
    - ``step``: int64[N], index of the step in which the patient was (last attempt) when lost, at
      the horizon, or infused.
    - ``attempt``: int64[N], index of the last attempt.
    - ``left``: int64[N], minute at which the final state was reached (for the infused the start of
      the infusion); -1 while in process.
    """

    ready: Ints
    start: Ints
    end: Ints
    result: Codes
    state: Codes
    step: Ints
    attempt: Ints
    left: Ints
