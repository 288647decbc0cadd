"""What the blocks of a run have in common, and how one of them is computed, here or elsewhere."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cartsim.errors import TRACEBACK, RunError, ScenarioError, UsageError
from cartsim.measures import PERIOD_KINDS, Outcomes
from cartsim.montecarlo.block import compute_block
from cartsim.montecarlo.stored import encode
from cartsim.sampling.given import NOTHING, Given
from cartsim.scenario.model import Scenario


@dataclass(frozen=True)
class Failure:
    """A replication that could not be computed: why, and the command that shows it alone."""

    replication: int
    reason: str
    trace: str

    def __str__(self) -> str:
        where = f"replication {self.replication} failed: {self.reason}"
        return f"{where}\nlook at it with: {self.trace}"


@dataclass(frozen=True)
class Done:
    """A block that was computed: its outcomes, or the bytes of its file; ``None`` where none of
    its replications could be computed. Those that failed have NaN in every column."""

    number: int
    replications: range
    content: Outcomes | bytes | None
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Task:
    """What the blocks of a run have in common.

    ``kinds`` are the kinds of periods whose outcomes are wanted. ``options`` is how a command line
    names the same scenario (file, variant, overrides, seed). ``key`` names the run in its files,
    and asks for the bytes of a file instead of outcomes. ``chance`` is the seed of what merely
    varies, where it is another one; ``given`` are uniforms that are not drawn; ``names`` are the
    measures that are wanted, where those are not all.
    """

    scenario: Scenario
    seed: int
    engine: str
    options: tuple[str, ...] = ()
    kinds: tuple[str, ...] = PERIOD_KINDS
    key: str | None = None
    chance: int | None = None
    given: Given = NOTHING
    names: tuple[str, ...] | None = None

    def compute(self, number: int, replications: range) -> Done:
        """One block. A replication that fails does not take the others of its block with it."""
        failures: list[Failure] = []
        outcomes: Outcomes | None
        try:
            outcomes = self._outcomes(replications)
        except (ScenarioError, UsageError):
            raise
        except Exception:
            if os.environ.get(TRACEBACK):
                raise
            outcomes = self._one_by_one(replications, failures)
            if outcomes is None and len(replications) > 1:
                # not one of many: something that would fail everywhere
                first, last = replications[0], replications[-1]
                raise RunError(
                    f"block {number}: every replication from {first} to {last} failed; the first: "
                    f"{failures[0]}"
                ) from None
        content: Outcomes | bytes | None = outcomes
        if self.key is not None and outcomes is not None:
            content = encode(outcomes, self.key)
        return Done(number, replications, content, tuple(failures))

    def _outcomes(self, replications: range) -> Outcomes:
        return compute_block(
            self.scenario,
            self.seed,
            replications,
            self.engine,
            self.kinds,
            self.chance,
            self.given,
            self.names,
        )

    def _one_by_one(self, replications: range, failures: list[Failure]) -> Outcomes | None:
        found: list[Outcomes | None] = []
        for replication in replications:
            try:
                found.append(self._outcomes(range(replication, replication + 1)))
            except Exception as error:
                found.append(None)
                failures.append(self._failure(replication, error))
        return _joined(replications, found)

    def _failure(self, replication: int, error: Exception) -> Failure:
        trace = shlex.join(["cartsim", "trace", *self.options, "--replication", str(replication)])
        return Failure(replication, f"{type(error).__name__}: {error}", trace)


def _joined(replications: range, found: Sequence[Outcomes | None]) -> Outcomes | None:
    """Replications one by one as one block, NaN for those that are missing."""
    some = next((each for each in found if each is not None), None)
    if some is None:
        return None
    missing = np.full_like(some.values, np.nan)
    values = [missing if each is None else each.values for each in found]
    return replace(some, replications=replications, values=np.concatenate(values))
