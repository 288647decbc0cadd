"""``cartsim precision``: how many replications 1% takes, and where the spread comes from."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import click

from cartsim.cli.options import scenario_options
from cartsim.cli.output import console, json_option, print_json

USUAL = ("orders", "infusions", "revenue", "operating_result", "closing_cash", "npv")
"""Measures that are told where none is named; by year those of the first year, and over all."""


@click.command(
    epilog="\b\nExample:\n  cartsim precision scenarios/carsgen_zevor_cel.yaml "
    "--replications 256 --measure 'revenue[2024]'"
)
@scenario_options
@click.option(
    "--measure",
    "measures",
    metavar="NAME[PERIOD]",
    multiple=True,
    help="May be repeated; the usual ones if none is named.",
)
@click.option("--replications", type=int, help="How many; the scenario's number if not given.")
@click.option("--seed", type=int, help="The scenario's seed if not given.")
@click.option("--engine", default="fast", show_default=True, help="Which engine simulates.")
@click.option("--workers", type=int, help="How many at a time; one per processor if not given.")
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    measures: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    json_: bool,
) -> None:
    """Tell how precise a run is, how many replications 1% takes, and how much of the spread is what
    we do not know.

    What we do not know are the scenario's uncertain inputs: better data would narrow it. The rest
    merely varies: patients, lots, trials. Takes two runs that share their inputs alone.
    """
    from rich.table import Table

    from cartsim.analysis.split import split
    from cartsim.cli.progress import RunProgress
    from cartsim.scenario.load import load
    from cartsim.units import readable

    loaded = load(file, variant, overrides)
    year = str(loaded.model.run.start.year)
    asked = [_named(text) for text in measures] or [
        (name, "all" if name == "npv" else year) for name in USUAL
    ]
    total = loaded.model.run.replications if replications is None else replications
    with RunProgress(2 * total) as progress:
        found = split(loaded, asked, replications, seed, engine, workers=workers, progress=progress)
    if json_:
        rows = [{name: _or_none(value) for name, value in asdict(s).items()} for s in found]
        print_json({"scenario": loaded.path, "hash": loaded.hash, "measures": rows})
        return
    screen = console()
    known = [each for each in found if not math.isnan(each.unknown)]
    if known:
        most = max(known, key=lambda each: each.unknown)
        screen.print(
            f"{most.unknown:.0%} of the variance of {most.measure} in {_over(most.period)} comes "
            "from inputs that we do not know; the rest merely varies and no data will narrow it.",
            markup=False,
        )
    table = Table(title_justify="left", caption_justify="left")
    table.caption = (
        f"{loaded.model.currency} where a unit is money; ± one standard error from {total:,} "
        "replications; in brackets the 95% interval."
    )
    for name in ("measure", "period", "unit", "mean", "P5 to P95", "not known", "for 1%"):
        table.add_column(name, justify="left" if name in {"measure", "period", "unit"} else "right")
    for each in found:
        share = f"{each.unknown:.0%} ({each.low:.0%} to {each.high:.0%})"
        table.add_row(
            each.measure,
            _over(each.period),
            each.unit,
            f"{readable(each.mean)} ± {readable(each.se)}",
            f"{readable(each.p5)} to {readable(each.p95)}",
            "-" if math.isnan(each.unknown) else share,
            "-" if each.needed is None else f"{each.needed:,}",
        )
    screen.print(table)
    screen.print("not known: share of the variance; for 1%: replications for the mean to 1%.")


def _named(text: str) -> tuple[str, str | None]:
    name, bracket, period = text.partition("[")
    if bracket and not period.endswith("]"):
        raise click.BadParameter(f"{text!r} is not NAME[PERIOD], such as revenue[2026]")
    return name, period.rstrip("]") or None


def _over(period: str) -> str:
    return "the whole run" if period == "all" else period


def _or_none(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
