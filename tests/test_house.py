"""The house rules as tests: the one test command also judges the source itself."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cartsim"
MODULES = sorted(PACKAGE.rglob("*.py"))
ADRS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))

THIRD_PARTY: dict[str, set[str]] = {
    "": set(),
    "errors": set(),
    "units": {"numpy"},
    "compiled": {"numba", "numpy"},
    "distributions": {"numpy", "scipy"},
    "scenario": {"numpy", "pydantic", "pydantic_core", "yaml"},
    "sampling": {"numpy", "scipy"},
    "sampling/places": {"llvmlite", "numba", "numpy"},
    "demand": {"numpy", "scipy"},
    "simulation": {"numpy"},
    "simulation/fast": {"numba", "numpy"},
    "simulation/reference": {"numpy", "simpy"},
    "simulation/trace": {"numpy", "pandas", "pyarrow"},
    "economics": {"numpy", "scipy"},
    "economics/valuation": {"numpy", "pyxirr"},
    "measures": {"numpy"},
    "montecarlo": {"numpy", "pandas", "pyarrow"},
    "montecarlo/cluster": {"dask", "distributed"},
    "montecarlo/storage": {"filelock"},
    "analysis": {"numpy", "pandas", "scipy"},
    "analysis/ranking": {"SALib", "numpy", "scipy"},
    "analysis/screening": {"SALib", "numpy"},
    "analysis/variance": {"SALib", "numpy"},
    "report": {"matplotlib", "numpy", "pandas", "rich"},
    "cli": {"click", "rich"},
    "__main__": set(),
}
"""What each layer may import from outside; the longest matching entry counts."""

HEAVY = ("matplotlib", "numba", "pandas", "pyarrow", "pydantic", "scipy", "simpy")
"""Not needed to say ``import cartsim``, so not loaded by it."""


def name(module: Path) -> str:
    """``simulation/reference/engine`` for a file of the package."""
    inside = module.relative_to(PACKAGE).with_suffix("").as_posix()
    return inside.removesuffix("__init__").rstrip("/")


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that is imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def third_party_allowed(layer: str) -> set[str]:
    """The entry of ``THIRD_PARTY`` for a module: its own, else that of the folder above it."""
    while layer not in THIRD_PARTY and "/" in layer:
        layer = layer.rpartition("/")[0]
    return THIRD_PARTY[layer]


def foreign(tree: ast.AST, layer: str) -> list[str]:
    """Imports of third parties that a layer is not allowed."""
    known = sys.stdlib_module_names | {"cartsim", "__future__"} | third_party_allowed(layer)
    return [f"{line}: {full}" for line, full in imported(tree) if full.split(".")[0] not in known]


def generators(tree: ast.AST) -> list[str]:
    """Uses of a random generator: ``random`` or ``numpy.random``, imported or as an attribute."""
    found = [
        f"{line}: {full}"
        for line, full in imported(tree)
        if re.match(r"(random|secrets|numpy\.random)(\.|$)", full)
    ]
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "random"
            and isinstance(node.value, ast.Name)
            and node.value.id in {"np", "numpy"}
        ):
            found.append(f"{node.lineno}: {node.value.id}.random")
    return found


def run(*command: str) -> None:
    """Run a tool of this environment over the repository; its output is the failure's message."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def test_ruff_finds_nothing() -> None:
    run("-m", "ruff", "check", ".")


def test_every_file_is_formatted() -> None:
    run("-m", "ruff", "format", "--check", ".")


def test_types_are_strict() -> None:
    run("-m", "mypy")


def test_layers_import_only_downwards() -> None:
    run("-c", "from importlinter.cli import lint_imports_command as lint; lint()")


def test_third_parties_stay_in_their_layer() -> None:
    assert MODULES
    found = [
        f"{module.relative_to(ROOT)}:{use}"
        for module in MODULES
        for use in foreign(ast.parse(module.read_text(encoding="utf-8")), name(module))
    ]
    assert not found, "\n".join(found)


def test_randomness_is_made_in_sampling_only() -> None:
    found = [
        f"{module.relative_to(ROOT)}:{use}"
        for module in MODULES
        if not name(module).startswith("sampling/")
        for use in generators(ast.parse(module.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "import numpy.random as r",
        "from numpy import random",
        "from numpy.random import default_rng",
        "import numpy as np\ndef f():\n    return np.random.default_rng(1)",
    ],
)
def test_no_way_to_a_generator_is_overlooked(source: str) -> None:
    assert generators(ast.parse(source))


def test_a_foreign_import_inside_a_function_is_seen() -> None:
    inside = ast.parse("def f():\n    import simpy")
    assert foreign(inside, "economics/statement") == ["2: simpy"]
    assert foreign(inside, "simulation/reference/engine") == []


def test_modules_hold_one_idea() -> None:
    lengths = {m: len(m.read_text(encoding="utf-8").splitlines()) for m in MODULES}
    long = [f"{m.relative_to(ROOT)}: {n} lines" for m, n in lengths.items() if n > 400]
    assert not long, "\n".join(long)


def test_modules_are_named_after_what_they_hold() -> None:
    vague = re.compile(
        r"(utils?|helpers?|common|managers?|misc)(_|$)|_(utils?|helpers?|managers?)$"
    )
    found = [m for m in MODULES if vague.search(m.stem) or vague.match(m.parent.name)]
    assert not found


def test_importing_cartsim_loads_nothing_heavy() -> None:
    code = "import json, sys; import cartsim; print(json.dumps(sorted(sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert not set(HEAVY) & set(json.loads(shown.stdout))


@pytest.mark.parametrize("adr", ADRS, ids=lambda path: path.stem)
def test_a_decision_says_why(adr: Path) -> None:
    headings = [
        line for line in adr.read_text(encoding="utf-8").splitlines() if line.startswith("## ")
    ]
    assert headings == ["## Context", "## Decision", "## Consequences"]


def test_decisions_are_numbered_once() -> None:
    numbers = [int(adr.name[:4]) for adr in ADRS]
    assert numbers == list(range(1, len(numbers) + 1))
