"""``cartsim compare``: scenarios side by side on the same draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cartsim.cli.analysis import (
    folder_of,
    keep,
    out_option,
    print_told,
    saved,
    scenarios_of,
    settings,
    settings_options,
    tell_cost,
)
from cartsim.cli.options import set_option
from cartsim.cli.output import console, json_option, print_json

if TYPE_CHECKING:
    from cartsim.report.told import Told
    from cartsim.scenario.loaded import Loaded


@click.command(
    epilog="\b\nExample:\n  cartsim compare scenarios/carsgen_zevor_cel.yaml --variant price_1m "
    "--replications 256"
)
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option(
    "--variant",
    "variants",
    metavar="NAME",
    multiple=True,
    help="Each file also under this variant; may be repeated.",
)
@set_option
@click.option(
    "--measure",
    "measures",
    metavar="NAME[PERIOD]",
    multiple=True,
    help="May be repeated; the first decides which is best.  [default: npv, revenue, ..]",
)
@click.option(
    "--lowest/--largest",
    default=None,
    help="Whether the smallest first measure is best.  [default: of days, costs and losses]",
)
@click.option(
    "--bridge/--no-bridge",
    default=None,
    help="Which changes explain the difference of "
    "the first measure; of each scenario to the first one.  [default: with two scenarios]",
)
@click.option(
    "--most", type=int, default=6, show_default=True, help="Groups of changes in a bridge."
)
@settings_options
@out_option("compare")
@json_option
def command(
    files: tuple[str, ...],
    variants: tuple[str, ...],
    overrides: dict[str, str],
    measures: tuple[str, ...],
    lowest: bool | None,
    bridge: bool | None,
    most: int,
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    out: Path | None,
    json_: bool,
) -> None:
    """Compare scenarios, or a scenario with its variants, replication by replication.

    The first one is what the others are compared with. Values that are --set hold in all of them.
    """
    from cartsim.cli.progress import RunProgress
    from cartsim.report.comparison import USUAL, compare

    scenarios = scenarios_of(files, variants, overrides)
    chosen = settings(scenarios[0], replications, seed, engine, workers)
    wanted = measures or USUAL
    total = replications or scenarios[0].model.run.replications
    with RunProgress(total * len(scenarios)) as progress:
        told = compare(scenarios, wanted, lowest=lowest, progress=progress, **chosen)
    bridges: list[Told] = []
    if bridge or (bridge is None and len(scenarios) == 2):
        bridges = [
            made
            for other in scenarios[1:]
            if (made := _bridge(scenarios[0], other, wanted[0], most, total, chosen)) is not None
        ]
    folder = folder_of(out, "compare", files[0])
    for stale in folder.glob("bridge*"):
        stale.unlink()  # of an earlier comparison
    names = ["bridge"] if len(bridges) == 1 else [f"bridge_{i + 1}" for i in range(len(bridges))]
    for name, each in zip(names, bridges, strict=True):
        keep(each, folder, name)
    keep(told, folder, "compare")
    if json_:
        print_json({**told.document(), "bridges": [each.document() for each in bridges]})
        return
    print_told(told)
    _assumptions(told)
    for each in bridges:
        console().print()
        print_told(each)
    saved(folder, ["compare", *names])


def _bridge(
    first: Loaded, second: Loaded, measure: str, most: int, total: int, chosen: dict[str, Any]
) -> Told | None:
    """The bridge between two scenarios; ``None`` where no number differs."""
    from cartsim.analysis.comparison import bundled
    from cartsim.cli.progress import RunProgress
    from cartsim.report.comparison import bridge
    from cartsim.scenario.graft import changes

    if not changes(first, second):
        return None
    groups = bundled(first, second, most)
    runs = 2 ** len(groups)
    tell_cost(runs, total, "combinations of the changes")
    with RunProgress(runs * total) as progress:
        return bridge(first, second, measure, groups=groups, progress=progress, **chosen)


def _assumptions(told: Told) -> None:
    """What each scenario assumes otherwise."""
    screen = console()
    for name, entries in told.facts["assumptions"].items():
        screen.print()
        screen.print(f"{name} assumes otherwise:", markup=False, style="bold")
        for entry in entries:
            left, right = (entry[side] or "(nothing)" for side in ("base", "scenario"))
            text = f"  {entry['path']}: {_short(left)} -> {_short(right)}"
            screen.print(text, markup=False, soft_wrap=True)
        if not entries:
            screen.print("  nothing that changes a number")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
