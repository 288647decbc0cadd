"""``cartsim run``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartsim.cli.options import scenario_options
from cartsim.cli.output import console, json_option, print_json

if TYPE_CHECKING:
    from cartsim.montecarlo.plan import RunPlan
    from cartsim.report.result import RunResult

SHOWN_FAILURES = 5
"""Of replications that fail, so many are described."""


@click.command(
    epilog="\b\nExample:\n  cartsim run scenarios/carsgen_zevor_cel.yaml --variant price_1m "
    "--replications 256 \\\n    --set company.opening_cash=1bn"
)
@scenario_options
@click.option("--replications", type=int, help="How many; the scenario's number if not given.")
@click.option("--seed", type=int, help="The scenario's seed if not given.")
@click.option("--engine", default="fast", show_default=True, help="Which engine simulates.")
@click.option(
    "--executor",
    type=click.Choice(["processes", "threads", "serial", "dask"]),
    help="Where blocks of replications are computed: in threads if not given, in processes with "
    "the reference engine. The numbers are the same.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Of a Dask cluster, such as tcp://host:8786; a local one if not given.",
)
@click.option("--workers", type=int, help="How many at a time; one per processor if not given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder to save into; a folder under runs/ if not given.",
)
@click.option(
    "--until",
    "goals",
    metavar="GOAL",
    multiple=True,
    help="Run until so precise: se=1% (of the mean NPV), or MEASURE[PERIOD]:se(STATISTIC)=TARGET "
    "such as 'revenue[2026]:se=0.5m'; up to --replications or a million. May be repeated.",
)
@click.option(
    "--design",
    type=click.Choice(["independent", "latin_hypercube", "sobol"]),
    help="How uncertain inputs are spread over the replications; the scenario's if not given.",
)
@click.option(
    "--periods",
    metavar="KINDS",
    default="year,half,quarter,all",
    show_default=True,
    help="Kinds of periods whose outcomes are kept; year and all always are, and without the "
    "others long runs stay small.",
)
@click.option("--fresh", is_flag=True, help="Begin anew where the folder holds (part of) a run.")
@click.option("--plan", "planned", is_flag=True, help="Tell what the run will take; run nothing.")
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    replications: int | None,
    seed: int | None,
    engine: str,
    executor: str | None,
    workers: int | None,
    out: Path | None,
    scheduler: str | None,
    goals: tuple[str, ...],
    design: str | None,
    periods: str,
    fresh: bool,
    planned: bool,
    json_: bool,
) -> None:
    """Run a scenario many times and report the outcome.

    Prints a headline, the statement by year, patients, value and runway, and saves every
    replication's outcomes, figures and the table of assumptions. A run that was interrupted goes on
    where it was when the same command is given again.
    """
    from cartsim.cli.progress import RunProgress
    from cartsim.montecarlo.run import kept
    from cartsim.montecarlo.storage import folder_name
    from cartsim.report.result import run
    from cartsim.scenario.load import load

    loaded = load(file, variant, overrides)
    if design is not None:
        loaded = loaded.with_overrides({"run.design": design})
    settings = loaded.model.run
    kinds = tuple(kind.strip() for kind in periods.split(","))
    name = folder_name(loaded, settings.seed if seed is None else seed, engine, kept(kinds))
    folder = out or Path("runs") / name
    if planned:
        from cartsim.montecarlo.plan import plan

        expected = plan(loaded, replications, seed, engine, workers, folder, kinds)
        if json_:
            print_json(expected.document())
        else:
            _show_plan(expected, folder)
        return
    with RunProgress(settings.replications if replications is None else replications) as progress:
        try:
            result = run(
                loaded,
                replications,
                seed,
                engine=engine,
                executor=executor,
                workers=workers,
                out=folder,
                progress=progress,
                scheduler=scheduler,
                until=goals,
                periods=kinds,
                fresh=fresh,
            )
        except KeyboardInterrupt:
            click.echo(
                f"finished blocks are kept in {folder}, and the same command goes on from them",
                err=True,
            )
            raise
    written = _save(result, folder)
    if json_:
        print_json(result.document())
    else:
        _show(result, folder, written)
    for failure in result.failures[:SHOWN_FAILURES]:
        click.echo(f"error: {failure}", err=True)
    if result.failures:
        number, all_ = len(result.failures), result.replications
        told = f"{number:,} of {all_:,} replications failed; they are left out of every statistic"
        click.echo(f"error: {told}", err=True)
    if result.failures or not all(standing.reached for standing in result.standings if goals):
        click.get_current_context().exit(1)


def _show_plan(expected: RunPlan, folder: Path) -> None:
    """A plan in words."""
    screen = console()
    seconds = expected.seconds
    if seconds >= 90:
        left = f"{seconds / 60:,.0f} minutes" if seconds < 5400 else f"{seconds / 3600:,.1f} hours"
    else:
        left = "a second" if seconds < 1.5 else f"{seconds:.0f} seconds"
    workers = f"{expected.workers} {'worker' if expected.workers == 1 else 'workers'}"
    blocks = f"{expected.blocks:,} {'block' if expected.blocks == 1 else 'blocks'}"
    there = f", of which {expected.done:,} are there already" if expected.done else ""
    for text in (
        f"About {left} for {expected.replications:,} replications with {workers}: {blocks}{there}, "
        f"{expected.block_seconds:.2g} s each.",
        f"Disk: about {_size(expected.disk_bytes)} in {folder} ({_size(expected.free_bytes)} are "
        f"free); {expected.columns:,} numbers a replication.",
        f"Memory: about {_size(expected.memory_bytes)} for each worker, and as much and "
        f"{_size(expected.held_bytes)} of outcomes for the process that collects them.",
        "Measured on one block, here and now; nothing was written.",
    ):
        screen.print(text, markup=False, soft_wrap=True)
    if expected.disk_bytes > expected.free_bytes:
        screen.print("note: that is more than is free; fewer --periods take less", markup=False)


def _size(number: float) -> str:
    return f"{number / 1e9:,.1f} GB" if number >= 1e9 else f"{number / 1e6:,.0f} MB"


def _save(result: RunResult, folder: Path) -> list[str]:
    """The figures and the table of assumptions, beside what the run itself has saved."""
    from cartsim.report.assumptions import csv_text
    from cartsim.report.headline import year_to_show

    pictures = {"figures/fan.png": result.plot.fan()}
    if (result.values("orders", "all") > 0).any():
        year = year_to_show(result)
        pictures[f"figures/bridge_{year}.png"] = result.plot.bridge(year)
        pictures[f"figures/result_{year}.png"] = result.plot.result_steps(year)
    pictures["figures/funnel.png"] = result.plot.funnel()
    if result.loaded.model.observed:
        pictures["figures/observed.png"] = result.plot.observed()
    goal = result.standings[0].goal
    pictures["figures/convergence.png"] = result.plot.convergence(goal.measure, goal.period)
    pictures["figures/gantt.png"] = result.plot.gantt()
    pictures["figures/resources.png"] = result.plot.resources()
    model = result.loaded.model
    if model.supplies or any(product.bank is not None for product in model.products.values()):
        pictures["figures/stock.png"] = result.plot.stock()
    (folder / "figures").mkdir(exist_ok=True)
    for name, picture in pictures.items():
        picture.savefig(folder / name, dpi=150)
    (folder / "assumptions.csv").write_text(csv_text(result.loaded.model), encoding="utf-8")
    return [*pictures, "assumptions.csv", "summary.json", "outcomes/", "scenario.yaml"]


def _precision(result: RunResult) -> list[str]:
    """How precise the run is, and what became of the correlations that it asks for."""
    from cartsim.report.convergence import precision_line
    from cartsim.sampling.achieved import achieved

    lines = [precision_line(standing) for standing in result.standings]
    for pair in achieved(result.loaded.model, result.seed, result.replications):
        lines.append(
            f"Rank correlation of {pair.first} and {pair.second}: {pair.asked:.2f} asked for, "
            f"{pair.found:.2f} achieved."
        )
    return lines


def _show(result: RunResult, folder: Path, written: list[str]) -> None:
    from cartsim.report.assumptions import counted
    from cartsim.report.cells import sheets
    from cartsim.report.observed import seen
    from cartsim.report.tables import tables

    screen = console()
    screen.print(result.headline, markup=False)
    for notice in (*result.notices, *seen(result)[1]):
        screen.print(f"note: {notice}", markup=False)
    for sheet in sheets(result):
        screen.print()
        for table in tables(sheet, screen.width):
            screen.print(table)
    screen.print()
    for line in _precision(result):
        screen.print(line, markup=False)
    screen.print(
        f"{result.replications:,} replications, seed {result.seed}, {result.engine} engine, "
        f"scenario {result.loaded.hash[:8]}. {counted(result.loaded.model)}.",
        markup=False,
    )
    screen.print(f"Saved in {folder}: {', '.join(written)}", markup=False, soft_wrap=True)
