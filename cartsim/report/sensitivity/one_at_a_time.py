"""Tornado, spider and map, told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cartsim.analysis import one_at_a_time
from cartsim.analysis.evaluate import Progress, Wanted
from cartsim.report.arguments import as_scenario, number_of, settings_of, texts
from cartsim.report.sensitivity.wording import (
    column_facts,
    compared,
    coupled_note,
    input_facts,
    title_of,
    unreached_note,
)
from cartsim.report.told import (
    Told,
    amount,
    assumed_note,
    changed,
    in_period,
    own_amount,
    own_unit,
    plus_minus,
    said,
    sentence,
    signed,
    source_of,
    unit_name,
)
from cartsim.scenario.loaded import Loaded

OWN_VALUES = ("from", "to")
"""Heads of the columns with an input's own values."""


def tornado(
    scenario: Loaded | str,
    measure: str = "npv",
    inputs: str | Sequence[str] = (),
    *,
    against: Loaded | str | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Told:
    """Move each uncertain input from its P10 to its P90 and see what the mean of a measure does.

    ``inputs`` are patterns of paths; ``against`` takes another scenario's measure off;
    ``settings`` are those of :class:`~cartsim.analysis.evaluate.Settings`.
    """
    scenario = as_scenario(scenario)
    other = None if against is None else as_scenario(against, scenario)
    found = one_at_a_time.tornado(
        scenario,
        Wanted.parsed(measure),
        texts(inputs),
        against=other,
        settings=settings_of(settings),
        progress=progress,
    )
    unit = found.column.unit
    felt = [swing for swing in found.swings if swing.reaches]
    what = compared(in_period(found.column), found.against)
    headline = f"No uncertain input reaches {what}."
    if felt:
        top = felt[0]
        headline = (
            f"{top.input.label} matters most for {what}: from {amount(top.low, top.input.unit)} to "
            f"{own_amount(top.input, top.high)} moves its mean by {signed(top.change, unit)} "
            f"{unit_name(unit)} (mean {plus_minus(found.base, found.base_se, unit)})."
        )
    notes = [
        "An input goes from its P10 to its P90 while all others stay as they are drawn; ± is the "
        f"standard error of the change from {found.replications:,} pairs.",
        *assumed_note([swing.input for swing in felt]),
        *unreached_note([swing.input.label for swing in found.swings if not swing.reaches], what),
        *coupled_note(found.coupled),
    ]

    headline = sentence(headline)

    def draw() -> Any:
        from cartsim.report.sensitivity.pictures import tornado_picture

        how = "P10 to P90 of each input, the others as drawn; "
        return tornado_picture(
            found,
            headline,
            source_of(title_of(scenario), found.replications, found.seed, how),
        )

    return Told(
        headline,
        f"{what}, {unit_name(unit)}",
        ("input", "unit", *OWN_VALUES, "mean at low", "mean at high", "change ±"),
        tuple(
            (
                said(swing.input),
                own_unit(swing.input),
                amount(swing.low, swing.input.unit),
                amount(swing.high, swing.input.unit),
                amount(swing.at_low, unit),
                amount(swing.at_high, unit),
                changed(swing.change, swing.se, unit),
            )
            for swing in felt
        ),
        tuple(
            {
                **input_facts(swing.input),
                "low": swing.low,
                "high": swing.high,
                "at_low": swing.at_low,
                "at_high": swing.at_high,
                "change": swing.change,
                "se": swing.se,
                "reaches": swing.reaches,
            }
            for swing in found.swings
        ),
        tuple(notes),
        {
            "method": "tornado",
            **column_facts(found),
            "mean": found.base,
            "se": found.base_se,
            "against": found.against,
        },
        found,
        draw,
    )


def spider(
    scenario: Loaded | str,
    measure: str = "npv",
    inputs: str | Sequence[str] = (),
    *,
    threshold: float | str = 0.0,
    against: Loaded | str | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Told:
    """Follow the mean of a measure along each input from P5 to P95; where it crosses ``threshold``
    the decision flips."""
    scenario = as_scenario(scenario)
    other = None if against is None else as_scenario(against, scenario)
    limit = number_of(threshold, "threshold")
    found = one_at_a_time.spider(
        scenario,
        Wanted.parsed(measure),
        texts(inputs),
        threshold=limit,
        against=other,
        settings=settings_of(settings),
        progress=progress,
    )
    unit = found.column.unit
    what = compared(in_period(found.column), found.against)
    flipping = [line for line in found.lines if line.flips]
    at = amount(limit, unit) if limit else "0"
    headline = (
        f"No input alone brings the mean of {what} across {at} {unit_name(unit)} between its P5 "
        f"and its P95; it is {plus_minus(found.base, found.base_se, unit)}."
    )
    if flipping:
        first = flipping[0]
        headline = (
            f"The mean of {what} crosses {at} {unit_name(unit)} where {first.input.label} is "
            f"{own_amount(first.input, first.flips[0])}"
            + (f"; {len(flipping) - 1} more inputs flip it too" if len(flipping) > 1 else "")
            + "."
        )

    headline = sentence(headline)

    def draw() -> Any:
        from cartsim.report.sensitivity.pictures import spider_picture

        return spider_picture(
            found, headline, source_of(title_of(scenario), found.replications, found.seed)
        )

    return Told(
        headline,
        f"mean of {what}, {unit_name(unit)}",
        ("input", "unit", *OWN_VALUES, "mean at P5", "at P50", "at P95", f"crosses {at} at"),
        tuple(
            (
                said(line.input),
                own_unit(line.input),
                amount(float(line.values[0]), line.input.unit),
                amount(float(line.values[-1]), line.input.unit),
                *(amount(float(line.means[i]), unit) for i in (0, len(line.means) // 2, -1)),
                ", ".join(amount(flip, line.input.unit) for flip in line.flips) or "-",
            )
            for line in found.lines
        ),
        tuple(
            {
                **input_facts(line.input),
                "quantiles": list(one_at_a_time.ALONG),
                "values": line.values,
                "means": line.means,
                "se": line.se,
                "flips": list(line.flips),
            }
            for line in found.lines
        ),
        (
            "One input at a time at quantiles of its own distribution, the others as drawn.",
            *assumed_note([line.input for line in found.lines]),
            *coupled_note([line.input for line in found.lines if line.input.with_others]),
        ),
        {
            "method": "spider",
            **column_facts(found),
            "mean": found.base,
            "se": found.base_se,
            "threshold": limit,
            "against": found.against,
        },
        found,
        draw,
    )


def two_way(
    scenario: Loaded | str,
    measure: str,
    x: str,
    y: str,
    *,
    threshold: float | str = 0.0,
    against: Loaded | str | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Told:
    """The mean of a measure over two inputs, with the line on which the decision switches over."""
    scenario = as_scenario(scenario)
    other = None if against is None else as_scenario(against, scenario)
    limit = number_of(threshold, "threshold")
    found = one_at_a_time.two_way(
        scenario,
        Wanted.parsed(measure),
        x,
        y,
        threshold=limit,
        against=other,
        settings=settings_of(settings),
        progress=progress,
    )
    unit = found.column.unit
    what = compared(in_period(found.column), found.against)
    above = float((found.means > limit).mean())
    at = amount(limit, unit) if limit else "0"
    headline = (
        f"The mean of {what} goes from {amount(float(found.means.min()), unit)} to "
        f"{amount(float(found.means.max()), unit)} {unit_name(unit)} over {found.x.label} and "
        f"{found.y.label}; "
    ) + (
        f"it is {'above' if above == 1 else 'below'} {at} everywhere."
        if above in (0.0, 1.0)
        else f"it switches over {at} along a line."
    )

    headline = sentence(headline)

    def draw() -> Any:
        from cartsim.report.sensitivity.pictures import map_picture

        return map_picture(
            found, headline, source_of(title_of(scenario), found.replications, found.seed)
        )

    return Told(
        headline,
        f"mean of {what}, {unit_name(unit)}; down: {said(found.x)}, {own_unit(found.x)}; across: "
        f"{said(found.y)}, {own_unit(found.y)}",
        ("", *(amount(float(value), found.y.unit) for value in found.y_values)),
        tuple(
            (
                amount(float(value), found.x.unit),
                *(amount(float(mean), unit) for mean in found.means[i]),
            )
            for i, value in enumerate(found.x_values)
        ),
        tuple(
            {
                found.x.path: float(a),
                found.y.path: float(b),
                "mean": float(found.means[i, j]),
                "se": float(found.se[i, j]),
            }
            for i, a in enumerate(found.x_values)
            for j, b in enumerate(found.y_values)
        ),
        (
            "Both inputs at quantiles of their own distributions, the others as drawn.",
            *assumed_note([found.x, found.y]),
            *coupled_note([each for each in (found.x, found.y) if each.with_others]),
        ),
        {"method": "map", **column_facts(found), "threshold": limit, "against": found.against},
        found,
        draw,
    )
