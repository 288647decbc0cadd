"""``cartsim init``: a commented scenario to start from."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="\b\nExample:\n  cartsim init mine.yaml --from carsgen_zevor_cel")
@click.argument("name", default="scenario.yaml", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "origin",
    metavar="SHIPPED",
    default="starter",
    show_default=True,
    help="Which of the shipped scenarios to start from.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def command(name: Path, origin: str, force: bool) -> None:
    """Write a commented scenario to start from.

    NAME is the file to write, scenario.yaml if not given.
    """
    from cartsim.cli.shipped import shipped_text
    from cartsim.errors import UsageError

    target = name if name.suffix in {".yaml", ".yml"} else name.with_name(f"{name.name}.yaml")
    text = shipped_text(origin)
    try:
        with target.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{target} exists; --force overwrites it") from None
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
    click.echo(f"wrote {target}; next: cartsim validate {target}, then cartsim run {target}")
