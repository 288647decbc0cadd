"""``cartsim optimise``: levers set so that a goal is met best."""

from __future__ import annotations

from pathlib import Path

import click

from cartsim.cli.analysis import USUAL, folder_of, out_option, settings, settings_options, show
from cartsim.cli.options import scenario_options
from cartsim.cli.output import json_option
from cartsim.errors import UsageError


@click.command(
    epilog="\b\nExample:\n  cartsim optimise scenarios/carsgen_zevor_cel.yaml --replications 128 "
    "\\\n    --lever plants.jinshan.resources.production_line.capacity=6:12:2 \\\n"
    "    --lever products.zevor_cel.markets.mainland.price.list=0.8m,1.0m,1.15m \\\n"
    "    --maximise 'mean(npv)' --subject-to 'P(order_to_infusion_days[2026] > 60) <= 25%'"
)
@scenario_options
@click.option(
    "--lever",
    "levers",
    metavar="PATH=LOW:HIGH[:STEP]",
    multiple=True,
    help="What is decided: a range, or PATH=VALUE,VALUE (numbers, dates, names); variant=A,B,- "
    "chooses variants. May be repeated.",
)
@click.option("--maximise", metavar="STATISTIC", multiple=True, help="As large as possible.")
@click.option("--minimise", metavar="STATISTIC", multiple=True, help="As small as possible.")
@click.option(
    "--subject-to", metavar="CONDITION", multiple=True, help="What must hold; may be repeated."
)
@click.option(
    "--future",
    "futures",
    metavar="VARIANT",
    multiple=True,
    help="What may come true: the least regret is over these and the scenario as written.",
)
@click.option("--trials", type=int, default=60, show_default=True, help="Settings to try at most.")
@settings_options
@out_option("optimise")
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    levers: tuple[str, ...],
    maximise: tuple[str, ...],
    minimise: tuple[str, ...],
    subject_to: tuple[str, ...],
    futures: tuple[str, ...],
    trials: int,
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    out: Path | None,
    json_: bool,
) -> None:
    """Set levers so that one statistic, or two, become as good as they can.

    Few combinations are all tried, many are searched. Two goals give the candidates that no other
    one beats in both. All candidates meet the same draws.
    """
    from cartsim.cli.progress import RunProgress
    from cartsim.report.decisions import optimise
    from cartsim.scenario.load import load

    loaded = load(file, variant, overrides)
    if not levers:
        known = loaded.model.levers
        hint = f"; the scenario names {', '.join(known)}" if known else ""
        raise UsageError(f"name at least one --lever PATH=LOW:HIGH{hint}")
    if not maximise and not minimise:
        raise UsageError("name a goal: --maximise 'mean(npv)' or --minimise STATISTIC")
    chosen = settings(loaded, replications, seed, engine, workers, USUAL)
    with RunProgress(trials, "candidates") as progress:
        told = optimise(
            loaded,
            levers,
            maximise,
            minimise,
            subject_to,
            futures=futures,
            trials=trials,
            progress=progress,
            **chosen,
        )
    show(told, folder_of(out, "optimise", file), "optimise", json_)
