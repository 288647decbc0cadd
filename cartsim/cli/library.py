"""``cartsim library``: the parts that a scenario can take over."""

from __future__ import annotations

from dataclasses import asdict

import click

from cartsim.cli.output import console, json_option, print_json


@click.command(
    epilog="\b\nExample:\n  cartsim library --json\n  cartsim library deal_licence_out",
)
@click.argument("name", required=False)
@json_option
def command(name: str | None, json_: bool) -> None:
    """List the parts that come with cartsim, or show one of them with its sources.

    A scenario takes one over with "extends: library/NAME" at the place that the list names, and
    writes below it what differs.
    """
    from cartsim.scenario.presets import preset_text, presets

    if name is not None:
        text = preset_text(name)
        if json_:
            print_json({"name": name, "text": text})
        else:
            click.echo(text, nl=False)
        return
    found = presets()
    if json_:
        print_json([asdict(preset) for preset in found])
        return
    from rich.table import Table
    from rich.text import Text

    screen = console()
    screen.print(f"{len(found)} parts, taken over with 'extends: library/NAME'", style="bold")
    for under in dict.fromkeys(preset.under for preset in found):
        screen.print()
        screen.print(Text(f"under {under}", style="bold"))
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for preset in found:
            if preset.under == under:
                table.add_row(Text(preset.name), Text(preset.about))
        screen.print(table)
