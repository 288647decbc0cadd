"""What the models' docstrings say about each key, for the schema and for ``explain``."""

from __future__ import annotations

import ast
import inspect
from functools import cache

from cartsim.scenario.part import Part


@cache
def meanings(part: type[Part]) -> dict[str, str]:
    """The docstring below each field of a part, by field name; fields without one are left out."""
    return _classes(inspect.getfile(part)).get(part.__name__, {})


@cache
def _classes(file: str) -> dict[str, dict[str, str]]:
    with open(file, encoding="utf-8") as source:  # noqa: PTH123
        module = ast.parse(source.read())
    found: dict[str, dict[str, str]] = {}
    for node in module.body:
        if not isinstance(node, ast.ClassDef):
            continue
        fields = found.setdefault(node.name, {})
        for field, following in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
                and isinstance(following.value.value, str)
            ):
                fields[field.target.id] = inspect.cleandoc(following.value.value)
    return found
