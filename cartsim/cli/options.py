"""Options that commands share: which scenario, under which variant, with which overrides."""

from __future__ import annotations

from typing import Any

import click


def scenario_options(command: Any) -> Any:
    """``FILE [--variant NAME] [--set PATH=VALUE]...``, passed as ``file``, ``variant`` and
    ``overrides`` (a dictionary of dotted path to text as in YAML)."""
    return click.argument("file", type=click.Path())(variant_option(set_option(command)))


def variant_option(command: Any) -> Any:
    """``--variant NAME``."""
    text = "Use one of the scenario's variants."
    return click.option("--variant", metavar="NAME", default=None, help=text)(command)


def set_option(command: Any) -> Any:
    """``--set PATH=VALUE``, as often as wanted, passed as ``overrides``."""
    return click.option(
        "--set",
        "overrides",
        metavar="PATH=VALUE",
        multiple=True,
        callback=_parsed,
        help="Replace the value at a dotted path, written as in YAML; may be repeated.",
    )(command)


def _parsed(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    overrides: dict[str, str] = {}
    for text in given:
        path, equals, value = text.partition("=")
        path = path.strip()
        if not equals or not path:
            raise click.BadParameter(f"{text!r} is not PATH=VALUE, such as company.tax.rate=15%")
        if overrides.get(path, value) != value:
            raise click.BadParameter(f"{path} is set twice: to {overrides[path]} and to {value}")
        overrides[path] = value
    return overrides
