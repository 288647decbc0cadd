"""Products that are still being developed: when each stage ends, and whether it succeeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Development
from cartsim.units import DAYS_PER_MONTH, Floats, Ints, minutes


@dataclass(frozen=True)
class Course:
    """The course of a development in each replication.

    - ``ends``: int64[R, S + 1], minutes since the run's start at which the stages begin and end:
      the first column is the beginning of the first stage.
    - ``succeeds``: bool[R, S], whether each stage succeeds (those that are not reached included).
    """

    ends: Ints
    succeeds: npt.NDArray[np.bool_]

    @property
    def reached(self) -> npt.NDArray[np.bool_]:
        """Stages that are begun, bool[R, S]: all before have succeeded."""
        before = np.ones((len(self.succeeds), 1), dtype=np.bool_)
        return np.concatenate(
            [before, np.logical_and.accumulate(self.succeeds, axis=1)[:, :-1]], axis=1
        )

    @property
    def approved(self) -> npt.NDArray[np.bool_]:
        """Whether all stages succeed, bool[R]."""
        return np.asarray(self.succeeds.all(axis=1))

    @property
    def failed_at(self) -> Ints:
        """The minute at which a stage fails, int64[R]; -1 where none does."""
        failing = self.reached & ~self.succeeds
        stage = failing.argmax(axis=1)
        minute = self.ends[np.arange(len(stage)), stage + 1]
        return np.where(failing.any(axis=1), minute, -1)


def course(development: Development, drawn: Drawn) -> Course:
    """Durations and successes of the stages; what a platform decides is the same for all of its
    products."""
    rows = len(drawn.replications)
    begin = np.full(rows, drawn.calendar.minute(development.begin), dtype=np.int64)
    ends, succeeds = [begin], []
    works = np.ones(rows, dtype=np.bool_)
    if development.platform is not None:
        platform = drawn.scenario.platforms[development.platform]
        works = drawn.uniform(f"{platform.path}.works") < drawn.value(platform.probability)
    for stage in development.stages.values():
        ends.append(ends[-1] + minutes(drawn.value(stage.months) * DAYS_PER_MONTH))
        luck = drawn.uniform(f"{stage.path}.succeeds")
        succeeds.append(works & (luck < drawn.value(stage.probability)))
    return Course(np.stack(ends, axis=1), np.stack(succeeds, axis=1))


def approved_at(development: Development, drawn: Drawn) -> Ints:
    """The minute of the launch after approval, int64[R, 1]; the run's end where there is none."""
    found = course(development, drawn)
    wait = minutes(drawn.value(development.launch_after_months) * DAYS_PER_MONTH)
    minute = np.where(found.approved, found.ends[:, -1] + wait, drawn.calendar.horizon)
    return np.minimum(minute, drawn.calendar.horizon)[:, None]


def stage_costs(development: Development, drawn: Drawn) -> Floats:
    """What the stages that are reached cost, evenly over each, float64[R, month]."""
    found = course(development, drawn)
    edges = drawn.calendar.month_start.astype(np.float64)
    total = np.zeros((len(drawn.replications), drawn.calendar.months))
    for index, stage in enumerate(development.stages.values()):
        begin, end = found.ends[:, index, None], found.ends[:, index + 1, None]
        done = np.clip((edges - begin) / np.maximum(end - begin, 1), 0.0, 1.0)
        spent = drawn.value(stage.cost) * found.reached[:, index]
        total += np.diff(done, axis=1) * spent[:, None]
    return total
