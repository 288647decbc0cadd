"""The rules of manufacturing in time: the one written place from which every engine reads what
happens, above all at one instant, so that all engines return exactly the same facts.

**The tie rule.** Durations are often whole days, so many events share a minute. At one minute an
engine alternates two phases until nothing more happens (each pair of phases is a *round*):

1. *Everything that ends or arrives takes effect*: steps end, orders arrive, clocks run out,
   capacities change. The order among these must not matter, and rules 3 to 7 see to it.
2. *Then starts are granted*. Each resource gives its free places to those who wait for it, in the
   order of :func:`queue_key`; everyone whose step has no resource starts. A step of zero length
   ends in phase 1 of the next round of the same minute.

**The numbered rules.** "Now" is the minute being worked through.

1. Only minutes before the horizon exist: what would happen at the horizon or later never happens.
   A step that starts before it and would end at it or later keeps its start and has no end.
2. An order makes its patient ready at the first step of the route, attempt 0. A step that ends
   well makes the patient ready at the next step now, in the same attempt.
3. A clock that runs out now takes effect in phase 1, so before anything is granted: a patient who
   leaves now starts nothing now, not even an infusion with a free bed.
4. A patient who leaves while waiting is out of the queue at once. One who leaves while a step is
   in progress has left all the same, but the step goes on to its planned end, holding its place.
5. A step that ends later than its patient left is ``DISCARDED``, whatever its outcome; one that
   ends at the very minute has its outcome recorded (:func:`result`). Either way the lot goes no
   further and nobody becomes ready for a next step.
6. Leaving goes before failing: where the last attempt fails at the minute at which the patient
   leaves, the patient is lost waiting, not lost to manufacturing.
7. An order that arrives at the minute at which its own clock runs out is ready at its first step
   and leaves.
8. A step that ends ``FAILED`` or ``REJECTED`` begins the next attempt at ``retry_from``, ready now,
   if :func:`tries_again`; otherwise the patient is lost to manufacturing now. Attempts are counted
   for the patient over the whole route, so a second attempt may be owed to any step's failure.
9. A lot released under exception goes on and is out of specification from then on. A later attempt
   that repeats the step it was released at is judged anew; one that begins after that step uses the
   same material and is out of specification still (:func:`released_at_after_retry`).
10. At the first start of the collection step, in whichever attempt, the clock changes from the
    hazard before to the hazard after collection (:func:`leaves_after_collection`). Where that makes
    it run out now, it does so in the next round: the collection has started and goes on (rule 4).
11. At the start of the infusion step the patient is infused (out of specification if the lot is):
    the state is final and the clock stops. The place is held until the step's end, which ends the
    route; the step's outcome is recorded and has no consequence.
12. A capacity decrease stops nobody: while more places are busy than there are, none is granted.
    A capacity at minute 0 is the one at which the run starts.
13. A step that ends now gives its place back in phase 1, so it can be granted to another now.

The functions below use whole numbers and one float64 product only, and can be compiled as they are.
"""

from __future__ import annotations

import math

from cartsim.simulation.timelines import DISCARDED, LOST_WAITING
from cartsim.units import NEVER

NOWHERE = -1
"""``released_at`` of a lot that is within specification."""


def queue_key(priority: int, ready: int, patient: int) -> tuple[int, int, int]:
    """Who goes first: by lower priority number, then earlier ready, then lower patient number."""
    return priority, ready, patient


def result(outcome: int, state: int, left: int, end: int) -> int:
    """What is recorded when a step ends, given the patient's state and since when (rule 5)."""
    return DISCARDED if state == LOST_WAITING and left < end else outcome


def tries_again(attempt: int, attempts: int) -> bool:
    """Whether the failed step of attempt number ``attempt`` (from 0) leads to another (rule 8)."""
    return attempt + 1 < attempts


def released_at_after_retry(released_at: int, retry_from: int) -> int:
    """First step at which the lot of the new attempt is out of specification (rule 9)."""
    return NOWHERE if released_at >= retry_from else released_at


def leaves_after_collection(now: int, leaves: int, patience_after: float, clock_after: int) -> int:
    """Minute at which the patient leaves, once collection has started now (rule 10).

    Where ``clock_after`` is given (not negative) it counts from now; otherwise the minutes that
    were left, at least 1 by rule 3, are multiplied with ``patience_after`` in float64 and rounded
    down.
    """
    if clock_after >= 0:
        return now + clock_after
    stretched = float(leaves - now) * patience_after
    if stretched >= NEVER:
        return NEVER
    return now + math.floor(stretched)
