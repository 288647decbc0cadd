"""``cartsim run``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartsim.cli.options import scenario_options
from cartsim.cli.output import console, json_option, print_json

if TYPE_CHECKING:
    from cartsim.report.result import RunResult


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
    type=click.Choice(["processes", "threads", "serial"]),
    default="processes",
    show_default=True,
    help="Where blocks of replications are computed; the numbers are the same.",
)
@click.option("--workers", type=int, help="How many at a time; one per processor if not given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder to save into; a folder under runs/ if not given.",
)
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    replications: int | None,
    seed: int | None,
    engine: str,
    executor: str,
    workers: int | None,
    out: Path | None,
    json_: bool,
) -> None:
    """Run a scenario many times and report the outcome.

    Prints a headline, the statement by year, patients, value and runway, and saves every
    replication's outcomes, figures and the table of assumptions.
    """
    from cartsim.cli.progress import RunProgress
    from cartsim.montecarlo.storage import folder_name
    from cartsim.report.result import run
    from cartsim.scenario.load import load

    loaded = load(file, variant, overrides)
    settings = loaded.model.run
    folder = out or Path("runs") / folder_name(loaded, settings.seed if seed is None else seed)
    total = settings.replications if replications is None else replications
    with RunProgress(total) as progress:
        result = run(
            loaded,
            replications,
            seed,
            engine=engine,
            executor=executor,
            workers=workers,
            out=folder,
            progress=progress,
        )
    written = _save(result, folder)
    if json_:
        print_json(result.document())
    else:
        _show(result, folder, written)


def _save(result: RunResult, folder: Path) -> list[str]:
    """The figures and the table of assumptions, beside what the run itself has saved."""
    from cartsim.report.assumptions import csv_text
    from cartsim.report.headline import first_year_of_orders

    pictures = {"figures/fan.png": result.plot.fan()}
    year = first_year_of_orders(result)
    if year is not None:
        pictures[f"figures/bridge_{year}.png"] = result.plot.bridge(year)
        pictures[f"figures/result_{year}.png"] = result.plot.result_steps(year)
    pictures["figures/funnel.png"] = result.plot.funnel()
    if result.loaded.model.observed:
        pictures["figures/observed.png"] = result.plot.observed()
    pictures["figures/gantt.png"] = result.plot.gantt()
    pictures["figures/resources.png"] = result.plot.resources()
    if any(product.bank is not None for product in result.loaded.model.products.values()):
        pictures["figures/stock.png"] = result.plot.stock()
    (folder / "figures").mkdir(exist_ok=True)
    for name, picture in pictures.items():
        picture.savefig(folder / name, dpi=150)
    (folder / "assumptions.csv").write_text(csv_text(result.loaded.model), encoding="utf-8")
    return [*pictures, "assumptions.csv", "summary.json", "outcomes/", "scenario.yaml"]


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
    screen.print(
        f"{result.replications:,} replications, seed {result.seed}, {result.engine} engine, "
        f"scenario {result.loaded.hash[:8]}. {counted(result.loaded.model)}.",
        markup=False,
    )
    screen.print(f"Saved in {folder}: {', '.join(written)}", markup=False, soft_wrap=True)
