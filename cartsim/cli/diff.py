"""``cartsim diff``: what differs between two scenarios."""

from __future__ import annotations

from dataclasses import asdict

import click

from cartsim.cli.options import set_option, variant_option
from cartsim.cli.output import json_option, print_json


@click.command(
    epilog="\b\nExample:\n  cartsim diff scenarios/carsgen_zevor_cel.yaml --variant price_1m"
)
@click.argument("a", type=click.Path())
@click.argument("b", type=click.Path(), required=False)
@variant_option
@set_option
@json_option
def command(
    a: str, b: str | None, variant: str | None, overrides: dict[str, str], json_: bool
) -> None:
    """List what differs between two scenarios.

    A and B are compared once they are resolved. --variant and --set apply to B; without B they
    show what they change in A.
    """
    from cartsim.errors import UsageError
    from cartsim.scenario.difference import diff
    from cartsim.scenario.load import load

    if b is None and not variant and not overrides:
        raise UsageError("name a second file, a --variant or a --set to compare with")
    differences = diff(load(a), load(b or a, variant, overrides))
    if json_:
        places = ("left_position", "right_position")
        print_json(
            {
                "differences": [
                    {**asdict(entry), **{name: _place(getattr(entry, name)) for name in places}}
                    for entry in differences
                ]
            }
        )
        return
    for entry in differences:
        aspect = "" if entry.aspect == "value" else f" ({entry.aspect})"
        click.echo(f"{entry.path}{aspect}")
        for sign, text, place in (
            ("-", entry.left, entry.left_position),
            ("+", entry.right, entry.right_position),
        ):
            if text is not None:
                click.echo(f"  {sign} {text or '(none)'}" + (f"   {place}" if place else ""))
    number = len(differences)
    click.echo(f"{number or 'no'} {'difference' if number == 1 else 'differences'}")


def _place(position: object) -> str | None:
    return str(position) if position is not None else None
