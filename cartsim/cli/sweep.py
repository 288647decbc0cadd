"""``cartsim sweep``: trade-off curves of one or several scenarios."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartsim.cli.output import console
from cartsim.errors import UsageError

if TYPE_CHECKING:
    from cartsim.analysis.sweep import Row, Varied

MEASURES = ("cost_per_infused_dose", "order_to_infusion_days", "lost_share")


@click.command(
    epilog="\b\nExample:\n  cartsim sweep scenarios/ishipment_50.yaml --replications 1 \\\n"
    "    --vary plants.*.resources.line.capacity=1,2,3,4"
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--vary",
    "varied",
    metavar="PATH=VALUE,VALUE,..",
    multiple=True,
    required=True,
    help="What is varied, * standing for every name at its place; several go together, point by "
    "point. What a scenario does not have is left alone in it.",
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    help="What is drawn; may be repeated.  [default: cost, wait and loss]",
)
@click.option("--against", metavar="MEASURE", help="Draw against the mean of this measure.")
@click.option("--variant", "variants", multiple=True, help="A line for each of these variants.")
@click.option("--period", help="Year, half-year or quarter; the last year of the run if not given.")
@click.option("--replications", type=int, help="How many; the scenario's number if not given.")
@click.option("--seed", type=int, help="The scenario's seed if not given.")
@click.option("--engine", default="fast", show_default=True, help="Which engine simulates.")
@click.option("--workers", type=int, help="How many at a time; one per processor if not given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/sweep"),
    show_default=True,
    help="Folder for the figure and the table; points that are in the table are not run again.",
)
def command(
    files: tuple[Path, ...],
    varied: tuple[str, ...],
    measures: tuple[str, ...],
    against: str | None,
    variants: tuple[str, ...],
    period: str | None,
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    out: Path,
) -> None:
    """Run scenarios at several values and draw the trade-off.

    One figure: a panel for each measure, a line for each scenario and variant, the mean with the
    band from P5 to P95. The table beside it has the standard errors.
    """
    from cartsim.analysis.sweep import sweep
    from cartsim.cli.progress import RunProgress
    from cartsim.report.curves import curves

    chosen = measures or MEASURES
    wanted = (*chosen, against) if against and against not in chosen else chosen
    items = [_varied(text) for text in varied]
    table = out / "sweep.csv"
    with RunProgress(len(items[0].values) * len(files), "points") as progress:
        rows = sweep(
            files,
            items,
            wanted,
            variants=variants,
            period=period,
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            keep=table,
            progress=progress,
        )
    if against:
        along: str | list[float] = against
        first = next(row for row in rows if row.measure == against)
        label = f"{against.replace('_', ' ')} ({first.unit}), {first.period}, mean"
    else:
        last_two = [part for part in items[0].pattern.split(".")[-2:] if part != "*"]
        along, label = _numbers(items[0]), " ".join(last_two).replace("_", " ")
    source = f"{rows[0].replications:,} replications a point, seed {rows[0].key.split('-')[1]}."
    curves(rows, along, label, source).savefig(out / "sweep.png", dpi=150)
    _show(rows, items[0], against)
    click.echo(f"Saved in {out}: sweep.png, sweep.csv")


def _varied(text: str) -> Varied:
    from cartsim.analysis.sweep import Varied

    pattern, equals, values = text.partition("=")
    if not equals or not pattern or not all(part.strip() for part in values.split(",")):
        raise UsageError(f"{text!r} is not PATH=VALUE,VALUE,.. such as run.years=1,2,3")
    return Varied(pattern.strip(), tuple(part.strip() for part in values.split(",")))


def _numbers(item: Varied) -> list[float]:
    from cartsim.scenario.numbers import parse_number

    try:
        return [parse_number(text, "share" if "%" in text else "money") for text in item.values]
    except ValueError:
        message = f"{item.pattern}: not all values are numbers; name a measure --against"
        raise UsageError(message) from None


def _show(rows: list[Row], first: Varied, against: str | None) -> None:
    from rich.table import Table

    screen = console()
    for measure in dict.fromkeys(row.measure for row in rows):
        own = [row for row in rows if row.measure == measure]
        table = Table(
            box=None, title=f"{measure}, {own[0].unit}, {own[0].period}", title_justify="left"
        )
        table.add_column("" if against else first.pattern, justify="left")
        for line in dict.fromkeys(row.line for row in own):
            table.add_column(line, justify="right")
        for point, value in enumerate(first.values):
            cells = [_cell(row) for row in own if row.point == point]
            table.add_row(value, *cells)
        screen.print(table)
    screen.print("Mean ± one standard error.")


def _cell(row: Row) -> str:
    return _number(row.mean) + ("" if math.isnan(row.se) else f" ±{_number(row.se)}")


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"
