"""``cartsim sensitivity``: which assumption matters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cartsim.cli.analysis import (
    USUAL,
    folder_of,
    number,
    out_option,
    parsed_groups,
    result_of,
    settings,
    settings_options,
    show,
    tell_cost,
)
from cartsim.cli.options import scenario_options
from cartsim.cli.output import json_option
from cartsim.errors import UsageError

if TYPE_CHECKING:
    from cartsim.montecarlo.result import Result
    from cartsim.report.told import Told
    from cartsim.scenario.loaded import Loaded

METHODS = ("tornado", "spider", "map", "rank", "pawn", "sobol", "morris")
BASE, TRAJECTORIES = 512, 64
SHOWN = 20


@click.command(
    epilog="\b\nExample:\n  cartsim sensitivity scenarios/carsgen_zevor_cel.yaml --measure npv "
    "--method tornado"
)
@scenario_options
@click.option("--measure", metavar="NAME[PERIOD]", default="npv", show_default=True)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="tornado",
    show_default=True,
    help="tornado: each input from P10 to P90; spider: along each input; map: two inputs; rank and "
    "pawn: from a run that is there (FILE may be its folder); sobol: shares of the variance; "
    "morris: which of many matter at all.",
)
@click.option(
    "--input",
    "inputs",
    metavar="PATTERN",
    multiple=True,
    help="Path of an input, * for any text; all uncertain inputs if none is named. Two for a map.",
)
@click.option(
    "--group",
    "groups",
    metavar="NAME=PATTERN,..",
    multiple=True,
    help="Inputs that are moved together (sobol, morris).",
)
@click.option(
    "--against", metavar="VARIANT", help="Of the difference to this variant (- for none)."
)
@click.option("--threshold", help="Where the decision flips (spider, map).  [default: 0]")
@click.option("--over-time", is_flag=True, help="Each year of the measure (rank).")
@click.option("--base", type=int, default=BASE, show_default=True, help="Size of a Sobol' sample.")
@click.option(
    "--trajectories", type=int, default=TRAJECTORIES, show_default=True, help="Of Morris."
)
@settings_options
@out_option("sensitivity")
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    measure: str,
    method: str,
    inputs: tuple[str, ...],
    groups: tuple[str, ...],
    against: str | None,
    threshold: str | None,
    over_time: bool,
    base: int,
    trajectories: int,
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    out: Path | None,
    json_: bool,
) -> None:
    """Rank the uncertain inputs of a scenario by what they do to a measure.

    All cases meet the same draws, so that differences are sharp. Inputs that cannot reach the
    measure are named; inputs that move together with others are never taken as if they did not.
    """
    asked = {
        "--group": bool(groups) and method not in ("sobol", "morris"),
        "--against": bool(against) and method not in ("tornado", "spider", "map"),
        "--threshold": threshold is not None and method not in ("spider", "map"),
        "--over-time": over_time and method != "rank",
        "--base": base != BASE and method != "sobol",
        "--trajectories": trajectories != TRAJECTORIES and method != "morris",
        "--replications": replications is not None and method in ("sobol", "morris"),
    }
    for option, wrong in asked.items():
        if wrong:
            instead = {"sobol": " (use --base)", "morris": " (use --trajectories)"}.get(method, "")
            hint = instead if option == "--replications" else ""
            raise UsageError(f"{option} is not an option of the method {method}{hint}")
    if method not in ("rank", "pawn") and Path(file).is_dir():
        raise UsageError(f"{file} is a folder: only rank and pawn work on a stored run")
    if method in ("rank", "pawn"):
        result = result_of(file, variant, overrides, replications, seed, engine, workers)
        told = _ranking(result, method, measure, inputs, over_time)
    else:
        from cartsim.scenario.load import load

        loaded = load(file, variant, overrides)
        chosen = settings(loaded, replications, seed, engine, workers, USUAL)
        other = _other(file, against, overrides) if against else None
        limit = number(threshold, "--threshold")
        if method in ("sobol", "morris"):
            size = base if method == "sobol" else trajectories
            told = _sample(loaded, method, measure, inputs, parsed_groups(groups), size, chosen)
        else:
            told = _placed(loaded, method, measure, inputs, other, limit, chosen)
    show(told, folder_of(out, "sensitivity", file), method, json_, SHOWN)


def _placed(
    loaded: Loaded,
    method: str,
    measure: str,
    inputs: tuple[str, ...],
    other: Loaded | None,
    threshold: float,
    chosen: dict[str, Any],
) -> Told:
    """Methods that place inputs at quantiles."""
    from cartsim.analysis.inputs import inputs_of
    from cartsim.analysis.one_at_a_time import ALONG, GRID
    from cartsim.cli.progress import RunProgress
    from cartsim.report import sensitivity

    models = [each.model for each in (loaded, other) if each is not None]
    if method == "map" and len(inputs) != 2:
        raise UsageError("a map needs two inputs: --input PATH --input PATH")
    number_of = len(inputs_of(*models, patterns=inputs))
    if number_of == 0:
        raise UsageError(
            "nothing is uncertain in this scenario: write ranges, such as {pert: [1m, 2m, 4m]}, "
            "or vary a number with cartsim sweep"
        )
    points = {"tornado": 2 * number_of + 1, "spider": len(ALONG) * number_of + 1}
    cases = points.get(method, len(GRID) ** 2) * len(models)
    tell_cost(cases, chosen["replications"], "cases")
    with RunProgress(cases * chosen["replications"]) as progress:
        if method == "tornado":
            return sensitivity.tornado(
                loaded, measure, inputs, against=other, progress=progress, **chosen
            )
        if method == "spider":
            return sensitivity.spider(
                loaded,
                measure,
                inputs,
                threshold=threshold,
                against=other,
                progress=progress,
                **chosen,
            )
        return sensitivity.two_way(
            loaded,
            measure,
            *inputs,
            threshold=threshold,
            against=other,
            progress=progress,
            **chosen,
        )


def _sample(
    loaded: Loaded,
    method: str,
    measure: str,
    inputs: tuple[str, ...],
    groups: dict[str, list[str]],
    size: int,
    chosen: dict[str, Any],
) -> Told:
    """Methods with samples of their own."""
    from cartsim.analysis.groups import grouped
    from cartsim.cli.progress import RunProgress
    from cartsim.report import sensitivity

    number_of = len(grouped(loaded, inputs, groups))
    cases = number_of + (3 if method == "sobol" else 1)
    chosen = {**chosen, "replications": None}
    tell_cost(cases, size, "cases")
    with RunProgress(cases * size) as progress:
        if method == "sobol":
            return sensitivity.sobol(
                loaded, measure, inputs, base=size, groups=groups, progress=progress, **chosen
            )
        return sensitivity.morris(
            loaded, measure, inputs, trajectories=size, groups=groups, progress=progress, **chosen
        )


def _ranking(
    result: Result, method: str, measure: str, inputs: tuple[str, ...], over_time: bool
) -> Told:
    from cartsim.report import sensitivity

    if method == "rank":
        return sensitivity.rank(result, measure, inputs, over_time=over_time)
    return sensitivity.pawn(result, measure, inputs)


def _other(file: str, against: str, overrides: dict[str, str]) -> Loaded:
    from cartsim.scenario.load import load

    return load(file, None if against == "-" else against, overrides)
