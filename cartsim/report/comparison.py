"""Scenarios side by side, told: paired differences, who is best, and the bridge between two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cartsim.analysis import comparison
from cartsim.analysis.comparison import Bridge, Comparison, Difference
from cartsim.analysis.evaluate import Progress, Wanted
from cartsim.report.arguments import as_scenario, as_scenarios, settings_of, texts
from cartsim.report.told import (
    Told,
    amount,
    changed,
    in_period,
    in_sentence,
    plainly,
    plus_minus,
    sentence,
    signed,
    source_of,
    unit_name,
)
from cartsim.report.wording import share
from cartsim.scenario.loaded import Loaded

USUAL = ("npv", "revenue", "operating_result", "infusions", "peak_funding")
"""Measures that are compared where none is named, over the whole run."""
LESS = ("cost", "lost", "lots_failed", "doses_expired", "peak_funding", "funding_gap", "waiting")
TWICE = 2.0
"""Standard errors from which on a difference is told as one."""


def compare(
    scenarios: Sequence[Loaded | str],
    measures: str | Sequence[str] = USUAL,
    *,
    lowest: bool | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Told:
    """Run scenarios on the same draws and tell how each differs from the first one.

    The first measure decides which is best: the one with the largest value, or with the smallest
    where ``lowest``; unless that is said, the smallest of days, costs and patients lost.
    ``settings`` are those of :class:`~cartsim.analysis.evaluate.Settings`.
    """
    wanted = [Wanted.parsed(text) for text in texts(measures)]
    given = as_scenarios(scenarios, "scenarios")
    found = comparison.compare(
        given,
        wanted,
        lowest=less_is_better(wanted[0].measure) if lowest is None else lowest,
        settings=settings_of(settings),
        progress=progress,
    )
    return told_comparison(found)


def told_comparison(found: Comparison) -> Told:
    """A comparison in words, as a table and as a picture."""
    base, *others = found.names
    headline = _headline(found)

    def draw() -> Any:
        from cartsim.report.comparison_pictures import comparison_picture

        title = found.scenarios[0].model.title
        seed = found.evaluated.seed
        return comparison_picture(
            found, headline, source_of(title, found.replications, seed, assumed=False)
        )

    rows: list[tuple[str, ...]] = []
    numbers: list[dict[str, Any]] = []
    for measure, column in enumerate(found.columns):
        first, first_se = found.evaluated.mean(0, measure)
        rows.append(
            (
                f"{in_period(column)}, {unit_name(column.unit)}",
                plus_minus(first, first_se, column.unit),
                "",
                "",
                "",
            )
        )
        for number, name in enumerate(others, 1):
            told = found.differences[measure][number - 1]
            mean, se = found.evaluated.mean(number, measure)
            rows.append(
                (
                    f"  {plainly(name)}",
                    plus_minus(mean, se, column.unit),
                    changed(told.mean, told.se, column.unit),
                    f"{signed(told.p5, column.unit)} to {signed(told.p95, column.unit)}",
                    share(told.larger),
                )
            )
            numbers.append(
                {
                    "measure": column.name,
                    "period": column.period,
                    "unit": column.unit,
                    "base": base,
                    "scenario": name,
                    "base_mean": first,
                    "base_se": first_se,
                    "mean": mean,
                    "se": se,
                    "difference": told.mean,
                    "difference_se": told.se,
                    "difference_p5": told.p5,
                    "difference_p95": told.p95,
                    "larger": told.larger,
                    "variance_ratio": told.worth,
                }
            )
    first_column = found.columns[0]
    choices = [
        {"scenario": name, "best": c.best, "regret": c.regret, "regret_se": c.se}
        for name, c in zip(found.names, found.choices, strict=True)
    ]
    best = "; ".join(
        f"{plainly(name)} {share(c.best)}, regret {plus_minus(c.regret, c.se, first_column.unit)}"
        for name, c in zip(found.names, found.choices, strict=True)
    )
    way = "smallest" if found.lowest else "largest"
    return Told(
        headline,
        f"scenarios compared with {in_sentence(base)}",
        ("", "mean", f"less {base}", "P5 to P95", "larger"),
        tuple(rows),
        tuple(numbers),
        (
            "Same draws in all scenarios; differences are those of the pairs, ± one standard "
            f"error from {found.replications:,} of them. Larger: in which share of the pairs.",
            *_worth(found),
            f"Probability of having the {way} {in_period(first_column)}, and mean regret "
            f"({unit_name(first_column.unit)}): {best}.",
        ),
        {
            "base": base,
            "scenarios": list(found.names),
            "replications": found.replications,
            "seed": found.evaluated.seed,
            "choices": choices,
            "assumptions": {
                name: [
                    {"path": c.path, "base": c.left, "scenario": c.right}
                    for c in found.changes(number)
                ]
                for number, name in enumerate(others, 1)
            },
        },
        found,
        draw,
    )


def bridge(
    first: Loaded | str,
    second: Loaded | str,
    measure: str = "npv",
    *,
    most: int = comparison.MOST_EXACT,
    groups: comparison.Bundles | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Told:
    """Which changes explain the difference between two scenarios, in whatever order (Shapley)."""
    first = as_scenario(first)
    found = comparison.bridge(
        first,
        as_scenario(second, first),
        Wanted.parsed(measure),
        most=most,
        groups=groups,
        settings=settings_of(settings),
        progress=progress,
    )
    return told_bridge(found, first.model.title)


def told_bridge(found: Bridge, title: str) -> Told:
    """A bridge in words, as a table and as a picture."""
    unit, what = found.column.unit, in_period(found.column)
    top = found.steps[0]
    headline = sentence(
        f"{what} goes from {amount(found.start, unit)} to {amount(found.finish, unit)} "
        f"{unit_name(unit)}: {named(top.name)} makes {signed(top.mean, unit)}"
        + (
            f", {named(found.steps[1].name)} {signed(found.steps[1].mean, unit)}"
            if found.steps[1:]
            else ""
        )
        + "."
    )

    def draw() -> Any:
        from cartsim.report.comparison_pictures import bridge_picture

        how = f"{found.runs} combinations of the changes, each with "
        return bridge_picture(
            found, headline, source_of(title, found.replications, found.seed, how, assumed=False)
        )

    return Told(
        headline,
        f"from {found.names[0]} to {found.names[1]}: {what}, {unit_name(unit)}",
        ("what changes", "from", "to", "makes", "±"),
        tuple(
            (
                named(step.name),
                _short(step.changes[0].left) if len(step.changes) == 1 else "",
                _short(step.changes[0].right) if len(step.changes) == 1 else "",
                signed(step.mean, unit),
                amount(step.se, unit),
            )
            for step in found.steps
        ),
        tuple(
            {
                "name": step.name,
                "changes": [{"path": c.path, "from": c.left, "to": c.right} for c in step.changes],
                "mean": step.mean,
                "se": step.se,
            }
            for step in found.steps
        ),
        (
            "Each step is the mean of what its change makes in every order in which the changes "
            f"can be made ({found.runs} combinations of {found.replications:,} replications); the "
            "steps add up to the difference.",
            *(
                f"{step.name}: {'; '.join(change.path for change in step.changes)}"
                for step in found.steps
                if len(step.changes) > 1
            ),
        ),
        {
            "measure": found.column.name,
            "period": found.column.period,
            "unit": unit,
            "from": found.names[0],
            "to": found.names[1],
            "start": found.start,
            "finish": found.finish,
            "replications": found.replications,
            "seed": found.seed,
            "runs": found.runs,
        },
        found,
        draw,
    )


def less_is_better(measure: str) -> bool:
    """Whether less of a measure is better: waits, costs, patients, lots and doses that are lost."""
    return measure.partition("@")[0].endswith("_days") or measure.startswith(LESS)


def _headline(found: Comparison) -> str:
    column = found.columns[0]
    unit, what = column.unit, in_period(column)
    if len(found.names) > 2:
        best = max(range(len(found.names)), key=lambda i: found.choices[i].best)
        way = "smallest" if found.lowest else "largest"
        return sentence(
            f"{in_sentence(found.names[best])} has the {way} {what} with a probability of "
            f"{share(found.choices[best].best)}."
        )
    told = found.differences[0][0]
    base, other = map(in_sentence, found.names)
    if told.mean == 0 and told.se == 0:
        return sentence(f"{other} has the same {what} as {base} in every replication.")
    if not abs(told.mean) > TWICE * told.se:
        return sentence(
            f"{other} cannot be told from {base} in {what}: "
            f"{changed(told.mean, told.se, unit)} {unit_name(unit)}."
        )
    more = "more" if told.mean > 0 else "less"
    return sentence(
        f"{other} has {plus_minus(abs(told.mean), told.se, unit)} "
        f"{unit_name(unit)} {more} {what} than {base}; it is larger in {share(told.larger)} of the "
        "replications."
    )


def _worth(found: Comparison) -> list[str]:
    """How many times more replications independent runs would take."""
    told: list[Difference] = [d for entry in found.differences[:1] for d in entry]
    known = [d.worth for d in told if math.isfinite(d.worth)]
    if not known or max(known) < TWICE:
        return []
    times = f"{max(known):,.0f}" if max(known) >= 10 else f"{max(known):.1f}"
    return [
        f"Independent runs would take up to {times} times as many replications to tell the "
        f"difference in {in_period(found.columns[0])} as well."
    ]


def _short(text: str | None) -> str:
    if text is None:
        return "(nothing)"
    return text if len(text) <= 40 else f"{text[:37]}..."


def named(path: str) -> str:
    """What a step changes: the end of its path, in words."""
    return " ".join(path.split(".")[-2:]).replace("_", " ")
