"""``cartsim list``: what a scenario offers to ask about."""

from __future__ import annotations

from typing import Any

import click

from cartsim.cli.options import scenario_options
from cartsim.cli.output import console, json_option, print_json

SECTIONS = ("variants", "levers", "inputs", "measures")


@click.command(epilog="\b\nExample:\n  cartsim list scenarios/carsgen_zevor_cel.yaml --only inputs")
@scenario_options
@click.option(
    "--only", type=click.Choice(SECTIONS), multiple=True, help="May be repeated; all if not given."
)
@json_option
def command(
    file: str, variant: str | None, overrides: dict[str, str], only: tuple[str, ...], json_: bool
) -> None:
    """List a scenario's variants, its levers, its uncertain inputs and the measures of its runs.

    Their names are what the other commands ask for. An input marked * is an assumption.
    """
    from cartsim.scenario.load import load

    loaded = load(file, variant, overrides)
    chosen = only or SECTIONS
    found: dict[str, Any] = {"scenario": loaded.path, "title": loaded.model.title}
    if "variants" in chosen:
        found["variants"] = list(loaded.variants)
    if "levers" in chosen:
        found["levers"] = list(loaded.model.levers)
    if "inputs" in chosen:
        found["inputs"] = _inputs(loaded.model)
    if "measures" in chosen:
        found["measures"] = _measures(loaded.model)
    if json_:
        print_json(found)
        return
    screen = console()
    screen.print(loaded.model.title, markup=False, style="bold")
    for name in ("variants", "levers"):
        if name in found:
            screen.print(f"{name}: {', '.join(found[name]) or 'none'}", markup=False)
    if "inputs" in found:
        _table(
            f"{len(found['inputs'])} uncertain inputs",
            ("path", "as written", "unit"),
            [
                (("* " if each["assumption"] else "  ") + each["path"], each["value"], each["unit"])
                for each in found["inputs"]
            ],
        )
    if "measures" in found:
        _table(
            f"{len(found['measures'])} measures; those with years have halves (2026H1) and "
            "quarters (2026Q1) too",
            ("measure", "unit", "periods"),
            [(each["name"], each["unit"], each["periods"]) for each in found["measures"]],
        )


def _inputs(model: Any) -> list[dict[str, Any]]:
    from cartsim.analysis.inputs import inputs_of

    return [
        {
            "path": each.path,
            "value": each.text,
            "unit": each.unit.replace("money", each.money),
            "assumption": not each.sourced,
        }
        for each in inputs_of(model)
    ]


def _measures(model: Any) -> list[dict[str, str]]:
    """The measures of one replication, with their periods from the first to the last year."""
    from cartsim.montecarlo.block import compute_block

    columns = compute_block(model, model.run.seed, range(1), "fast").columns
    periods: dict[str, list[str]] = {}
    units = {}
    for column in columns:
        periods.setdefault(column.name, []).append(column.period)
        units[column.name] = column.unit
    told = []
    for name, own in periods.items():
        years = [period for period in own if period.isdecimal()]
        text = f"{years[0]} to {years[-1]}" if years else ""
        whole = "all" if "all" in own else ""
        told.append(
            {"name": name, "unit": units[name], "periods": ", ".join(filter(None, [text, whole]))}
        )
    return told


def _table(title: str, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.table import Table
    from rich.text import Text

    screen = console()
    screen.print()
    screen.print(Text(title, style="bold"))
    table = Table(box=None, pad_edge=False)
    for head in header:
        table.add_column(Text(head), no_wrap=head == header[0], overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    screen.print(table)
