"""The reference pages, made from the code: they cannot fall behind it.

Each function returns MyST text and depends on nothing but the installed package.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
import yaml

from cartsim.cli import main
from cartsim.distributions import FAMILIES
from cartsim.measures import MEASURES
from cartsim.measures.registry import AGGREGATIONS
from cartsim.scenario import fields
from cartsim.scenario.model import Scenario
from cartsim.scenario.part import Part

MEANINGS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "meanings.yaml").read_text(encoding="utf-8")
)
_SCALARS = {
    fields.Date.__metadata__[0]: "date",
    fields.Count.__metadata__[0]: "whole number",
    fields.Text.__metadata__[0]: "text",
    fields.Factor.__metadata__[0]: "plain number",
    fields.Currency.__metadata__[0]: "currency code",
}


def parts(part: type[Part] = Scenario, path: str = "") -> Iterator[tuple[str, type[Part]]]:
    """Every model of a scenario with the dotted path at which it is written, top down."""
    yield path, part
    for key, name in part.keys().items():
        info = part.model_fields[name]
        for inner, below in _inner_parts(info.annotation):
            yield from parts(inner, f"{path}.{key}{below}".lstrip("."))


def _inner_parts(annotation: Any) -> Iterator[tuple[type[Part], str]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation, ""
        return
    step = {dict: ".NAME", list: ".ITEM"}.get(get_origin(annotation), "")
    for argument in get_args(annotation):
        for part, below in _inner_parts(argument):
            yield part, f"{step}{below}"


def _label(part: type[Part]) -> str:
    return f"schema-{part.__name__.lower()}"


def _bounds(number: fields.Number) -> str:
    low = None if number.low == float("-inf") else f"{number.low:g}"
    high = None if number.high == float("inf") else f"{number.high:g}"
    if low == "1e-12":
        return ", above 0"
    if low and high:
        return f", {low} to {high}"
    return f", at least {low}" if low else ""


def _describe(annotation: Any, metadata: tuple[Any, ...] = ()) -> tuple[str, str, str]:
    """What a field holds, its unit and its scope, as table cells."""
    for item in metadata:
        if isinstance(item, fields.Number):
            scopes = [f"**{s}**" if s == item.scope else s for s in item.scopes]
            what = "series" if item.series else "number"
            return f"[{what}](#forms-of-a-number)", item.unit + _bounds(item), ", ".join(scopes)
        if item in _SCALARS:
            return _SCALARS[item], "", ""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _describe(arguments[0], tuple(annotation.__metadata__))
    if origin in (Union, types.UnionType):
        return _describe(next(a for a in arguments if a is not types.NoneType), metadata)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments), "", ""
    if origin is dict:
        what, unit, scope = _describe(arguments[1])
        return f"map of names to {what}", unit, scope
    if origin is list:
        what, unit, scope = _describe(arguments[0])
        return f"list of {what}", unit, scope
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return f"[{annotation.__name__}](#{_label(annotation)})", "", ""
    raise TypeError(f"the schema page cannot describe {annotation!r}")


@cache
def _attribute_docstrings(part: type[Part]) -> dict[str, str]:
    """The string literals under the fields of a model, by field name."""
    body = ast.parse(textwrap.dedent(inspect.getsource(part))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found


def _meaning(part: type[Part], key: str, name: str) -> str:
    """The docstring of a field, else the first sentence of the model that it holds, else that of
    ``meanings.yaml``."""
    said = _attribute_docstrings(part).get(name, "")
    inner = next(_inner_parts(part.model_fields[name].annotation), None)
    if not said and inner:
        said = " ".join((inspect.getdoc(inner[0]) or "").split()).split(". ")[0].rstrip(".") + "."
    if not said:
        said = MEANINGS.get(part.__name__, {}).get(key, "")
    return said.replace("``", "`").replace("|", "\\|")


def _default(part: type[Part], name: str) -> str:
    info = part.model_fields[name]
    if info.is_required():
        return "required"
    if info.default is None or info.default_factory is not None or info.default == "":
        return "none"
    return f"`{info.default}`"


def schema() -> str:
    """One table for each model of a scenario, keys in the order of the source."""
    text = []
    seen: set[type[Part]] = set()
    for path, part in parts():
        if part in seen:
            continue
        seen.add(part)
        text += [f"({_label(part)})=", f"### {part.__name__}", ""]
        text += [f"Written at `{path}`." if path else "The top of the file.", ""]
        text += [" ".join((inspect.getdoc(part) or "").split()).replace("``", "`"), ""]
        text += ["| key | holds | unit | default | scope | meaning |", "|---|---|---|---|---|---|"]
        for key, name in part.keys().items():
            info = part.model_fields[name]
            what, unit, scope = _describe(info.annotation, tuple(info.metadata))
            cells = [f"`{key}`", what, unit, _default(part, name), scope, _meaning(part, key, name)]
            text.append(f"| {' | '.join(cells)} |")
        text.append("")
    return "\n".join(text)


def distributions() -> str:
    """The registered families with the parameters that each accepts."""
    rows = ["| name | written | meaning |", "|---|---|---|"]
    for name, family in sorted(FAMILIES.items()):
        written = " or ".join(f"`{_written(name, family.style, form)}`" for form in family.forms)
        meaning = " ".join((inspect.getdoc(type(family)) or "").split()).split(". ")[0]
        rows.append(f"| {name} | {written} | {meaning.rstrip('.').replace('``', '`')}. |")
    return "\n".join(rows)


def _written(name: str, style: str, form: tuple[str, ...]) -> str:
    if "_".join(form) == name:
        return f"{{{', '.join(f'{parameter}: ..' for parameter in form)}}}"
    if style == "list":
        return f"{{{name}: [{', '.join(form)}]}}"
    if style == "map":
        return f"{{{name}: {{{', '.join(f'{parameter}: ..' for parameter in form)}}}}}"
    if style == "points":
        return f"{{{name}: {'{value: weight, ..}' if name == 'choice' else '[value, ..]'}}}"
    return f"{{{name}: {form[0]}}}"


def commands() -> str:
    """The help of every command, as the command line prints it at 96 columns."""
    text = []
    top = click.Context(main, info_name="cartsim", terminal_width=96)
    for name in main.list_commands(top):
        command = main.get_command(top, name)
        assert command is not None
        context = click.Context(command, parent=top, info_name=name, terminal_width=96)
        text += [f"## cartsim {name}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(text)


def measures() -> str:
    """One row for each registered measure, in the order in which results list them."""
    rows = ["| name | unit | meaning | over a period |", "|---|---|---|---|"]
    for name, measure in MEASURES.items():
        meaning = measure.meaning.replace("|", "\\|")
        rows.append(
            f"| `{name}` | {measure.unit} | {meaning} | {AGGREGATIONS[measure.aggregation]} |"
        )
    return "\n".join(rows)


MARKER = "<!-- made from the code -->"
FAMILIES_MARKER = "<!-- made from the code: distributions -->"
PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "reference/cli": {MARKER: commands},
    "reference/measures": {MARKER: measures},
    "reference/schema": {
        MARKER: schema,
        "<!-- made from the code: distributions -->": distributions,
    },
}
"""For each page its markers, and the function whose text replaces each."""
