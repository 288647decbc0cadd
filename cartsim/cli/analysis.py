"""What the commands of all analyses share: how much is computed, and how it is shown and kept."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cartsim.cli.output import console, print_json
from cartsim.errors import UsageError

if TYPE_CHECKING:
    from cartsim.montecarlo.result import Result
    from cartsim.report.told import Told
    from cartsim.scenario.loaded import Loaded

USUAL = 256
"""Replications of a case where many cases are run and none are named: pairs need few."""


def settings_options(command: Any) -> Any:
    """``--replications``, ``--seed``, ``--engine`` and ``--workers``."""
    for option in (
        click.option(
            "--workers", type=int, help="How many at a time; one per processor if not given."
        ),
        click.option("--engine", default="fast", show_default=True, help="Which engine simulates."),
        click.option("--seed", type=int, help="The scenario's seed if not given."),
        click.option("--replications", type=int, help="How many of each case."),
    ):
        command = option(command)
    return command


def out_option(folder: str) -> Callable[[Any], Any]:
    """``--out``: where the figure and the table are kept; by default a folder for each scenario."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="Folder for the figure and the table.  "
        f"[default: {(Path('runs') / folder).as_posix()}/SCENARIO]",
    )


def folder_of(out: Path | None, folder: str, file: str) -> Path:
    """The folder of an analysis of a file, made if it is not there."""
    found = out or Path("runs") / folder / (Path(file).stem or "scenario")
    found.mkdir(parents=True, exist_ok=True)
    return found


def settings(
    loaded: Loaded,
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    usual: int | None = None,
) -> dict[str, Any]:
    """The settings of an analysis; without ``replications`` those of the scenario, at most
    ``usual``."""
    from cartsim.analysis.evaluate import Settings

    number = replications
    if number is None and usual is not None:
        number = min(loaded.model.run.replications, usual)
    Settings(number, seed, engine, workers=workers).of(loaded)  # what is wrong is said at once
    return {"replications": number, "seed": seed, "engine": engine, "workers": workers}


def scenarios_of(
    files: tuple[str, ...], variants: tuple[str, ...], overrides: dict[str, str]
) -> list[Loaded]:
    """Each file as it is written and under the variants that it has; at least two in all."""
    from cartsim.scenario.load import load

    found = []
    for file in files:
        base = load(file, None, overrides)
        found.append(base)
        for name in variants:
            if len(files) > 1 and name not in base.variants:
                continue
            found.append(load(file, name, overrides))
    for name in variants:
        if not any(each.variant == name for each in found):
            raise UsageError(f"none of the scenarios has a variant {name!r}")
    if len(found) < 2:
        raise UsageError("name a second file or a --variant to compare with")
    return found


def result_of(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
) -> Result:
    """A stored run, or a new one."""
    from cartsim.cli.progress import RunProgress
    from cartsim.montecarlo.run import run
    from cartsim.montecarlo.saved import read_result
    from cartsim.scenario.load import load

    if Path(file).is_dir():
        if variant or overrides or replications is not None or seed is not None:
            raise UsageError("a stored run is what it is: it takes no variant, values or seed")
        return read_result(Path(file))
    loaded = load(file, variant, overrides)
    total = loaded.model.run.replications if replications is None else replications
    with RunProgress(total) as progress:
        return run(loaded, replications, seed, engine, workers=workers, progress=progress)


def tell_cost(cases: int, replications: int, each: str) -> None:
    """Say on standard error how much is going to be computed."""
    click.echo(
        f"{cases:,} {each} of {replications:,} replications: {cases * replications:,} in all",
        err=True,
    )


def show(told: Told, out: Path, name: str, json_: bool, most: int | None = None) -> None:
    """Print an analysis, and keep its picture and numbers as ``name.png`` and ``name.csv``."""
    keep(told, out, name)
    if json_:
        print_json(told.document())
        return
    print_told(told, most)
    saved(out, [name])


def keep(told: Told, out: Path, name: str) -> None:
    """The picture and the numbers of an analysis as files."""
    _write(out / f"{name}.csv", told.numbers)
    told.plot().savefig(out / f"{name}.png", dpi=150)


def saved(out: Path, names: Iterable[str]) -> None:
    """Say which files there are now."""
    files = ", ".join(f"{name}.{ending}" for name in names for ending in ("png", "csv"))
    console().print(f"Saved in {out}: {files}", markup=False, soft_wrap=True)


def print_told(told: Told, most: int | None = None) -> None:
    """The headline, the table and the notes."""
    from rich.table import Table
    from rich.text import Text

    screen = console()
    screen.print(told.headline, markup=False)
    screen.print()
    screen.print(Text(told.title, style="bold"))
    table = Table(box=None, pad_edge=False)
    for index, head in enumerate(told.header):
        table.add_column(
            Text(head), justify="left" if index == 0 else "right", overflow="fold", ratio=None
        )
    for row in told.rows[:most]:
        table.add_row(*(Text(cell) for cell in row))
    screen.print(table)
    if most is not None and len(told.rows) > most:
        screen.print(f"and {len(told.rows) - most} more, in the table that is saved")
    for note in told.notes:
        screen.print(note, markup=False, style="dim")


def parsed_groups(given: Iterable[str]) -> dict[str, list[str]]:
    """``NAME=PATTERN,PATTERN`` of ``--group``."""
    groups: dict[str, list[str]] = {}
    for text in given:
        name, equals, patterns = text.partition("=")
        inside = [pattern.strip() for pattern in patterns.split(",")]
        if not equals or not name.strip() or not all(inside):
            raise UsageError(f"{text!r} is not NAME=PATTERN,PATTERN such as costs=*.costs.*")
        groups[name.strip()] = inside
    return groups


def number(text: str | None, option: str) -> float:
    """A number as in a scenario (``1.2m``, ``80%``); 0 where none is given."""
    from cartsim.scenario.numbers import parse_number

    if text is None:
        return 0.0
    try:
        return parse_number(text, "share" if text.endswith("%") else "money")
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    from cartsim.report.told import plain

    table = [{name: plain(value) for name, value in row.items()} for row in rows]
    names = list(dict.fromkeys(name for row in table for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        for row in table:
            writer.writerow(
                {
                    name: json.dumps(value, ensure_ascii=False)
                    if isinstance(value, list | dict)
                    else value
                    for name, value in row.items()
                }
            )
