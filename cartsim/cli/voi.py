"""``cartsim voi``: what better knowledge is worth before a choice."""

from __future__ import annotations

from pathlib import Path

import click

from cartsim.cli.analysis import (
    folder_of,
    out_option,
    parsed_groups,
    scenarios_of,
    settings,
    settings_options,
    show,
)
from cartsim.cli.options import set_option
from cartsim.cli.output import json_option
from cartsim.errors import UsageError


@click.command(
    epilog="\b\nExample:\n  cartsim voi scenarios/carsgen_zevor_cel.yaml --variant own_sales_force "
    "--replications 512"
)
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option(
    "--variant",
    "variants",
    metavar="NAME",
    multiple=True,
    help="Another option beside each file as written; may be repeated.",
)
@set_option
@click.option("--measure", metavar="NAME[PERIOD]", default="npv", show_default=True)
@click.option("--lowest", is_flag=True, help="The smallest measure is best.")
@click.option(
    "--input", "inputs", metavar="PATTERN", multiple=True, help="Inputs told one by one; all else."
)
@click.option("--group", "groups", metavar="NAME=PATTERN,..", multiple=True, help="Known together.")
@click.option(
    "--sample",
    "samples",
    metavar="PATH=N",
    multiple=True,
    help="An experiment: N trials, each a success with the uncertain share at PATH.",
)
@settings_options
@out_option("voi")
@json_option
def command(
    files: tuple[str, ...],
    variants: tuple[str, ...],
    overrides: dict[str, str],
    measure: str,
    lowest: bool,
    inputs: tuple[str, ...],
    groups: tuple[str, ...],
    samples: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    out: Path | None,
    json_: bool,
) -> None:
    """Tell what it would be worth to know more before choosing among scenarios or variants.

    The choice is by the mean of a measure. The value is in the measure's unit: what to pay at most
    for an answer, a study or an experiment. It takes at least 200 replications.
    """
    from cartsim.cli.progress import RunProgress
    from cartsim.report.information import value_of_information

    options = scenarios_of(files, variants, overrides)
    chosen = settings(options[0], replications, seed, engine, workers)
    total = replications or options[0].model.run.replications
    trials = dict(_sample(text) for text in samples)
    with RunProgress(total * len(options)) as progress:
        told = value_of_information(
            options,
            measure,
            inputs,
            groups=parsed_groups(groups),
            samples=trials,
            lowest=lowest,
            progress=progress,
            **chosen,
        )
    show(told, folder_of(out, "voi", files[0]), "voi", json_)


def _sample(text: str) -> tuple[str, int]:
    path, equals, size = text.partition("=")
    if not equals or not size.strip().isdecimal():
        raise UsageError(f"{text!r} is not PATH=N, such as products.x.route.steps.y.success=30")
    return path.strip(), int(size)
