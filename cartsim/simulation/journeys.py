"""What the engines are told about chance: every duration, outcome, clock and capacity, as arrays.

One row a *journey*: that of a patient, or of a lot that is made to stock. One row an *attempt*: a
way through the route or part of it, which is a lot for an autologous patient or a stock lot, and a
dose for a patient treated from stock. As outcomes are drawn beforehand it is known how many
attempts a journey can have, so there is a row for each of them and no more; only where a disruption
may take a lot, which depends on when it is where, there is one for each that could be granted.
"""

from __future__ import annotations

from dataclasses import dataclass

from cartsim.simulation.plan import Codes
from cartsim.units import Floats, Ints


@dataclass(frozen=True)
class Journeys:
    """All chance that manufacturing meets in one block.

    R replications, N journeys, A attempts, S = ``plan.steps``, other capitals as named. The rows of
    a replication are contiguous: first its patients in the order of (order minute, market,
    ordinal), then its stock lots in the order of (stock, ordinal). The place of a row within its
    replication is its *number*. The first row of each stock is no lot but its initial stock.

    Rows:

    - ``first``: int64[R + 1], first row of each replication; the last entry is N.
    - ``lots_first``: int64[R, stocks + 1], first row of each stock's lots; the last entry is
      ``first`` of the next replication, and the first one (or, without stocks, the only one) is
      where the patients end.
    - ``route``: int64[N], index into ``plan.routes``; ``market``: int64[N], index into
      ``plan.markets`` or ``NO_MARKET`` for stock lots.
    - ``order``: int64[N], minute of the order; -1 for stock lots, which begin when they are needed.
    - ``doses``: int64[N]: for a patient the number of doses needed (at least 1), for a stock lot
      those that it yields if it is released, for an initial stock those that are there at minute 0.
    - ``shelf_life``: int64[N], minutes from release (from minute 0) to expiry, at least 1; patients
      0.
    - ``patience``: int64[N], minutes from the order until the patient leaves at the hazard before
      collection; ``NEVER`` if that never happens. Stock lots ``NEVER``.
    - ``clock``: float64[N], the cumulative hazard at which the patient leaves (a unit exponential
      over the hazard ratio of the risk class).
    - ``bridging``: float64[N], by which the hazard after collection is multiplied.
    - ``risk``: int8[N], risk class, 0 the most urgent.
    - ``acceptable``: int64[N], minutes of quoted wait that the patient accepts; ``NEVER`` where
      any.

    Attempts:

    - ``attempt_first``: int64[N + 1], first attempt of each row; the last entry is A. An initial
      stock has none.
    - ``duration``: int64[A, S], minutes; -1 where the attempt cannot come to the step.
    - ``outcome``: int8[A, S], as in ``plan.py``; ``SUCCESS`` where there is no duration.

    By replication:

    - ``hazard_before``, ``hazard_after``: float64[R, route], a minute; ``hazard_shape``:
      float64[R, route], of Weibull clocks (1: exponential).
    - ``hands_on``: int64[R, route, S], minutes for which a step with a place of its own holds it;
      -1: for as long as it lasts.
    - ``interval``: int64[R, route], minutes from one infusion to when the next dose is wanted.
    - ``service``: int64[R, route], minutes of a place that a patient ahead is quoted to take.
    - ``changeover``: int64[R, resource], minutes until a place that was given back is free.
    - ``capacity_time``: int64[K], minutes at which some capacity may change, first entry 0;
      ``capacity``: int64[R, K, resource], places from each of them on.
    - ``opening_time``: int64[O], minutes at which the number of starts that are allowed is set
      anew; ``opening``: int64[O, resource], to how many (``UNLIMITED``: any; below that, so -2: as
      before). Unlimited until the first.
    - ``reorder_point``, ``order_level``, ``planned_yield``: int64[R, stock], in doses; the level is
      the one to order up to, or the fixed quantity. The planned yield of a lot is at least 1.
    - ``stock_opens``: int64[R, stock], minute from which on lots begin for a stock.
    - ``campaign_time``, ``campaign_stock``: int64[C], sorted by time, minute and stock of each
      campaign; ``campaign_lots``: int64[R, C], lots that begin.
    - ``supply``, ``minimum``, ``quantity``: int64[R, consumable], units at the start, at or below
      which is ordered, and in an order (at least 1); ``lead``: int64[R, consumable, J], minutes
      from each order to its delivery.
    - ``disruption_first``: int64[R + 1]; ``disruption_time``, ``disruption_length`` (at least 1),
      ``disruption_kind``: int64[E], those of a replication sorted by time, then kind.
    """

    first: Ints
    lots_first: Ints
    route: Ints
    market: Ints
    order: Ints
    doses: Ints
    shelf_life: Ints
    patience: Ints
    clock: Floats
    bridging: Floats
    risk: Codes
    acceptable: Ints
    attempt_first: Ints
    duration: Ints
    outcome: Codes
    hazard_before: Floats
    hazard_after: Floats
    hazard_shape: Floats
    hands_on: Ints
    interval: Ints
    service: Ints
    changeover: Ints
    capacity_time: Ints
    capacity: Ints
    opening_time: Ints
    opening: Ints
    reorder_point: Ints
    order_level: Ints
    planned_yield: Ints
    stock_opens: Ints
    campaign_time: Ints
    campaign_stock: Ints
    campaign_lots: Ints
    supply: Ints
    minimum: Ints
    quantity: Ints
    lead: Ints
    disruption_first: Ints
    disruption_time: Ints
    disruption_length: Ints
    disruption_kind: Ints

    @property
    def replications(self) -> int:
        """R."""
        return self.first.size - 1
