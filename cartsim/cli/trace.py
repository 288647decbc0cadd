"""``cartsim trace``: the facts of one replication."""

from __future__ import annotations

from pathlib import Path

import click

from cartsim.cli.options import scenario_options


@click.command(
    epilog="Example: cartsim trace scenarios/carsgen_zevor_cel.yaml --replication 7 --out lots.csv"
)
@scenario_options
@click.option(
    "--replication",
    metavar="K",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of the replication, from 0 on.",
)
@click.option(
    "--seed", metavar="S", type=click.IntRange(min=0), help="Default: the scenario's own."
)
@click.option(
    "--engine", metavar="NAME", default="fast", show_default=True, help="Which one simulates."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A .csv or .parquet file; without it, CSV goes to standard output.",
)
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    replication: int,
    seed: int | None,
    engine: str,
    out: Path | None,
) -> None:
    """Write what happened in one replication.

    One row for each patient, followed by one for each step that the patient's lot came to: when it
    was ready, started and ended, in minutes since the start of the run, and with which result.
    """
    from cartsim.scenario.load import load
    from cartsim.simulation.trace import csv, trace, write

    model = load(file, variant, overrides).model
    traced = trace(model, engine, replication, model.run.seed if seed is None else seed)
    if out is None:
        click.echo(csv(traced), nl=False)
    else:
        write(traced, out)
        click.echo(f"{len(traced.patients)} patients, {len(traced.steps)} steps: {out}", err=True)
