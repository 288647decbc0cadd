"""``cartsim replay``: a stored run computed again and compared bit by bit."""

from __future__ import annotations

from pathlib import Path

import click

from cartsim.cli.output import console, json_option, print_json


@click.command(epilog="Example: cartsim replay runs/carsgen_zevor_cel-0a1b2c3d-20240223")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--engine", help="Another engine than the run's own; engines tell the same.")
@click.option(
    "--executor",
    type=click.Choice(["processes", "threads", "serial", "dask"]),
    help="Where blocks of replications are computed: in threads if not given, in processes with "
    "the reference engine.",
)
@click.option("--workers", type=int, help="How many at a time; one per processor if not given.")
@json_option
def command(
    folder: Path, engine: str | None, executor: str | None, workers: int | None, json_: bool
) -> None:
    """Compute a stored run again and verify it bit by bit.

    Names the first number that differs, and every file that is missing, damaged or of another run;
    the exit code is then 1.
    """
    from cartsim.cli.progress import RunProgress
    from cartsim.montecarlo.replay import replay

    with RunProgress(1) as progress:
        found = replay(folder, engine, executor, workers, progress)
    if json_:
        print_json(found.document())
    else:
        screen = console()
        told = (
            f"{found.replications:,} replications in {found.blocks:,} blocks are as they were "
            "stored, to the last bit."
            if found.verified
            else f"The run in {folder} is not as it was stored: {found.compared:,} of "
            f"{found.replications:,} replications could be compared, {found.differing:,} blocks "
            "differ."
        )
        screen.print(told, markup=False, soft_wrap=True)
        if found.first is not None:
            screen.print(f"first difference: {found.first}", markup=False, soft_wrap=True)
        for text in (*found.problems, *(f"note: {notice}" for notice in found.notices)):
            screen.print(text, markup=False, soft_wrap=True)
    if not found.verified:
        click.get_current_context().exit(1)
