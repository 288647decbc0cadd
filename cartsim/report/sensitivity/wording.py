"""What the tables of all sensitivity analyses say alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cartsim.analysis.groups import Group
from cartsim.analysis.inputs import Input
from cartsim.report.told import ASSUMED, said
from cartsim.report.wording import listed
from cartsim.scenario.loaded import Loaded


def group_name(group: Group) -> str:
    """A group as tables and pictures name it: marked where one of its inputs is an assumption."""
    if len(group.inputs) == 1:
        return said(group.inputs[0])
    marked = any(not each.sourced for each in group.inputs)
    return group.name + (f" {ASSUMED}" if marked else "")


def input_facts(found: Input) -> dict[str, Any]:
    """What tells an input, for tables of numbers."""
    return {
        "path": found.path,
        "input": found.label,
        "unit": found.unit,
        "assumption": not found.sourced,
    }


def column_facts(found: Any) -> dict[str, Any]:
    """What was measured, from how many replications."""
    column = found.column
    return {
        "measure": column.name,
        "period": column.period,
        "unit": column.unit,
        "replications": found.replications,
        "seed": found.seed,
    }


def compared(what: str, against: str | None) -> str:
    """A measure, or its difference to that of another scenario."""
    return what if against is None else f"{what} less that of {against.replace('_', ' ')}"


def title_of(loaded: Loaded) -> str:
    """A scenario and its variant."""
    return loaded.model.title + (f", {loaded.variant}" if loaded.variant else "")


def percent(value: float) -> str:
    """A share with as many digits as it is worth."""
    return "-" if np.isnan(value) else f"{value:.1%}" if abs(value) < 0.1 else f"{value:.0%}"


def spans_of_years(periods: Sequence[str]) -> str:
    """Years that follow each other as spans: ``2024 to 2026 and 2030``."""
    runs: list[list[str]] = []
    for period in periods:
        if runs and int(runs[-1][-1]) + 1 == int(period):
            runs[-1].append(period)
        else:
            runs.append([period])
    return listed([f"{run[0]} to {run[-1]}" if len(run) > 1 else run[0] for run in runs], 9)


def unreached_note(names: Sequence[str], what: str) -> list[str]:
    """What cannot reach a measure, where there is such a thing."""
    return [f"Cannot reach {what}: {'; '.join(names)}."] if names else []


def coupled_note(found: Sequence[Input], regression: bool = False) -> list[str]:
    """What holds for inputs that move together."""
    if not found:
        return []
    names = "; ".join(each.label for each in found)
    if regression:
        return [f"Move together with other inputs, so that importance is shared: {names}."]
    return [
        f"Move together with other inputs, which stayed as they were drawn: {names}. "
        "Sobol' indices take them as one group."
    ]
