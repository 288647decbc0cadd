"""Rankings of a run that is there already, told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cartsim.analysis import ranking
from cartsim.analysis.evaluate import Wanted
from cartsim.errors import UsageError
from cartsim.montecarlo.result import Result
from cartsim.report.arguments import texts
from cartsim.report.sensitivity.wording import (
    column_facts,
    coupled_note,
    input_facts,
    spans_of_years,
    title_of,
)
from cartsim.report.told import (
    Told,
    assumed_note,
    in_period,
    said,
    sentence,
    source_of,
)
from cartsim.report.wording import listed


def rank(
    result: Result,
    measure: str = "npv",
    inputs: str | Sequence[str] = (),
    *,
    over_time: bool = False,
) -> Told:
    """Rank inputs by a run that is there already: rank regression, in each year with
    ``over_time``."""
    wanted = Wanted.parsed(measure)
    chosen = ranking.years(result, wanted.measure) if over_time else [wanted]
    found = ranking.rank(_run(result), chosen, texts(inputs))
    periods = [column.period for column in found.columns]
    label = found.columns[0].name.replace("_", " ")
    what = f"{label} by year" if over_time else in_period(found.columns[0])
    parts: list[tuple[str, str, float]] = []
    seen: list[str] = []
    for period, column in zip(periods, found.coefficients.T, strict=True):
        sure = np.where(_sure(column, found.se[:, len(seen)]), np.abs(column), 0.0)
        seen.append(period)
        if sure.max(initial=0.0) > 0:
            top = int(np.argmax(sure))
            parts.append((period, found.inputs[top].label, float(column[top])))
    headline = f"Nothing that is not known makes {what} vary."
    if over_time and parts:
        drivers = list(dict.fromkeys(name for _, name, _ in parts))
        told = "; ".join(
            f"{name} drives {spans_of_years([p for p, n, _ in parts if n == name])}"
            for name in drivers
        )
        headline = f"{label}: {told}."
    elif parts:
        _, name, size = parts[0]
        way = "up" if size > 0 else "down"
        headline = (
            f"{name} matters most for {what}, which goes {way} with it; ranks explain "
            f"{found.explained[0]:.0%} of the variance of ranks."
        )

    headline = sentence(headline)

    def draw() -> Any:
        from cartsim.report.sensitivity.pictures import rank_picture

        return rank_picture(
            found,
            headline,
            source_of(title_of(result.loaded), found.replications, found.seed),
        )

    low = [p for p, r in zip(periods, found.explained, strict=True) if r < 0.7]
    return Told(
        headline,
        f"rank regression coefficients (-1 to 1), {what}",
        ("input", *periods) if over_time else ("input", "coefficient", "±"),
        tuple(
            (
                said(each),
                *(
                    f"{c:+.2f}" if not over_time or _sure(c, se) else ("-" if np.isnan(c) else "·")
                    for c, se in zip(found.coefficients[i], found.se[i], strict=True)
                ),
                *(() if over_time else (f"{found.se[i, 0]:.2f}",)),
            )
            for i, each in enumerate(found.inputs)
        ),
        tuple(
            {
                **input_facts(each),
                "period": period,
                "coefficient": float(found.coefficients[i, j]),
                "se": float(found.se[i, j]),
            }
            for i, each in enumerate(found.inputs)
            for j, period in enumerate(periods)
        ),
        (
            "How many standard deviations of its rank the measure moves with one of the input's "
            f"rank, from {found.replications:,} replications.",
            *(
                [
                    "·: less than twice its standard error (at most "
                    f"{np.nanmax(found.se, initial=0.0):.2f}); -: the measure does not vary."
                ]
                if over_time
                else []
            ),
            *(
                [f"In {listed(low)} ranks explain less than 70%: look at PAWN or Sobol' indices."]
                if low
                else []
            ),
            *assumed_note(found.inputs),
            *coupled_note([each for each in found.inputs if each.with_others], regression=True),
        ),
        {
            "method": "rank",
            "measure": found.columns[0].name,
            "periods": periods,
            "explained": found.explained,
            "replications": found.replications,
            "seed": found.seed,
        },
        found,
        draw,
    )


def pawn(result: Result, measure: str = "npv", inputs: str | Sequence[str] = ()) -> Told:
    """Rank inputs by a run that is there already, by how far they move the distribution (PAWN)."""
    found = ranking.pawn(_run(result), Wanted.parsed(measure), texts(inputs))
    what = in_period(found.column)
    heard = int((found.distances > found.noise).sum())
    headline = (
        f"{found.inputs[0].label} moves the distribution of {what} most; {heard} of "
        f"{len(found.inputs)} inputs stand above the largest of {ranking.DUMMIES} that do nothing."
        if heard
        else f"No input stands above those that do nothing for {what}: run more replications."
    )

    headline = sentence(headline)

    def draw() -> Any:
        from cartsim.report.sensitivity.pictures import pawn_picture

        return pawn_picture(
            found,
            headline,
            source_of(title_of(result.loaded), found.replications, found.seed),
        )

    return Told(
        headline,
        f"PAWN index (0 to 1), {what}",
        ("input", "index", "above noise"),
        tuple(
            (said(each), f"{d:.3f}", "yes" if d > found.noise else "no")
            for each, d in zip(found.inputs, found.distances, strict=True)
        ),
        tuple(
            {**input_facts(each), "index": float(d), "above_noise": bool(d > found.noise)}
            for each, d in zip(found.inputs, found.distances, strict=True)
        ),
        (
            "Median Kolmogorov-Smirnov distance between the distribution of the measure and that "
            f"in each of {ranking.SLICES} slices of the input; {found.noise:.3f} is the largest of "
            f"{ranking.DUMMIES} inputs that do nothing.",
            *assumed_note(found.inputs),
            *coupled_note([each for each in found.inputs if each.with_others], regression=True),
        ),
        {"method": "pawn", **column_facts(found), "noise": found.noise},
        found,
        draw,
    )


def _run(result: object) -> Result:
    """The result of a run; a ranking needs one."""
    if isinstance(result, Result):
        return result
    kind = type(result).__name__
    raise UsageError(f"a ranking needs a result: cartsim.run(scenario); got {kind}")


def _sure(coefficient: Any, se: Any) -> Any:
    """Whether coefficients are more than twice their standard errors."""
    return np.abs(coefficient) > 2.0 * se
