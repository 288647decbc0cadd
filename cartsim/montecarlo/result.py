"""What a run returns: its outcomes, and the frames that a notebook works with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cartsim.economics.lines import CASH_LINES, INCOME_LINES
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.montecarlo.precision import Goal, Standing, standing
from cartsim.montecarlo.summary import Summary, summarise
from cartsim.montecarlo.table import Table
from cartsim.montecarlo.task import Failure
from cartsim.sampling.design import design
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.part import nearest
from cartsim.units import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

PERIOD_PATTERNS = {"year": r"\d{4}", "half": r"\d{4}H[12]", "quarter": r"\d{4}Q[1-4]", "all": "all"}
"""How the labels of each kind of period look."""


@dataclass(frozen=True)
class Result:
    """The outcomes of a run and how they came about.

    ``notices`` is what a reader must be told; ``folder`` is where the run was saved, if it was;
    ``failures`` are the replications that could not be computed, which are undefined in ``table``;
    ``until`` is how precise the run was to become.
    """

    loaded: Loaded = field(repr=False)
    seed: int
    engine: str
    version: str
    table: Table = field(repr=False)
    notices: tuple[str, ...] = ()
    folder: Path | None = None
    failures: tuple[Failure, ...] = ()
    until: tuple[Goal, ...] = ()

    @property
    def replications(self) -> int:
        """How many replications were computed."""
        return len(self.table.replications)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What was measured: every measure in every period."""
        return self.table.columns

    @property
    def batches(self) -> Ints | None:
        """Which replications were spread over their range together, int64[R], if any were."""
        return design(self.loaded.model.run.design, ()).batches(self.table.replications)

    @cached_property
    def statistics(self) -> Summary:
        """Mean, standard error and quantiles as arrays by column."""
        return summarise(self.table, self.batches)

    @cached_property
    def standings(self) -> list[Standing]:
        """Where the goals of ``until`` stand; without any, how precise the mean NPV is to 1%."""
        return standing(self.table, self.until or (Goal(),), self.batches)

    @cached_property
    def _index(self) -> dict[tuple[str, str], int]:
        return {(c.name, c.period): i for i, c in enumerate(self.columns)}

    def column(self, measure: str, period: str | int) -> Column:
        """The column of a measure in a period; raises ``UsageError`` with the nearest name."""
        return self.columns[self._position(measure, period)]

    def values(self, measure: str, period: str | int) -> Floats:
        """The value of a measure in each replication, float64[R]."""
        return self.table.values(self._position(measure, period))

    def statistic(self, measure: str, period: str | int, name: str = "mean") -> float:
        """One statistic of a measure in a period: ``mean``, ``se``, ``p5`` .. ``p95``."""
        statistics = self.statistics
        tables = {"mean": statistics.mean, "se": statistics.se, **statistics.quantiles}
        if name not in tables:
            raise UsageError(f"there is no statistic {name!r} ({nearest(name, tables)})")
        return float(tables[name][self._position(measure, period)])

    def periods(self, kind: str = "year") -> tuple[str, ...]:
        """Labels of the run's periods of a kind (``year``, ``half``, ``quarter``, ``all``)."""
        if kind not in PERIOD_PATTERNS:
            raise UsageError(f"there is no period {kind!r} ({nearest(kind, PERIOD_PATTERNS)})")
        pattern = re.compile(PERIOD_PATTERNS[kind])
        found = (c.period for c in self.columns if pattern.fullmatch(c.period))
        return tuple(dict.fromkeys(found))

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Names of all measures of this run, suffixes included."""
        return tuple(dict.fromkeys(c.name for c in self.columns))

    def summary(self) -> pd.DataFrame:
        """Mean, standard errors and quantiles, one row per measure and period."""
        import pandas as pd

        statistics = self.statistics
        data: dict[str, Any] = {
            "unit": [c.unit for c in statistics.columns],
            "count": statistics.count,
            "mean": statistics.mean,
            "se": statistics.se,
            **statistics.quantiles,
            **{f"{name}_se": table for name, table in statistics.quantiles_se.items()},
        }
        return pd.DataFrame(data, index=self._labels())

    def outcomes(self) -> pd.DataFrame:
        """One row per replication, one column per measure and period."""
        import pandas as pd

        rows = pd.Index(self.table.replications, name="replication")
        values = np.concatenate(list(self.table.chunks()))
        return pd.DataFrame(values.T, index=rows, columns=self._labels())

    def statements(self, period: str = "year") -> pd.DataFrame:
        """The income statement and cash flow by period: one row per line and statistic
        (``p5``, ``p50``, ``p95``, ``mean``, ``se``)."""
        import pandas as pd

        labels = self.periods(period)
        statistics = ("p5", "p50", "p95", "mean", "se")
        index = pd.MultiIndex.from_product(
            [INCOME_LINES + CASH_LINES, statistics], names=["line", "statistic"]
        )
        rows = [
            [self.statistic(line, label, name) for label in labels]
            for line in INCOME_LINES + CASH_LINES
            for name in statistics
        ]
        return pd.DataFrame(rows, index=index, columns=pd.Index(labels, name=period))

    def document(self) -> dict[str, Any]:
        """The run as one JSON document, as ``cartsim run --json`` prints it."""
        return {
            "scenario": self.loaded.path,
            "variant": self.loaded.variant,
            "hash": self.loaded.hash,
            "seed": self.seed,
            "replications": self.replications,
            "engine": self.engine,
            "version": self.version,
            "measures": list(self.statistics.rows()),
        }

    def _labels(self) -> pd.MultiIndex:
        import pandas as pd

        pairs = [(c.name, c.period) for c in self.columns]
        return pd.MultiIndex.from_tuples(pairs, names=["measure", "period"])

    def _position(self, measure: str, period: str | int) -> int:
        period = str(period)  # a year may be a number
        if (measure, period) in self._index:
            return self._index[measure, period]
        if measure not in self.measures:
            raise UsageError(f"there is no measure {measure!r} ({nearest(measure, self.measures)})")
        periods = [p for name, p in self._index if name == measure]
        raise UsageError(f"{measure!r} has no period {period!r} ({nearest(period, periods)})")
