"""``cartsim schema``: what an editor needs to complete and check scenario files."""

from __future__ import annotations

from pathlib import Path

import click

from cartsim.cli.output import print_json


@click.command(epilog="\b\nExample:\n  cartsim schema --out scenario.schema.json")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def command(out: Path | None) -> None:
    """Print the JSON Schema of scenario files.

    Editors use it to complete and check what is typed. The first line of a scenario tells the
    YAML extension of an editor where it is:
    "# yaml-language-server: $schema=scenario.schema.json".
    """
    from cartsim.scenario.schema import schema

    document = schema()
    if out is None:
        print_json(document)
        return
    import json

    from cartsim.errors import UsageError

    try:
        out.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror or error}") from error
    click.echo(f"wrote {out}", err=True)
