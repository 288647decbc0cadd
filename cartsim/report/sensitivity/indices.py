"""Sobol' indices and Morris's elementary effects, told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cartsim.analysis import screening, variance
from cartsim.analysis.evaluate import Progress, Wanted
from cartsim.analysis.groups import CHANCE
from cartsim.report.arguments import as_scenario, settings_of, texts
from cartsim.report.sensitivity.wording import (
    column_facts,
    group_name,
    percent,
    title_of,
    unreached_note,
)
from cartsim.report.told import (
    Told,
    amount,
    assumed_note,
    in_period,
    sentence,
    signed,
    source_of,
    unit_name,
)
from cartsim.scenario.loaded import Loaded

WIDE = 0.1
"""Half-width of an interval that is worth a remark."""


def sobol(
    scenario: Loaded | str,
    measure: str = "npv",
    inputs: str | Sequence[str] = (),
    *,
    base: int = 512,
    groups: Mapping[str, Sequence[str]] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Told:
    """Which inputs make the variance of a measure: first and total Sobol' indices of each group,
    and of what merely varies."""
    scenario = as_scenario(scenario)
    found = variance.sobol(
        scenario,
        Wanted.parsed(measure),
        base,
        texts(inputs),
        groups,
        settings=settings_of(settings),
        progress=progress,
    )
    what = in_period(found.column)
    top = found.indices[0]
    luck = next(index for index in found.indices if index.group.name == CHANCE)
    headline = (
        f"{top.group.name} makes {percent(top.first)} ± {percent(top.first_ci)} of the variance of "
        f"{what} alone; what merely varies makes {percent(luck.first)} ± {percent(luck.first_ci)}."
        if top is not luck
        else f"What merely varies makes {percent(top.first)} ± {percent(top.first_ci)} of the "
        f"variance of {what}: no data "
        "on the inputs would narrow it much."
    )

    headline = sentence(headline)

    def draw() -> Any:
        from cartsim.report.sensitivity.pictures import sobol_picture

        how = f"A sample of {found.base:,} and "
        return sobol_picture(
            found,
            headline,
            source_of(title_of(scenario), found.replications, found.seed, how),
        )

    members = [each for index in found.indices for each in index.group.inputs]
    reached = [index for index in found.indices if index.group not in found.unreached]
    return Told(
        headline,
        f"shares of the variance of {what}",
        ("input or group", "alone", "±", "with interactions", "±"),
        tuple(
            (
                group_name(index.group),
                percent(index.first),
                percent(index.first_ci),
                percent(index.total),
                percent(index.total_ci),
            )
            for index in reached
        ),
        tuple(
            {
                "group": index.group.name,
                "paths": [each.path for each in index.group.inputs],
                "first": index.first,
                "first_ci": index.first_ci,
                "total": index.total,
                "total_ci": index.total_ci,
                "reaches": index.group not in found.unreached,
            }
            for index in found.indices
        ),
        (
            f"Sobol' indices by SALib from {found.replications:,} replications; ± is half the "
            "width of the 95% interval. Alone: how much the variance would fall if it were "
            "known; with interactions: what would be left if all else were known.",
            *_rough(found),
            *(f"{index.group.name}: {index.group.why}" for index in reached if index.group.why),
            *assumed_note(members),
            *unreached_note([group.name for group in found.unreached], what),
        ),
        {"method": "sobol", **column_facts(found), "base": found.base, "variance": found.variance},
        found,
        draw,
    )


def morris(
    scenario: Loaded | str,
    measure: str = "npv",
    inputs: str | Sequence[str] = (),
    *,
    trajectories: int = 64,
    groups: Mapping[str, Sequence[str]] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Told:
    """Which of many inputs matter at all: Morris's elementary effects."""
    scenario = as_scenario(scenario)
    found = screening.morris(
        scenario,
        Wanted.parsed(measure),
        trajectories,
        texts(inputs),
        groups,
        settings=settings_of(settings),
        progress=progress,
    )
    unit = found.column.unit
    what = in_period(found.column)
    top = found.effects[0]
    negligible = sum(effect.mu_star < 0.01 * top.mu_star for effect in found.effects)
    headline = (
        f"{top.group.name} moves {what} most, by {amount(top.mu_star, unit)} {unit_name(unit)} "
        f"from its P5 to its P95; {negligible} of {len(found.effects)} inputs or groups move it by "
        "less than a hundredth of that."
    )

    headline = sentence(headline)

    def draw() -> Any:
        from cartsim.report.sensitivity.pictures import morris_picture

        how = f"{found.trajectories:,} trajectories, "
        return morris_picture(
            found,
            headline,
            source_of(title_of(scenario), found.replications, found.seed, how),
        )

    reached = [effect for effect in found.effects if effect.group not in found.unreached]
    return Told(
        headline,
        f"elementary effects on {what}, {unit_name(unit)}",
        ("input or group", "mean size", "±", "mean", "spread"),
        tuple(
            (
                group_name(effect.group),
                amount(effect.mu_star, unit),
                amount(effect.mu_star_ci, unit),
                signed(effect.mu, unit),
                amount(effect.sigma, unit),
            )
            for effect in reached
        ),
        tuple(
            {
                "group": effect.group.name,
                "paths": [each.path for each in effect.group.inputs],
                "mu_star": effect.mu_star,
                "mu_star_ci": effect.mu_star_ci,
                "mu": effect.mu,
                "sigma": effect.sigma,
                "reaches": effect.group not in found.unreached,
            }
            for effect in found.effects
        ),
        (
            f"Effect of an input's whole range (P5 to P95) by SALib from {found.replications:,} "
            "replications; ± is half the width of the 95% interval. A spread as large as the mean "
            "size means that the effect depends on other inputs.",
            *(f"{effect.group.name}: {effect.group.why}" for effect in reached if effect.group.why),
            *assumed_note([each for effect in reached for each in effect.group.inputs]),
            *unreached_note([group.name for group in found.unreached], what),
        ),
        {"method": "morris", **column_facts(found), "trajectories": found.trajectories},
        found,
        draw,
    )


def _rough(found: variance.Indices) -> list[str]:
    """What to do about wide intervals."""
    widest = max(index.first_ci for index in found.indices)
    if not widest > WIDE:
        return []
    return [
        f"The widest interval is ± {percent(widest)}: a larger base (it is {found.base:,} now) "
        "tells more; below 0 or more alone than with interactions is such chance."
    ]
