"""What goes to standard output, and how wide it may be."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 100
_JSON = "cartsim.json"


def json_option(command: Any) -> Any:
    """``--json``: one JSON document on standard output and nothing else there."""

    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
        ctx.meta[_JSON] = value
        return value

    return click.option(
        "--json",
        "json_",
        is_flag=True,
        is_eager=True,
        callback=remember,
        help="Print one JSON document on standard output and nothing else there.",
    )(command)


def as_json(ctx: click.Context) -> bool:
    """Whether the command that runs was asked for JSON."""
    return bool(ctx.meta.get(_JSON, False))


def print_json(document: Any) -> None:
    """Print a document; numbers that JSON does not know are errors."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def console() -> Console:
    """Standard output, as wide as the terminal; 100 columns where there is none."""
    from rich.console import Console

    found = Console(highlight=False, soft_wrap=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = WIDTH_WITHOUT_TERMINAL
    return found
