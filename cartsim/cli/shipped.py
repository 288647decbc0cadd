"""The scenarios that come with cartsim: found in an installed package and in a checkout."""

from __future__ import annotations

import re
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


def extended_by(text: str) -> list[str]:
    """Names of the shipped scenarios that the text of a scenario extends, as files beside it."""
    found = re.findall(r"^extends: (?:\[)?([a-z0-9_]+)\.yaml", text, flags=re.MULTILINE)
    return [name for name in found if name in shipped()]


def shipped_text(name: str) -> str:
    """The text of a shipped scenario; raises ``UsageError`` that lists them for another name."""
    scenarios = shipped()
    if name not in scenarios:
        raise UsageError(f"there is no shipped scenario {name!r}; there are {', '.join(scenarios)}")
    return scenarios[name].read_text(encoding="utf-8")
