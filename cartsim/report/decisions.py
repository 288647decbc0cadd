"""Aim seek and optimisation, told."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from cartsim.analysis import optimise as levers_of
from cartsim.analysis import seek as seeking
from cartsim.analysis.inputs import money_of
from cartsim.analysis.levers import Aim, Lever, parsed_aims
from cartsim.analysis.optimum import Candidate, Optimum
from cartsim.analysis.statistic import Condition
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.report.arguments import as_scenario, number_of, settings_of, texts
from cartsim.report.told import (
    SHARES,
    Told,
    amount,
    in_words,
    plainly,
    plus_minus,
    sentence,
    source_of,
    unit_name,
)
from cartsim.report.wording import plural
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.parameters import quantities

SHOWN = 12
"""Candidates in the table; the numbers have all."""


def seek(
    scenario: Loaded | str,
    path: str,
    low: float | str,
    high: float | str,
    condition: str,
    *,
    whole: bool = False,
    progress: Callable[[int, int], None] | None = None,
    **settings: Any,
) -> Told:
    """Find the value of a number at which a statistic is what it is to be, such as
    ``"P(npv > 0) = 80%"``; only whole numbers with ``whole``."""
    scenario = as_scenario(scenario)
    if not isinstance(condition, str) or not isinstance(path, str):
        raise UsageError("seek(scenario, path, low, high, condition): path and condition are texts")
    wanted = Condition.parsed(condition)
    found = seeking.seek(
        scenario,
        path,
        number_of(low, "low"),
        number_of(high, "high"),
        wanted,
        whole=whole,
        settings=settings_of(settings),
        progress=progress,
    )
    statistic, unit = wanted.statistic, _unit_at(scenario, path)
    what = in_words(statistic, found.column)
    label = _label(path)
    between = (
        ""
        if math.isnan(found.low) or found.low == found.high
        else f" (95% interval {_value(found.low, unit)} to {_value(found.high, unit)})"
    )
    headline = sentence(
        f"{what} is {statistic.told(found.statistic)} where {label} is "
        f"{_value(found.value, unit)}{_named(unit, '')}{between}; the target is "
        f"{statistic.told(wanted.target)}."
    )
    if whole:
        below = [t for t in found.tried if t.value < found.value]
        if below:
            headline = (
                headline[:-1]
                + f", and at {_value(below[-1].value, unit)} it is "
                + (f"{statistic.told(below[-1].statistic)}.")
            )

    def draw() -> Any:
        from cartsim.report.decision_pictures import seek_picture

        title = scenario.model.title
        return seek_picture(
            found,
            headline,
            source_of(title, found.replications, found.seed, assumed=False),
            unit,
        )

    others = ", ".join(_value(value, unit) for value in found.others)
    return Told(
        headline,
        f"{what} over {path}",
        (
            label + _named(unit),
            str(statistic)
            + ("" if statistic.is_probability else f", {unit_name(found.column.unit)}"),
            "±",
        ),
        tuple(
            (
                _value(t.value, unit) + (" <" if t.value == found.value else ""),
                statistic.told(t.statistic),
                statistic.told(t.se),
            )
            for t in found.tried
        ),
        tuple({"value": t.value, "statistic": t.statistic, "se": t.se} for t in found.tried),
        (
            f"All values meet the same draws of {found.replications:,} replications. The interval "
            "is where the statistic lies within 1.96 standard errors of the target.",
            *([f"The statistic crosses the target again near {others}."] if others else []),
        ),
        {
            "path": path,
            "condition": str(wanted),
            "value": found.value,
            "statistic": found.statistic,
            "se": found.se,
            "low": found.low,
            "high": found.high,
            "others": list(found.others),
            "replications": found.replications,
            "seed": found.seed,
        },
        found,
        draw,
    )


def optimise(
    scenario: Loaded | str,
    levers: str | Sequence[str],
    maximise: str | Sequence[str] = (),
    minimise: str | Sequence[str] = (),
    subject_to: str | Sequence[str] = (),
    *,
    futures: str | Sequence[str] = (),
    trials: int = levers_of.TRIALS,
    progress: Callable[[int, int], None] | None = None,
    **settings: Any,
) -> Told:
    """Set levers (``"PATH=LOW:HIGH[:STEP]"`` or ``"PATH=VALUE,VALUE"``) so that one statistic, or
    two, become as large (``maximise``) or as small (``minimise``) as they can under conditions.

    ``futures`` are variants that may come true; the robust choice regrets least over them.
    """
    scenario = as_scenario(scenario)
    found = levers_of.optimise(
        scenario,
        [Lever.parsed(text) for text in texts(levers)],
        parsed_aims(texts(maximise), texts(minimise)),
        [Condition.parsed(text) for text in texts(subject_to)],
        futures=texts(futures),
        trials=trials,
        settings=settings_of(settings),
        progress=progress,
    )
    return told_optimum(found, scenario.model.title)


def told_optimum(found: Optimum, title: str) -> Told:
    """An optimum in words, as a table and as a picture."""
    headline = _headline(found)

    def draw() -> Any:
        from cartsim.report.decision_pictures import optimum_picture

        how = f"{len(found.candidates)} candidates of "
        return optimum_picture(
            found, headline, source_of(title, found.replications, found.seed, how, assumed=False)
        )

    first = found.columns[0].unit
    regret = "regret" if found.futures else "regret, P95"
    header = (
        *(name_of(lever) for lever in found.levers),
        *(
            str(goal.statistic) + _unit(goal, column, ",")
            for goal, column in zip(found.goals, found.columns, strict=True)
        ),
        "behind",
        regret,
        *(str(condition.statistic) for condition in found.constraints),
        "",
    )
    shown = found.front if len(found.goals) > 1 and found.front else found.candidates[:SHOWN]
    marks = {id(found.best): "best", id(found.robust): "least regret"} if found.best else {}
    if found.best is found.robust and found.best is not None:
        marks = {id(found.best): "best, least regret"}
    alike = {id(candidate) for candidate in found.alike}
    close = {id(candidate) for candidate in found.close}
    return Told(
        headline,
        "candidates that no other one beats in both goals"
        if shown is not found.candidates and len(found.goals) > 1
        else "candidates, the best first",
        header,
        tuple(
            (
                *(said(value) for value in candidate.setting.values()),
                *_goals(found, candidate),
                _behind(found.goals[0], candidate, first),
                found.goals[0].statistic.told(candidate.regret),
                *(
                    condition.statistic.told(value)
                    for condition, value in zip(
                        found.constraints, candidate.constraints, strict=True
                    )
                ),
                marks.get(id(candidate))
                or ("within chance" if id(candidate) in alike else "")
                or ("within 1%" if id(candidate) in close else "")
                or ("" if candidate.feasible else "breaks a condition"),
            )
            for candidate in shown
        ),
        tuple(_numbers(found, candidate) for candidate in found.candidates),
        tuple(_notes(found)),
        {
            "goals": [
                f"{'largest' if goal.largest else 'smallest'} {goal.statistic}"
                for goal in found.goals
            ],
            "constraints": [str(condition) for condition in found.constraints],
            "futures": list(found.futures),
            "exhaustive": found.exhaustive,
            "best": None if found.best is None else dict(found.best.setting),
            "least_regret": None if found.robust is None else dict(found.robust.setting),
            "near_optimal": [dict(candidate.setting) for candidate in found.alike],
            "replications": found.replications,
            "seed": found.seed,
            "refused": list(found.refused),
        },
        found,
        draw,
    )


def name_of(lever: Lever) -> str:
    """The last names of a lever's path."""
    return " ".join(lever.path.split(".")[-2:]).replace("_", " ")


def said(value: str) -> str:
    """The value of a lever as people read it."""
    if value == "-":
        return "as written"
    try:
        return _value(float(value))
    except ValueError:
        return plainly(value)


def setting_of(candidate: Candidate) -> str:
    """All levers of a candidate: ``price list 1.20m, capacity 8``."""
    return ", ".join(
        f"{' '.join(path.split('.')[-2:]).replace('_', ' ')} {said(value)}"
        for path, value in candidate.setting.items()
    )


def _headline(found: Optimum) -> str:
    best = found.best
    goal = found.goals[0]
    way = "largest" if goal.largest else "smallest"
    tried = "all" if found.exhaustive else f"{len(found.candidates)}"
    if best is None:
        broken = " and ".join(str(condition) for condition in found.constraints)
        return f"No candidate of {tried} tried meets {broken}."
    unit = _unit(goal, found.columns[0])
    text = (
        f"{in_words(goal.statistic, found.columns[0])} is {way} at {setting_of(best)}: "
        f"{_goals(found, best)[0]}{unit}"
    )
    if len(found.goals) > 1:
        text += f"; {plural(len(found.front), 'candidate is', 'candidates are')} beaten by no other"
    elif found.alike:
        text += f"; within chance of it {_others(len(found.alike))}"
    if len(found.goals) == 1 and found.close:
        text += f", within 1% {len(found.close)} more"
    return sentence(f"{text}.")


def _unit(goal: Aim, column: Column, joint: str = "") -> str:
    return "" if goal.statistic.is_probability else f"{joint} {unit_name(column.unit)}"


def _others(number: int) -> str:
    return plural(number, "other", "others")


def _goals(found: Optimum, candidate: Candidate) -> list[str]:
    return [
        plus_minus(value, se, "share" if goal.statistic.is_probability else column.unit)
        for goal, column, (value, se) in zip(
            found.goals, found.columns, candidate.goals, strict=True
        )
    ]


def _behind(goal: Aim, candidate: Candidate, unit: str) -> str:
    if goal.statistic.is_probability:
        return f"{candidate.behind * 100:.1f} ± {candidate.behind_se * 100:.1f} points"
    return plus_minus(candidate.behind, candidate.behind_se, unit)


def _numbers(found: Optimum, candidate: Candidate) -> dict[str, Any]:
    told: dict[str, Any] = dict(candidate.setting)
    for goal, (value, se) in zip(found.goals, candidate.goals, strict=True):
        told[str(goal.statistic)] = value
        told[f"{goal.statistic} se"] = se
    for condition, value in zip(found.constraints, candidate.constraints, strict=True):
        told[str(condition.statistic)] = value
    return {
        **told,
        "feasible": candidate.feasible,
        "behind": candidate.behind,
        "behind_se": candidate.behind_se,
        "regret": candidate.regret,
    }


def _notes(found: Optimum) -> list[str]:
    how = (
        "Every combination of the levers was tried"
        if found.exhaustive
        else f"{len(found.candidates)} settings were tried by a search; another number of trials "
        "may find better ones"
    )
    notes = [
        f"{how}, all on the same draws of {found.replications:,} replications. Behind: how far the "
        "first goal lies behind the best, ± one standard error, of means and probabilities that of "
        "the pairs; within chance: by less than 1.96 of them."
    ]
    if found.futures:
        notes.append(
            "Regret: the largest shortfall behind the best candidate, as things are or under "
            f"{', '.join(found.futures)}."
        )
    else:
        notes.append(
            "Regret, P95: the shortfall behind the best candidate of each replication that is "
            "exceeded in 5% of them."
        )
    if found.refused:
        notes.append(
            f"{plural(len(found.refused), 'setting makes', 'settings make')} no scenario; the "
            f"first: {found.refused[0]}"
        )
    if len(found.candidates) > SHOWN:
        notes.append(f"{len(found.candidates)} candidates in all; the saved table has them.")
    return notes


def _value(value: float, unit: str = "") -> str:
    """A number of a scenario; shares and rates as percentages of three digits."""
    if unit in SHARES:
        return f"{value * 100:.3g}%"
    return amount(value, unit) if abs(value) >= 1e6 else f"{value:,.6g}"


def _label(path: str) -> str:
    return " ".join(path.split(".")[-2:]).replace("_", " ")


def _named(unit: str, joint: str = ",") -> str:
    """The unit of a number behind it; shares have theirs already."""
    return "" if unit in SHARES or not unit else f"{joint} {unit_name(unit)}"


def _unit_at(scenario: Loaded, path: str) -> str:
    """The unit of the number at a path, money in its currency."""
    found = next((q for q in quantities(scenario.model) if q.path == path), None)
    if found is None:
        return ""
    currency = money_of(scenario.model, path)
    return currency if found.unit == "money" else found.unit.replace("money", currency)
