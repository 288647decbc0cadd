"""The command line: it parses, calls and prints. Each command is a file, loaded when it is used."""

from __future__ import annotations

import io
import sys

import click

from cartsim.cli.group import LazyGroup

COMMANDS = (
    "init",
    "validate",
    "list",
    "library",
    "run",
    "replay",
    "precision",
    "compare",
    "sensitivity",
    "discover",
    "voi",
    "seek",
    "optimise",
    "sweep",
    "price",
    "value",
    "trace",
    "explain",
    "diff",
    "schema",
)
"""The commands in the order in which a new user meets them; each is a module of this package that
holds a command named ``command``."""


@click.group(
    cls=LazyGroup,
    commands_in=(__name__, COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nExample:\n  cartsim run scenarios/carsgen_zevor_cel.yaml --replications 256",
)
@click.version_option(package_name="cartsim")
def main() -> None:
    """Simulate the economics of bringing a CAR-T therapy to market.

    Exit codes: 0 done, 1 a check failed or a run was incomplete, 2 bad input, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign gets a question mark, not an error.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
