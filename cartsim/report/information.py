"""What better knowledge is worth, told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cartsim.analysis import information
from cartsim.analysis.evaluate import Progress, Wanted
from cartsim.analysis.information import Information, Worth
from cartsim.report.arguments import as_scenarios, settings_of, texts
from cartsim.report.told import (
    ASSUMED,
    Told,
    assumed_note,
    in_period,
    in_sentence,
    plainly,
    plus_minus,
    sentence,
    source_of,
    unit_name,
)
from cartsim.report.wording import share
from cartsim.scenario.loaded import Loaded

SHOWN = 15


def value_of_information(
    options: Sequence[Loaded | str],
    measure: str = "npv",
    inputs: str | Sequence[str] = (),
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    samples: Mapping[str, int] | None = None,
    lowest: bool = False,
    progress: Progress | None = None,
    **settings: Any,
) -> Told:
    """What it is worth to know inputs, or to try something so many times, before choosing among
    scenarios by the mean of a measure."""
    given = as_scenarios(options, "options")
    found = information.value_of_information(
        given,
        Wanted.parsed(measure),
        texts(inputs),
        groups,
        samples,
        lowest=lowest,
        settings=settings_of(settings),
        progress=progress,
    )
    return told_information(found, given[0].model.title)


def told_information(found: Information, title: str) -> Told:
    """Values of information in words, as a table and as a picture."""
    unit, what = found.column.unit, in_period(found.column)
    chosen = in_sentence(found.options[found.chosen])
    best = max((*found.samples, *found.singles), key=lambda worth: worth.value, default=None)
    headline = (
        f"Without more knowledge {chosen} is the choice by {what}; to know everything that is "
        f"uncertain, luck included, would be worth "
        f"{plus_minus(found.everything.value, found.everything.se, unit)} {unit_name(unit)}"
    )
    if best is not None and best.value > 0:
        headline += (
            f", {best.name} alone {plus_minus(best.value, best.se, unit)}: it "
            f"would change the choice in {share(best.changes)} of the cases."
        )
    else:
        headline += ", and no single input would change the choice."
    worths = (
        ("everything", found.everything),
        ("all inputs", found.inputs),
        *(("group", worth) for worth in found.groups),
        *(("experiment", worth) for worth in found.samples),
        *(("input", worth) for worth in found.singles),
    )
    shown = [(k, w) for k, w in worths if k != "input" or w.value > 0][: SHOWN + 6]
    nothing = sum(worth.value == 0 for worth in found.singles)
    headline = sentence(headline)

    def draw() -> Any:
        from cartsim.report.information_pictures import information_picture

        return information_picture(
            found, headline, source_of(title, found.replications, found.seed)
        )

    means = "; ".join(
        f"{plainly(name)} {plus_minus(mean, se, unit)}"
        for name, (mean, se) in zip(found.options, found.means, strict=True)
    )
    return Told(
        headline,
        f"worth of knowing before the choice, {unit_name(unit)}",
        ("what is known", "", "worth ±", "changes the choice"),
        tuple(
            (
                name_of(worth),
                kind if kind not in ("everything", "all inputs") else "",
                plus_minus(worth.value, worth.se, unit),
                share(worth.changes),
            )
            for kind, worth in shown
        ),
        tuple(
            {
                "kind": kind,
                "name": worth.name,
                "paths": [each.path for each in worth.inputs] if kind != "all inputs" else [],
                "trials": worth.size,
                "value": worth.value,
                "se": worth.se,
                "changes_choice": worth.changes,
            }
            for kind, worth in worths
        ),
        (
            f"Mean of {what}: {means}; {unit_name(unit)}.",
            "Partial values by regression on the same draws, ± one standard error; what an input "
            "is worth is at most what its group is, and that what everything is.",
            *(
                [f"{nothing} inputs are worth nothing: they would not change it."]
                if nothing
                else []
            ),
            *assumed_note([each for worth in found.singles for each in worth.inputs]),
        ),
        {
            "measure": found.column.name,
            "period": found.column.period,
            "unit": unit,
            "options": [
                {"name": name, "mean": mean, "se": se}
                for name, (mean, se) in zip(found.options, found.means, strict=True)
            ],
            "chosen": chosen,
            "replications": found.replications,
            "seed": found.seed,
        },
        found,
        draw,
    )


def name_of(worth: Worth) -> str:
    """What is known, marked where it is an assumption now."""
    single = len(worth.inputs) == 1 and worth.size is None
    return worth.name + (f" {ASSUMED}" if single and not worth.inputs[0].sourced else "")
