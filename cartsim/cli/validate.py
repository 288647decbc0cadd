"""``cartsim validate``: everything that is wrong with scenario files, at once."""

from __future__ import annotations

import click

from cartsim.cli.output import json_option, print_json


@click.command(epilog="\b\nExample:\n  cartsim validate scenarios/carsgen_zevor_cel.yaml")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@json_option
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], json_: bool) -> None:
    """Check scenario files and report all problems at once.

    A file is checked as it stands and under each of its variants. Prints each problem as
    file:line:column: path: message (hint), and exits with 2 if there is
    any.
    """
    from cartsim.scenario.load import validate

    found = {file: validate(file) for file in files}
    problems = [
        {**entry, "file": entry["file"] or file}
        for file, listed in found.items()
        for entry in (problem.as_dict() for problem in listed)
    ]
    if json_:
        print_json({"problems": problems})
    else:
        for file, listed in found.items():
            for problem in listed:
                click.echo(str(problem))
            if not listed:
                click.echo(f"{file}: no problems")
        if problems:
            click.echo(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}")
    ctx.exit(2 if problems else 0)
