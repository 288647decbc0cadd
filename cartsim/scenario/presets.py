"""What the shipped library holds: parts of scenarios that others extend."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cartsim.errors import UsageError
from cartsim.scenario.extends import LIBRARY, library_folder, library_names
from cartsim.scenario.part import nearest

PLACE = re.compile(r"Put it under (a product's market|a product|a plant|a contract)\b[^.:]*[.:]")
"""How the comment at the head of a file says where it belongs."""


@dataclass(frozen=True)
class Preset:
    """A file of the library: its name behind ``library/``, what it is put under in a scenario, and
    what it is."""

    name: str
    under: str
    about: str


def presets() -> list[Preset]:
    """All files of the library, by name."""
    return [_described(name, preset_text(name)) for name in library_names()]


def preset_text(name: str) -> str:
    """A file of the library as it is written; ``UsageError`` where there is none of that name."""
    bare = name.removeprefix(LIBRARY)
    if bare not in library_names():
        raise UsageError(f"the library has no {bare!r} ({nearest(bare, library_names())})")
    return (library_folder() / f"{bare}.yaml").read_text(encoding="utf-8")


def _described(name: str, text: str) -> Preset:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("#").strip())
    head = " ".join(lines)
    place = PLACE.search(head)
    about = head if place is None else head[: place.start()]
    return Preset(name, "" if place is None else place.group(1), about.strip())
