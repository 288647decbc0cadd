"""The scenarios that come with cartsim: found in an installed package and in a checkout."""

from __future__ import annotations

from pathlib import Path

import cartsim
from cartsim.errors import UsageError

PACKAGE = Path(cartsim.__file__).parent
STARTER = "starter"
"""The small commented scenario to start from."""


def shipped() -> dict[str, Path]:
    """Files of the shipped scenarios by name; the starter comes first."""
    found = {STARTER: PACKAGE / "cli" / "starter.yaml"}
    installed = PACKAGE / "shipped_scenarios"
    folder = installed if installed.is_dir() else PACKAGE.parent / "scenarios"
    return {**found, **{file.stem: file for file in sorted(folder.glob("*.yaml"))}}


def shipped_text(name: str) -> str:
    """The text of a shipped scenario; raises ``UsageError`` that lists them for another name."""
    scenarios = shipped()
    if name not in scenarios:
        raise UsageError(f"there is no shipped scenario {name!r}; there are {', '.join(scenarios)}")
    return scenarios[name].read_text(encoding="utf-8")
