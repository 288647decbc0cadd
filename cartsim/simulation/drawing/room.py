"""For how many stock lots and orders of supplies chance is drawn: an estimate, made larger when an
engine runs out. Streams go on where they stopped, so results do not depend on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.demand.arrivals import Arrivals
from cartsim.errors import RunError
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Product, Scenario
from cartsim.simulation.drawing.supplies import whole
from cartsim.simulation.plan import Plan, Policy
from cartsim.units import Ints

MOST = 2**20
"""Lots or orders of a replication; more are taken for a mistake in the scenario."""
SPARE = 1.5
"""Of the doses ordered, for lots that fail and doses that expire."""


@dataclass(frozen=True)
class Room:
    """``lots``: int64[R, stock], rows of each stock's lots, its initial stock included. ``orders``:
    of each consumable."""

    lots: Ints
    orders: int

    def doubled(self) -> Room:
        """More of both; raises ``RunError`` where that is more than anybody means."""
        larger = Room(2 * self.lots, 2 * self.orders)
        if larger.orders > MOST or larger.lots.max(initial=0) > MOST:
            raise RunError(
                f"more than {MOST:,} stock lots, or orders of a supply, in one replication; look "
                "at the bank's reorder point and yield, and at the supplies' order quantity"
            )
        return larger


def estimate(scenario: Scenario, plan: Plan, drawn: Drawn, arrivals: Arrivals) -> Room:
    """Enough for most replications."""
    rows = len(drawn.replications)
    patients = np.diff(arrivals.first)
    lots = np.zeros((rows, len(plan.stocks)), dtype=np.int64)
    replication = np.repeat(np.arange(rows), patients)
    for index, stock in enumerate(plan.stocks):
        product = scenario.products[stock.product]
        of_product = arrivals.product == plan.products.index(stock.product)
        coming = np.bincount(replication[of_product], minlength=rows)
        lots[:, index] = _lots(product, stock.policy, drawn, coming)
    if not scenario.supplies:
        return Room(lots, 1)
    least = min(int(whole(drawn, s.order_quantity, 1).min()) for s in scenario.supplies.values())
    units = max((sum(n for _, n in s.consumes) for r in plan.routes for s in r.steps), default=0)
    starts = int((SPARE * (patients + lots.sum(axis=1))).max(initial=0))
    minimum = max(int(whole(drawn, s.minimum_stock).max()) for s in scenario.supplies.values())
    return Room(lots, 4 + (starts * units + minimum) // least)


def _lots(product: Product, policy: Policy, drawn: Drawn, coming: Ints) -> Ints:
    bank = product.bank
    assert bank is not None
    planned = whole(drawn, bank.planned_doses_per_lot, least=1)
    if policy == Policy.CAMPAIGN:
        return np.full(coming.shape, 2)
    assert bank.reorder is not None
    level = whole(drawn, bank.reorder.reorder_point)
    if bank.reorder.order_up_to is not None:
        level = np.maximum(level, whole(drawn, bank.reorder.order_up_to))
    if bank.reorder.quantity is not None:
        level = level + whole(drawn, bank.reorder.quantity)
    each = product.doses_per_patient.constant or 2.0
    doses = SPARE * each * coming + level
    return np.asarray(4 + np.ceil(doses / planned), dtype=np.int64)
