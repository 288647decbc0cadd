"""What has happened in a replication, noted as it happens, and as arrays at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from cartsim.simulation.plan import Codes
from cartsim.simulation.reference.journey import NEVER_HAPPENED, Journey
from cartsim.simulation.reference.stock import Stock
from cartsim.simulation.reference.supplies import Supply
from cartsim.simulation.timelines import (
    NO_DOSE,
    NOT_CHOSEN,
    NOT_DONE,
    NOT_NEEDED,
    Timelines,
)
from cartsim.units import Ints


class Facts:
    """Lists with one entry for each attempt of the replication; those of steps have a list for each
    attempt. ``orders`` is how many orders of a consumable were drawn.
    """

    def __init__(self, attempts: int, steps: int, orders: int) -> None:
        def by_step(otherwise: int) -> list[list[int]]:
            return [[otherwise] * steps for _ in range(attempts)]

        self.attempts, self.steps, self.orders = attempts, steps, orders
        self.ready = by_step(NEVER_HAPPENED)
        self.start = by_step(NEVER_HAPPENED)
        self.end = by_step(NEVER_HAPPENED)
        self.result = by_step(NOT_DONE)
        self.chosen = [NOT_CHOSEN] * attempts
        self.source = [NO_DOSE] * attempts

    def timelines(
        self, journeys: Sequence[Journey], stocks: Sequence[Stock], supplies: Sequence[Supply]
    ) -> Timelines:
        made, expired = ([0] * len(journeys) for _ in range(2))
        for stock in stocks:
            for batch in stock.released:
                made[batch.lot.number] = batch.made
                expired[batch.lot.number] = batch.expired
            for lot in stock.lots[stock.begun :]:
                lot.state = NOT_NEEDED

        def by_step(facts: list[list[int]]) -> Ints:
            return _ints(facts).reshape(self.attempts, self.steps)

        def by_order(facts: list[list[int]]) -> Ints:
            return _ints(facts).reshape(1, len(supplies), self.orders)

        return Timelines(
            ready=by_step(self.ready),
            start=by_step(self.start),
            end=by_step(self.end),
            result=_codes(by_step(self.result)),
            chosen=_codes(self.chosen),
            source=_ints(self.source),
            state=_codes([journey.state for journey in journeys]),
            step=_ints([journey.step for journey in journeys]),
            attempt=_ints([journey.attempt for journey in journeys]),
            left=_ints([journey.left for journey in journeys]),
            made=_ints(made),
            expired=_ints(expired),
            ordered=by_order([supply.ordered for supply in supplies]),
            arrived=by_order([supply.arrived for supply in supplies]),
        )


def joined(replications: Sequence[Timelines]) -> Timelines:
    """The facts of a block from those of its replications."""
    return Timelines(
        **{
            fact.name: np.concatenate([getattr(facts, fact.name) for facts in replications])
            for fact in fields(Timelines)
        }
    )


def _ints(facts: Sequence[object]) -> Ints:
    return np.asarray(facts, dtype=np.int64)


def _codes(facts: Sequence[int] | Ints) -> Codes:
    return np.asarray(facts, dtype=np.int8)
