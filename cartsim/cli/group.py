"""A group of commands, each loaded when it is used; errors are answered without a traceback."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

from cartsim.cli.output import as_json, print_json
from cartsim.errors import TRACEBACK, CartsimError, RunError, ScenarioError

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit codes."""


class LazyGroup(click.Group):
    """``commands_in`` names the package and its modules, each of which holds a ``command``."""

    def __init__(self, *args: Any, commands_in: tuple[str, tuple[str, ...]], **more: Any) -> None:
        super().__init__(*args, **more)
        self._package, self._names = commands_in

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self._names:
            return None
        command: click.Command = import_module(f"{self._package}.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ScenarioError as error:
            click.echo(described(error), err=True)
            if as_json(ctx):
                print_json({"problems": [problem.as_dict() for problem in error.problems]})
            ctx.exit(BAD_INPUT)
        except CartsimError as error:
            click.echo(f"error: {error}", err=True)
            if as_json(ctx):
                print_json({"error": str(error)})
            ctx.exit(FAILED if isinstance(error, RunError) else BAD_INPUT)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get(TRACEBACK):
                raise
            click.echo(
                f"error: {type(error).__name__}: {error}\n"
                f"this is not your fault if the input is valid; {TRACEBACK}=1 shows where it "
                "happened",
                err=True,
            )
            ctx.exit(FAILED)


def described(error: ScenarioError) -> str:
    """All problems of a scenario, one a line, and how many there are."""
    number = len(error.problems)
    return f"{error}\n{number} {'problem' if number == 1 else 'problems'}"
