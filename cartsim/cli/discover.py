"""``cartsim discover``: under which inputs something happens."""

from __future__ import annotations

from pathlib import Path

import click

from cartsim.cli.analysis import folder_of, out_option, result_of, settings_options, show
from cartsim.cli.options import scenario_options
from cartsim.cli.output import json_option


@click.command(
    epilog="\b\nExample:\n  cartsim discover scenarios/carsgen_zevor_cel.yaml "
    "'closing_cash[2026] < 500m' --replications 2000"
)
@scenario_options
@click.argument("event")
@click.option(
    "--input",
    "inputs",
    metavar="PATTERN",
    multiple=True,
    help="Path of an input, * for any text; all uncertain inputs if none is named.",
)
@click.option("--depth", type=int, default=3, show_default=True, help="Bounds of a region.")
@settings_options
@out_option("discover")
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    event: str,
    inputs: tuple[str, ...],
    depth: int,
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    out: Path | None,
    json_: bool,
) -> None:
    """Say in plain words where among the inputs an EVENT happens, such as 'npv < 0'.

    FILE is a scenario, or the folder of a run that is there already. It takes at least 200
    replications, and better two thousand.
    """
    from cartsim.analysis.statistic import Event
    from cartsim.report.discovery import discover

    Event.parsed(event)
    result = result_of(file, variant, overrides, replications, seed, engine, workers)
    show(
        discover(result, event, inputs, depth=depth),
        folder_of(out, "discover", file),
        "discover",
        json_,
    )
