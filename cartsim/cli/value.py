"""``cartsim value``: the risk-adjusted value of what is in development."""

from __future__ import annotations

import click

from cartsim.cli.options import scenario_options
from cartsim.cli.output import console, json_option, print_json


@click.command(
    epilog="\b\nExample:\n  cartsim value scenarios/ucarsgen_stake.yaml --replications 128"
)
@scenario_options
@click.option("--replications", type=int, help="How many; the scenario's number if not given.")
@click.option("--seed", type=int, help="The scenario's seed if not given.")
@click.option("--engine", default="fast", show_default=True, help="Which engine simulates.")
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    replications: int | None,
    seed: int | None,
    engine: str,
    json_: bool,
) -> None:
    """Value a scenario with products in development: every way that the stages can go, weighted by
    its probability, beside what the simulation gives.

    The two have the same expectation. The command takes one run for each way.
    """
    from rich.table import Table

    from cartsim.analysis.risk import risk_adjusted_npv
    from cartsim.cli.progress import RunProgress
    from cartsim.report.value import headline, rows
    from cartsim.scenario.load import load

    loaded = load(file, variant, overrides)
    with RunProgress(1, "ways") as progress:
        found = risk_adjusted_npv(loaded, replications, seed, engine=engine, progress=progress)
    currency = loaded.model.currency
    if json_:
        ways = [
            {
                "ends": dict(way.ends),
                "probability": float(way.probability.mean()),
                "npv": float(way.npv.mean()),
            }
            for way in found.ways
        ]
        document = {
            "headline": headline(found, currency),
            "currency": currency,
            "replications": found.simulated.size,
            "risk_adjusted_npv": float(found.weighted.mean()),
            "simulated_npv": float(found.simulated.mean()),
            "ways": ways,
        }
        print_json(document)
        return
    screen = console()
    screen.print(headline(found, currency), markup=False)
    screen.print()
    table = Table(box=None)
    table.add_column("how it ends")
    for head in ("probability", "net present value", "part of the sum"):
        table.add_column(head, justify="right")
    for row in rows(found):
        table.add_row(*row)
    screen.print(table)
