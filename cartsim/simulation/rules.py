"""The rules of manufacturing in time: the one written place from which every engine reads what
happens, above all at one instant, so that all engines return exactly the same facts.

**The tie rule.** Durations are often whole days, so many events share a minute. At one minute an
engine goes through three phases, and again until nothing more happens (each time is a *round*):

1. *What ends or arrives takes effect.* Steps end, orders arrive, clocks run out, doses
   expire, supplies arrive, capacities and openings change, places become free, outages end,
   campaigns fall due: the order among these must not matter, and the rules below see to it. Then
   disruptions, in the order of their list. Then orders of patients who may go elsewhere, by number.
2. *Starts are granted.* Those who wait are looked at in the order of :func:`queue_key`, and each
   who finds all that the step asks for takes it and starts: a place of the step's resource (unless
   one is held), the units of its consumables, a dose. Who does not find it all takes nothing and
   waits on.
3. *Stocks and supplies are reviewed*, which may make lots begin and supplies be ordered.

A step that asks for nothing is not part of phase 2: it starts in phase 1 when it is ready, and if
it has no length it ends in the same phase. A granted step of no length ends in the next round.

**The numbered rules.** "Now" is the minute being worked through.

1. Only minutes before the horizon exist: what would happen at the horizon or later never happens.
   A step that starts before it and would end at it or later keeps its start and has no end.
2. An order makes its patient ready at the first step of the route, attempt 0. A step that ends
   well makes the journey ready at the next step now, in the same attempt.
3. A clock that runs out now takes effect before anything starts: a patient who leaves now starts
   nothing now, not even an infusion with a free bed.
4. A patient who leaves while waiting is out of the queue at once, and gives back the places held.
   One who leaves while a step is in progress has left all the same, but the step goes on to its
   end, holding its places, which are given back then.
5. A step that ends later than its patient left is ``DISCARDED``, whatever its outcome; one that
   ends at the very minute has its outcome recorded (:func:`result`). Either way the lot goes no
   further and nobody becomes ready for a next step. A dose that was taken for the patient is lost.
6. Leaving goes before failing: where the last attempt fails at the minute at which the patient
   leaves, the patient is lost waiting, not lost to manufacturing.
7. An order that arrives at the minute at which its own clock runs out is ready at its first step
   and leaves.
8. A step that ends ``FAILED`` or ``REJECTED`` begins the next attempt at the ``retry_from`` of its
   cause, ready now, if :func:`tries_again`; otherwise the patient is lost to manufacturing now (a
   stock lot has failed). Attempts are counted for the patient over the whole route (from stock: for
   one dose), so a second attempt may be owed to any step's failure. All places held are given back.
9. A lot released under exception goes on and is out of specification from then on. A later attempt
   that repeats the step it was released at is judged anew; one that begins after that step uses the
   same material and is out of specification still (:func:`released_at_after_retry`). A stock lot
   that is out of specification gives doses that are; a patient whose dose is from such a lot has
   been released under exception at the step that took it.
10. At the first start of the collection step, in whichever attempt, the clock changes from the
    hazard before to the hazard after collection (:func:`leaves_after_collection`). Where that makes
    it run out now, it does so at once: the collection has started and goes on (rule 4).
11. At the start of the infusion step the patient is infused (out of specification if the lot is):
    the state is final and the clock stops. The place is held until the step's end; the step's
    outcome is recorded and has no consequence. Where more doses are needed the next attempt becomes
    ready at the route's ``next_dose`` step at :func:`wants_next_dose`; the state stays.
12. A capacity decrease stops nobody: while more places are busy or out of service than there are,
    none is granted. A capacity at minute 0 is the one at which the run starts.
13. A place that is given back now is free now, and can be granted to another now, unless its
    resource has a changeover, after which it is. A step with ``hands_on`` minutes gives its place
    back when they are over, whatever else happens to it; if they are longer than the step, all the
    same.
14. A place is of one resource: at the step where a route chooses, that of the first plant with a
    free place on which starts are allowed; from then on, the attempt stays at that plant. A later
    attempt that begins after the choosing step stays at it as well, any other chooses anew.
15. Each grant of a place is one start of its resource; where openings say how many are allowed,
    none is granted beyond them until they are set anew. What was not used lapses.
16. A disruption takes its places out of service for its length from now on. Of the steps in
    progress on its resource that hold their place and do not end now, those that started first,
    then those of the lower number, are hit: as many as it has places, or all. If their lots are
    lost the step ends now, ``DISRUPTED`` (or ``DISCARDED``, rule 5), and rule 8 follows as for its
    first cause; else its end is put off by the length. (``hands_on`` minutes are not put off.)
17. A stock lot begins when it is triggered in phase 3: ready at the first step of its route, now.
    At the end of its last step it is released: its doses are in stock, and expire at
    :func:`expires`; those that are in stock then are written off, before anything is granted.
18. The dose that is taken is the one that expires first; among those that expire together the one
    of the lower row.
19. A stock is reviewed in every round, by stock number. Its position is the doses in stock, plus
    those planned of the lots that are in progress, less the patients who wait for one. The number
    of lots that begin is :func:`lots_to_begin`; for campaigns, what has fallen due; none before the
    stock opens. There is always a round at minute 0, and one when a stock opens.
20. A supply is reviewed in every round, by number, while the units at hand and on order are at or
    below its minimum: an order of its quantity is placed, which arrives at :func:`supply_arrives`.
21. A patient who may go elsewhere is quoted a wait at the order, and if that is more than is
    acceptable goes elsewhere now, and is ready for nothing. For an autologous route it is
    :func:`quoted_wait`: those ahead are all who wait at steps that could use one of the resources
    of its ``production`` step, and the places are the capacity of these resources now, outages
    apart. For a route from stock it is :func:`quoted_wait_for_dose`.

The functions below use whole numbers and plain float64 arithmetic, and can be compiled as they are.
"""

from __future__ import annotations

import math

from cartsim.simulation.plan import Policy, Priority
from cartsim.simulation.timelines import DISCARDED, LOST_WAITING
from cartsim.units import NEVER

NOWHERE = -1
"""``released_at`` of a lot that is within specification."""
CLASSES = 8
"""Most risk classes that a route tells apart."""
_RETRY, _RISK = int(Priority.RETRY), int(Priority.RISK)
_RETRY_THEN_RISK, _RISK_THEN_RETRY = int(Priority.RETRY_THEN_RISK), int(Priority.RISK_THEN_RETRY)
_ORDER_UP_TO = int(Policy.ORDER_UP_TO)


def kind(outcome: int) -> int:
    """What an outcome is: SUCCESS, FAILED, RELEASED_UNDER_EXCEPTION or REJECTED."""
    return outcome & 3


def cause(outcome: int) -> int:
    """Index of an outcome's cause among the failures of its step."""
    return outcome >> 2


def precedence(rank: int, by: int, attempt: int, risk: int) -> int:
    """Of what is ready: the lower goes first; ``by`` is a ``Priority``, risk 0 to 7."""
    again = 0 if attempt > 0 else 1
    if by == _RETRY:
        within = again
    elif by == _RISK:
        within = risk
    elif by == _RETRY_THEN_RISK:
        within = again * CLASSES + risk
    elif by == _RISK_THEN_RETRY:
        within = 2 * risk + again
    else:
        within = 0
    return rank * 2 * CLASSES + within


def queue_key(precedence: int, ready: int, number: int) -> tuple[int, int, int]:
    """Who goes first: by lower precedence, then earlier ready, then lower number."""
    return precedence, ready, number


def result(outcome: int, state: int, left: int, end: int) -> int:
    """What is recorded when a step ends, given the patient's state and since when (rule 5)."""
    return DISCARDED if state == LOST_WAITING and left < end else outcome


def tries_again(attempt: int, attempts: int) -> bool:
    """Whether the failed step of attempt number ``attempt`` (from 0) leads to another (rule 8)."""
    return attempt + 1 < attempts


def released_at_after_retry(released_at: int, retry_from: int) -> int:
    """First step at which the lot of the new attempt is out of specification (rule 9)."""
    return NOWHERE if released_at >= retry_from else released_at


def leaves_after_collection(
    order: int, now: int, clock: float, before: float, after: float, shape: float, bridging: float
) -> int:
    """Minute at which the patient leaves, once collection has started now (rule 10).

    The cumulative hazard of the clock is (before t) ** shape until collection and goes on from
    there as that of (after t) ** shape, times ``bridging``; t in minutes from the order. The
    patient leaves when it reaches ``clock``; rounded down to the minute."""
    if after <= 0.0 or bridging <= 0.0:
        return NEVER
    elapsed = float(now - order)
    if shape == 1.0:
        stretched = max(clock - before * elapsed, 0.0) / (after * bridging)
    else:
        rest = max(clock - math.pow(before * elapsed, shape), 0.0) / bridging
        reached = math.pow(after * elapsed, shape) + rest
        stretched = max(math.pow(reached, 1.0 / shape) / after - elapsed, 0.0)
    if stretched >= NEVER:
        return NEVER
    return now + math.floor(stretched)


def wants_next_dose(infusion: int, end: int, interval: int) -> int:
    """Minute at which a patient is ready for the next dose (rule 11): an interval after the start
    of the infusion, and not before its end."""
    return max(end, infusion + interval)


def expires(release: int, shelf_life: int) -> int:
    """Minute at which the doses of a lot expire (rule 17)."""
    return min(release + shelf_life, NEVER)


def lots_to_begin(policy: int, position: int, reorder_point: int, level: int, planned: int) -> int:
    """How many lots of ``planned`` doses each begin at a stock's review (rule 19).

    ``level`` is the one to order up to, or the quantity that is ordered at a time, which is rounded
    up to whole lots.
    """
    if position > reorder_point:
        return 0
    if policy == _ORDER_UP_TO:
        missing = level - position
        return (missing + planned - 1) // planned if missing > 0 else 0
    lots = max((level + planned - 1) // planned, 1)
    orders = (reorder_point - position) // (lots * planned) + 1
    return orders * lots


def quoted_wait(ahead: int, service: int, places: int) -> int:
    """Minutes of wait that an autologous patient is quoted at the order (rule 21): of those
    ``ahead`` each takes ``service`` minutes of one of the ``places``."""
    if ahead <= 0:
        return 0
    if places <= 0:
        return NEVER
    return ahead * service // places


def quoted_wait_for_dose(waiting: int, in_stock: int, service: int, planned: int) -> int:
    """Minutes that a patient treated from stock is quoted: nothing where a dose is left, else the
    lots until it is the patient's turn, ``service`` minutes each."""
    beyond = waiting - in_stock
    if beyond < 0:
        return 0
    return (beyond // planned + 1) * service


def supply_arrives(ordered: int, lead: int, closed_from: int, closed_until: int) -> int:
    """Minute at which an order arrives that meets one window without deliveries (rule 20); several
    windows are met one after the other."""
    arrival = ordered + lead
    return closed_until if closed_from <= arrival < closed_until else arrival
