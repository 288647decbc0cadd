"""The fast engine: the same timelines as the reference engine, from compiled code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock

from cartsim.errors import UsageError
from cartsim.simulation import rules
from cartsim.simulation.fast.flat import MOST_ROWS, Flat, flatten
from cartsim.simulation.fast.kernel import run_block
from cartsim.simulation.fast.options import outer
from cartsim.simulation.fast.state import Chance, Facts, State
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import Timelines, TooFewDraws

_compiling = Lock()
Compiled = Callable[[Flat, Chance, Facts, State], bool]


def simulate(plan: Plan, journeys: Journeys) -> Timelines:
    """The facts of a block; shapes are those of :class:`Timelines`.

    Raises ``TooFewDraws`` as every engine does, ``UsageError`` for a plan that is too large.
    """
    if not plan.routes and not plan.consumables:  # nothing goes anywhere
        return Facts.unwritten(journeys).timelines(journeys)
    flat = flatten(plan)
    state = State.of(flat, journeys)
    if max(len(state.row), journeys.lead[0].size if journeys.replications else 0) >= MOST_ROWS:
        raise UsageError(f"the fast engine takes up to {MOST_ROWS:,} journeys a replication")
    facts = Facts.unwritten(journeys)
    with _compiling:  # threads that begin together compile once
        block = compiled()
    if not block(flat, Chance.of(journeys), facts, state):
        raise TooFewDraws
    return facts.timelines(journeys)


@cache
def compiled() -> Compiled:
    """The compiled block, from the cache on disk where it was compiled before.

    The cache is keyed by one file's time stamp and by what the function closes over; closing over
    a hash of all the sources makes it fresh whenever one of them has changed.
    """
    stamp = _stamp()

    @outer
    def block(flat: Flat, chance: Chance, facts: Facts, state: State) -> bool:
        return run_block(flat, chance, facts, state) and stamp != 0

    return block


def _stamp() -> int:
    """A whole number that changes with the sources of the compiled code; never 0."""
    here = Path(__file__).parent
    sources = [*sorted(here.glob("*.py")), Path(rules.__file__), here.parent / "timelines.py"]
    digest = hashlib.blake2b(digest_size=7)
    for source in [*sources, here.parent / "plan.py"]:
        digest.update(source.read_bytes())
    return int.from_bytes(digest.digest(), "big") or 1
