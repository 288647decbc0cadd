"""``cartsim explain``: where a value came from."""

from __future__ import annotations

import click

from cartsim.cli.options import scenario_options
from cartsim.cli.output import json_option, print_json


@click.command(
    epilog="\b\nExample:\n  cartsim explain scenarios/carsgen_zevor_cel.yaml company.opening_cash"
)
@scenario_options
@click.argument("path")
@json_option
def command(
    file: str, variant: str | None, overrides: dict[str, str], path: str, json_: bool
) -> None:
    """Tell where a value of a scenario came from.

    PATH is the dotted path of a value of FILE. Shows the file and line, what it replaced, its
    source or that it is an assumption, its unit
    and its distribution.
    """
    from cartsim.scenario.explain import explain
    from cartsim.scenario.load import load

    found = explain(load(file, variant, overrides), path)
    if json_:
        print_json(found.as_dict())
        return
    click.echo(f"{found.path} = {found.value}" if found.value else found.path)
    if found.meaning:
        click.echo(click.wrap_text(found.meaning, 100, "  ", "  "))
    where = "the default, no file wrote it" if found.is_default else f"{found.position}"
    lines = [("written at", where)]
    lines += [("replaced", str(origin)) for origin in found.history]
    if found.unit:
        lines.append(("unit", found.unit))
        lines.append(("drawn", f"once per {found.scope}" if found.distribution else "a constant"))
        if found.distribution:
            lines.append(("form", found.distribution))
        if not found.is_default:
            lines.append(("source", found.source or "none: an assumption"))
    if found.note:
        lines.append(("note", found.note))
    for label, text in lines:
        click.echo(f"  {label:<11}{text}")
