"""``cartsim seek``: the value of a number at which a statistic is what it is to be."""

from __future__ import annotations

from pathlib import Path

import click

from cartsim.cli.analysis import (
    USUAL,
    folder_of,
    number,
    out_option,
    settings,
    settings_options,
    show,
)
from cartsim.cli.options import scenario_options
from cartsim.cli.output import json_option
from cartsim.errors import UsageError


@click.command(
    epilog="\b\nExample:\n  cartsim seek scenarios/carsgen_zevor_cel.yaml 'mean(orders[2025]) = "
    "200' \\\n    --vary products.zevor_cel.markets.mainland.price.list=300k:1.5m"
)
@scenario_options
@click.argument("condition")
@click.option(
    "--vary", metavar="PATH=LOW:HIGH", required=True, help="The number, and between what to seek."
)
@click.option("--whole", is_flag=True, help="Whole numbers only (lines, slots, centres).")
@settings_options
@out_option("seek")
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    condition: str,
    vary: str,
    whole: bool,
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    out: Path | None,
    json_: bool,
) -> None:
    """Find the value at which a CONDITION holds: 'P(npv > 0) = 80%', 'mean(npv) = 0',
    'p95(order_to_infusion_days[2026]) <= 45'.

    All values meet the same draws. Exit code 2 where the target is not crossed.
    """
    from cartsim.cli.progress import RunProgress
    from cartsim.report.decisions import seek
    from cartsim.scenario.load import load

    path, equals, ends = vary.partition("=")
    low, colon, high = ends.partition(":")
    if not equals or not colon or not path.strip():
        raise UsageError(f"--vary {vary!r} is not PATH=LOW:HIGH, such as {path or 'PATH'}=1m:2m")
    first, last = (number(end.strip(), "--vary") for end in (low, high))
    loaded = load(file, variant, overrides)
    chosen = settings(loaded, replications, seed, engine, workers, USUAL)
    with RunProgress(10, "values") as progress:
        told = seek(
            loaded,
            path.strip(),
            first,
            last,
            condition,
            whole=whole,
            progress=progress,
            **chosen,
        )
    show(told, folder_of(out, "seek", file), "seek", json_)
