"""What comes of a step, and how long it takes."""

from __future__ import annotations

import numpy as np

from cartsim.scenario.manufacturing import Step
from cartsim.simulation.drawing.some import Some
from cartsim.simulation.plan import (
    FAILED,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Codes,
)
from cartsim.units import Floats, Ints, minutes

SUBJECT_TO_ODDS = ("production", "testing")
"""Roles of the steps whose failures follow a market's odds ratio."""


def duration(step: Step, some: Some, nth: int) -> Ints:
    """Minutes that a step takes, int64[n]: the longest of its tests, or its duration."""
    days: Floats | float = 0.0
    if step.duration is not None:
        days = some.varying(step.duration, nth)
    for test in step.tests.values():
        days = np.maximum(days, some.varying(test.duration, nth))
    return np.broadcast_to(minutes(days), len(some))


def outcomes(step: Step, some: Some, nth: int, again: bool, odds: Floats | None) -> Codes:
    """What comes of a step, int8[n], from up to three uniforms each.

    Does it succeed? Is what succeeded within specification? Is what is not released all the same?
    With ``causes`` the first uniform also says which. ``again``: it is a later attempt at the same
    dose. ``odds``, float64[n], multiplies the odds of failing and of being out of specification.
    """
    found = np.full(len(some), SUCCESS, dtype=np.int8)
    if step.role not in SUBJECT_TO_ODDS:
        odds = None
    if step.causes:
        _by_cause(step, some, nth, odds, found)
        return found
    success = step.success
    if again and step.success_on_retry is not None:
        success = step.success_on_retry
    if step.out_of_specification.constant != 0.0:
        released = some.uniform(f"{step.path}.exception", nth) < some.value(
            step.released_under_exception
        )
        share = raised(some.value(step.out_of_specification), odds)
        out = some.uniform(f"{step.path}.specification", nth) < share
        found[out] = np.where(released[out], RELEASED_UNDER_EXCEPTION, REJECTED)
    if success.constant != 1.0:
        chance: Floats | float = some.value(success)
        if odds is not None:
            chance = 1.0 - raised(1.0 - chance, odds)
        found[some.uniform(f"{step.path}.outcome", nth) >= chance] = FAILED
    return found


def _by_cause(step: Step, some: Some, nth: int, odds: Floats | None, found: Codes) -> None:
    u = some.uniform(f"{step.path}.outcome", nth)
    total: Floats | float = 0.0
    for cause in step.causes.values():
        total = total + some.value(cause.share)
    total = np.minimum(total, 1.0)
    scale = raised(total, odds) / np.where(np.asarray(total) > 0, total, 1.0)
    bound: Floats | float = 0.0
    for index, cause in enumerate(step.causes.values()):
        following = bound + some.value(cause.share) * scale
        here = (u >= bound) & (u < following)
        code = np.full(len(some), FAILED, dtype=np.int8)
        if cause.out_of_specification == "yes":
            released = some.uniform(f"{cause.path}.exception", nth) < some.value(
                cause.released_under_exception
            )
            code = np.where(released, RELEASED_UNDER_EXCEPTION, REJECTED).astype(np.int8)
        found[here] = code[here] + 4 * index
        bound = following


def raised(share: Floats | float, odds: Floats | None) -> Floats | float:
    """A probability whose odds are multiplied."""
    if odds is None:
        return share
    return odds * share / (1.0 - share + odds * share)
