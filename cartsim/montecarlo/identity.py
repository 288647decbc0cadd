"""Which run a folder holds: what its numbers follow from, and which program made them."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cartsim
from cartsim.montecarlo.block import block_size
from cartsim.montecarlo.task import Task
from cartsim.scenario.loaded import Loaded

LIBRARIES = ("numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "simpy")
"""Whose versions a manifest records."""
ASKED = ("hash", "seed", "engine", "periods", "block")
"""What a run was asked for: another run where one of them differs."""


def manifest(loaded: Loaded, task: Task, replications: int) -> dict[str, Any]:
    """What was run, and with what."""
    return {
        "scenario": loaded.path,
        "variant": loaded.variant,
        "overrides": {path: str(value) for path, value in loaded.overrides.items()},
        "files": list(loaded.files),
        "hash": loaded.hash,
        "seed": task.seed,
        "replications": replications,
        "block": block_size(loaded.model),
        "engine": task.engine,
        "periods": list(task.kinds),
        "program": program(),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """The versions of what computes."""
    return {
        "cartsim": version("cartsim"),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def run_key(manifest: Mapping[str, Any]) -> str:
    """What every block's file carries: a hash of all that its numbers follow from."""
    content = {name: manifest[name] for name in (*ASKED, "program", "versions")}
    text = json.dumps(content, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """How another run differs from this one, in words; empty if it was asked for the same."""
    named = {"hash": "scenario", "periods": "kept periods"}
    found = []
    for name in ASKED:
        if old.get(name) != new[name]:
            given, wanted = _shown(name, old.get(name)), _shown(name, new[name])
            found.append(f"its {named.get(name, name)} is {given}, not {wanted}")
    return found


def _shown(name: str, value: object) -> str:
    if name == "hash":
        return str(value)[:8]
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@cache
def program() -> str:
    """A hash of this package's sources: a development version says little about what it does."""
    root = Path(cartsim.__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for source in sorted(root.rglob("*.py")):
        digest.update(source.relative_to(root).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()
