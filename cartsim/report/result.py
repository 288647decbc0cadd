"""A run as a notebook has it: the result with its pictures and its tables on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cartsim.errors import UsageError
from cartsim.measures import PERIOD_KINDS
from cartsim.montecarlo.precision import Goal
from cartsim.montecarlo.result import Result
from cartsim.montecarlo.run import Progress
from cartsim.montecarlo.run import run as compute
from cartsim.report.cells import Sheet, sheets
from cartsim.report.headline import headline, year_to_show
from cartsim.scenario.loaded import Loaded

if TYPE_CHECKING:
    import pandas as pd

    from cartsim.measures import Facts
    from cartsim.report.style import Picture


def run(
    scenario: Loaded,
    replications: int | None = None,
    seed: int | None = None,
    *,
    engine: str = "fast",
    executor: str | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
    scheduler: str | None = None,
    until: str | Sequence[str] = (),
    design: str | None = None,
    periods: Sequence[str] = PERIOD_KINDS,
    fresh: bool = False,
    chance: int | None = None,
) -> RunResult:
    """Run a scenario as :func:`cartsim.montecarlo.run.run` does; ``out`` is where to save it.

    ``until`` names goals as ``--until`` does (``"npv:se=1%"``), ``design`` is ``run.design`` of the
    scenario.
    """
    result = compute(
        scenario if design is None else scenario.with_overrides({"run.design": design}),
        replications,
        seed,
        engine,
        executor,
        workers,
        Path(out) if out is not None else None,
        progress,
        scheduler=scheduler,
        until=[Goal.parsed(each) for each in ([until] if isinstance(until, str) else until)],
        periods=periods,
        fresh=fresh,
        chance=chance,
    )
    return RunResult(**{name: getattr(result, name) for name in Result.__dataclass_fields__})


@dataclass(frozen=True)
class RunResult(Result):
    """The outcomes of a run, with ``.plot`` and a display of its own."""

    @property
    def plot(self) -> Plots:
        """The pictures of the run."""
        return Plots(self)

    @property
    def headline(self) -> str:
        """The run in a few sentences."""
        return headline(self)

    def timelines(self, replication: int) -> Any:
        """What happened to patients and lots in one replication: frames ``patients`` and
        ``steps``."""
        from cartsim.simulation.trace import trace

        return trace(self.loaded.model, self.engine, replication, self.seed)

    def inputs(self) -> pd.DataFrame:
        """What each replication drew for the uncertain inputs: one row a replication, one column a
        path, in the inputs' own units."""
        import pandas as pd

        from cartsim.analysis.inputs import inputs_of, values

        found = inputs_of(self.loaded.model)
        rows = pd.RangeIndex(self.replications, name="replication")
        columns = pd.Index([each.path for each in found], name="input")
        table = values(found, self.seed, self.replications)
        return pd.DataFrame(table.T, index=rows, columns=columns)

    def _repr_html_(self) -> str:
        tables = "".join(map(_html, sheets(self)))
        text = escape(self.headline).replace("\n", "<br>")
        return f"<p>{text}</p>{tables}"


@dataclass(frozen=True)
class Plots:
    """The pictures of a run."""

    result: Result

    def __call__(self) -> Picture:
        """The fan chart of revenue and cash."""
        return self.fan()

    def fan(self, *measures: str) -> Picture:
        """Fan chart by quarter of one or several measures; of revenue and cash if none is named."""
        from cartsim.report.figures import fan

        return fan(self.result, measures or ("revenue", "closing_cash"))

    def bridge(self, year: str | int | None = None) -> Picture:
        """From the orders of a year at list price to booked revenue; the first year of orders if
        none is named."""
        from cartsim.report.figures import bridge

        chosen = year or year_to_show(self.result)
        return bridge(self.result, str(chosen))

    waterfall = bridge

    def result_steps(self, year: str | int | None = None) -> Picture:
        """From the revenue of a year to its operating result; the first year of orders if none is
        named."""
        from cartsim.report.figures import result_steps

        chosen = year or year_to_show(self.result)
        return result_steps(self.result, str(chosen))

    def convergence(self, measure: str = "npv", period: str | None = None) -> Picture:
        """How the statistics of a measure settle as replications are added."""
        from cartsim.report.convergence import convergence

        return convergence(self.result, measure, period)

    def funnel(self) -> Picture:
        """Where the patients of the whole run end, mean over replications."""
        from cartsim.report.figures import funnel

        return funnel(self.result)

    def observed(self) -> Picture:
        """What the scenario has under ``observed`` beside what was predicted."""
        from cartsim.report.observed import observed

        return observed(self.result)

    def gantt(self, replication: int = 0, first: int = 0, number: int = 40) -> Picture:
        """The ways of some patients of one replication, from the one numbered ``first`` on."""
        from cartsim.report.floor import gantt

        return self._told(gantt(self._facts(replication), first, number), replication)

    def resources(self, replication: int = 0) -> Picture:
        """How full each resource is in one replication, and how many wait for it."""
        from cartsim.report.floor import resources

        return self._told(resources(self._facts(replication)), replication)

    def stock(self, replication: int = 0) -> Picture:
        """Doses and supplies in stock in one replication, who waits for a dose, what expires."""
        from cartsim.report.floor import stock

        return self._told(stock(self._facts(replication)), replication)

    def _told(self, figure: Picture, replication: int) -> Picture:
        from cartsim.report.figures import source_line

        source_line(figure, self.result, f"replication {replication} alone")
        return figure

    def _facts(self, replication: int) -> Facts:
        from cartsim.montecarlo.block import compute_facts

        if replication < 0:
            raise UsageError(f"replications are numbered from 0; got {replication}")
        scenario, chosen = self.result.loaded.model, range(replication, replication + 1)
        return compute_facts(scenario, self.result.seed, chosen, self.result.engine)


def _html(sheet: Sheet) -> str:
    cell = 'style="text-align:right;padding:2px 8px;white-space:nowrap"'
    head = "".join(f"<th {cell}>{escape(name)}</th>" for name in ("", *sheet.header))
    body = ""
    for row in sheet.rows:
        weight = "bold" if row.total else "normal"
        cells = "".join(
            f"<td {cell}>{escape(c.main)}<br>"
            f'<span style="font-weight:normal;opacity:.65;font-size:85%">'
            f"{escape(c.below)}</span></td>"
            for c in row.cells
        )
        label = f'<td style="text-align:left;white-space:nowrap">{escape(row.label)}</td>'
        body += f'<tr style="font-weight:{weight}">{label}{cells}</tr>'
    return (
        f"<table><caption style='text-align:left'><b>{escape(sheet.title)}</b><br>"
        f"<small>{escape(sheet.caption)}</small></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
