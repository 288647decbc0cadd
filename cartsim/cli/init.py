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
    from cartsim.cli.shipped import extended_by, shipped_text

    target = name if name.suffix in {".yaml", ".yml"} else name.with_name(f"{name.name}.yaml")
    text = shipped_text(origin)
    _write(target, text, force)
    while extended := extended_by(text):
        (name_of_base,) = extended
        text = shipped_text(name_of_base)
        base = target.with_name(f"{name_of_base}.yaml")
        if not base.exists() or base.read_text(encoding="utf-8") != text:
            _write(base, text, force)
        click.echo(f"wrote {base}, which it extends")
    click.echo(f"wrote {target}; next: cartsim validate {target}, then cartsim run {target}")


def _write(target: Path, text: str, force: bool) -> None:
    from cartsim.errors import UsageError

    try:
        with target.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{target} exists; --force overwrites it") from None
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
