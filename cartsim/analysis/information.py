"""What better knowledge is worth before a choice: value of perfect, partial and sample information.

Options are scenarios of the same draws. Without more knowledge the one with the best mean is chosen
once and for all; with it, the best one for what has turned out to be true. The value is the
difference, in the measure's money. What an input tells is found by regression of the options'
differences on it, from one run of each option (Strong, Oakley and Brennan, Medical Decision Making
34, 2014), and what a sample tells by regression on its result (the same, 35, 2015).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cartsim.analysis.comparison import names_of
from cartsim.analysis.evaluate import USUAL, Case, Progress, Settings, Wanted, evaluate
from cartsim.analysis.extras import needed
from cartsim.analysis.inputs import Input, hinted, inputs_of, matches, values
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.sampling.streams import uniforms
from cartsim.scenario.loaded import Loaded
from cartsim.units import Floats

KNOTS = 5
FOLDS = 5
MOST_PAIRS = 6
"""Up to so many inputs the regression has their products too."""
COEFFICIENTS = 200
"""Draws of the regression's coefficients, for the standard error."""
FEWEST = 200


@dataclass(frozen=True)
class Worth:
    """What it is worth to know something before choosing, ± ``se``.

    ``changes`` is the probability that the choice would be another one. ``inputs`` are what would
    be known; for a sample, ``size`` is how many are in it.
    """

    name: str
    inputs: tuple[Input, ...]
    value: float
    se: float
    changes: float
    size: int | None = None


@dataclass(frozen=True)
class Information:
    """Values of information about a choice between options.

    ``means`` has the mean of each option and its standard error, ``chosen`` is the one chosen
    without more knowledge. ``everything`` is the bound: to know all inputs and all that merely
    varies; ``inputs`` to know all inputs. ``singles``, ``groups`` and ``samples`` come in the order
    of their value.
    """

    column: Column
    options: tuple[str, ...]
    means: tuple[tuple[float, float], ...]
    chosen: int
    everything: Worth
    inputs: Worth
    singles: tuple[Worth, ...]
    groups: tuple[Worth, ...]
    samples: tuple[Worth, ...]
    replications: int
    seed: int


def value_of_information(
    options: Sequence[Loaded],
    measure: Wanted,
    patterns: Sequence[str] = (),
    together: Mapping[str, Sequence[str]] | None = None,
    samples: Mapping[str, int] | None = None,
    *,
    lowest: bool = False,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Information:
    """What it is worth to know each uncertain input before choosing among options.

    ``together`` names groups of inputs by their patterns. ``samples`` are experiments: by the path
    of a share (a success rate), how many trials are made before the choice. Raises ``UsageError``
    for fewer than two options, for too few replications, and for a sample of what is no share.
    """
    if len(options) < 2:
        raise UsageError("a choice needs at least two options (variants or files)")
    if len({each.model.currency for each in options}) > 1:
        raise UsageError("options in different currencies cannot be compared")
    number, seed = settings.of(options[0])
    if number < FEWEST:
        raise UsageError(f"{number} replications are too few; run at least {FEWEST}")
    every = inputs_of(*(each.model for each in options))
    _check(every, patterns, together or {}, samples or {})
    found = evaluate([Case(each) for each in options], [measure], settings, progress)
    y = found.values[:, 0]
    if np.isnan(y).any():
        raise UsageError(f"{measure} is undefined in some replications; choose another measure")
    gains = -y if lowest else y
    means = [found.told(row) for row in y]
    chosen = int(np.argmax(gains.mean(axis=1)))
    apart = gains - gains[chosen]
    x = values(every, seed, number)
    bound = _bound(apart, found.told(apart.max(axis=0)))
    asked = [i for i, one in enumerate(every) if not patterns or _any_matches(one.path, patterns)]
    singles = {
        i: _limited(_learnt(every[i].label, (every[i],), x[[i]], apart, seed), bound.value)
        for i in asked
    }
    groups = []
    for name, inside in (together or {}).items():
        members = [i for i, each in enumerate(every) if _any_matches(each.path, inside)]
        known = _learnt(name, tuple(every[i] for i in members), x[members], apart, seed)
        least = max((singles[i].value for i in members if i in singles), default=0.0)
        groups.append(_limited(known, bound.value, least))
    known = _learnt("all inputs", every, x, apart, seed) if every else bound
    least = max((each.value for each in (*singles.values(), *groups)), default=0.0)
    experiments = [
        _limited(_sampled(every, x, path, size, apart, seed), bound.value)
        for path, size in (samples or {}).items()
    ]

    def by_value(worths: Sequence[Worth]) -> tuple[Worth, ...]:
        return tuple(sorted(worths, key=lambda worth: -worth.value))

    return Information(
        found.columns[0],
        names_of(options),
        tuple(means),
        chosen,
        bound,
        _limited(known, bound.value, least),
        by_value(list(singles.values())),
        by_value(groups),
        by_value(experiments),
        number,
        seed,
    )


def _check(
    every: Sequence[Input],
    patterns: Sequence[str],
    together: Mapping[str, Sequence[str]],
    samples: Mapping[str, int],
) -> None:
    """Raise ``UsageError`` for what cannot be known, before anything is run."""
    paths = [each.path for each in every]
    for pattern in (*patterns, *(p for inside in together.values() for p in inside)):
        if not any(matches(path, pattern) for path in paths):
            hint = hinted(pattern, paths)
            raise UsageError(f"{pattern!r} is no uncertain input of the options; {hint}")
    for path, size in samples.items():
        if path not in {each.path for each in every if each.unit == "share"}:
            hint = hinted(path, [each.path for each in every if each.unit == "share"])
            raise UsageError(
                f"{path!r} is no uncertain share, so there is nothing to try so often; {hint}"
            )
        if size < 1:
            raise UsageError(f"a sample needs at least one trial; got {size}")


def _any_matches(path: str, patterns: Sequence[str]) -> bool:
    return any(matches(path, pattern) for pattern in patterns)


def _bound(apart: Floats, told: tuple[float, float]) -> Worth:
    """Perfect information about everything: the best option of each replication."""
    mean, se = told
    return Worth("everything", (), mean, se, float((apart.max(axis=0) > 0).mean()))


def _limited(worth: Worth, most: float, least: float = 0.0) -> Worth:
    """Knowing more is never worth less, nor knowing something more than everything: an estimate
    that says so by its error is put at the bound."""
    value = min(max(worth.value, least), most)
    return Worth(worth.name, worth.inputs, value, worth.se, worth.changes, worth.size)


def _sampled(
    every: Sequence[Input], x: Floats, path: str, size: int, apart: Floats, seed: int
) -> Worth:
    """An experiment of ``size`` trials, each of which succeeds with an uncertain probability."""
    from scipy.stats import binom

    (place,) = (i for i, each in enumerate(every) if each.path == path)
    u = uniforms(seed, f"{path}#sample", range(x.shape[1]))
    successes = binom.ppf(u, size, x[place])
    name = f"{size} trials of {every[place].label}"
    worth = _learnt(name, (every[place],), (successes / size)[None, :], apart, seed)
    return Worth(name, worth.inputs, worth.value, worth.se, worth.changes, size)


def _learnt(name: str, inputs: tuple[Input, ...], x: Floats, apart: Floats, seed: int) -> Worth:
    """What knowing ``x``, float64[known, R], is worth, where ``apart``, float64[option, R], is what
    each option brings beyond the one that is chosen without."""
    expected = np.zeros_like(apart)
    errors = np.zeros((COEFFICIENTS, *apart.shape))
    for option, difference in enumerate(apart):
        if np.ptp(difference) == 0.0:
            continue
        fitted, spread = _fitted(x, difference, f"{name}:{option}", seed)
        expected[option] = fitted
        errors[:, option] = spread
    best = expected.max(axis=0)
    value = float(best.mean() - max(expected.mean(axis=1).max(), 0.0))
    redrawn = expected[None] + errors
    spread_of = redrawn.max(axis=1).mean(axis=1) - np.maximum(redrawn.mean(axis=2).max(axis=1), 0.0)
    se = math.hypot(float(spread_of.std(ddof=1)), float(best.std(ddof=1) / math.sqrt(best.size)))
    return Worth(name, inputs, max(value, 0.0), se, float((best > 0).mean()))


def _fitted(x: Floats, y: Floats, name: str, seed: int) -> tuple[Floats, Floats]:
    """The mean of ``y`` given ``x``, float64[R], and draws of its error, float64[draw, R].

    Of a constant, a plane, curves for each input and those with products of pairs the one that
    predicts held-out replications best.
    """
    best: tuple[float, Floats | None] = (float(((y - y.mean()) ** 2).mean()), None)
    for basis in _bases(x):
        error = _held_out(basis, y)
        if error < best[0]:
            best = (error, basis)
    if best[1] is None:
        return np.full_like(y, y.mean()), np.zeros((COEFFICIENTS, y.size))
    basis = best[1]
    q = np.linalg.qr(basis)[0]
    fitted = q @ (q.T @ y)
    rest = y - fitted
    scale = math.sqrt(float((rest**2).sum()) / max(y.size - basis.shape[1], 1))
    # y's error in the space of the basis is that of independent coefficients along q
    from scipy.special import ndtri

    u = uniforms(seed, f"#information:{name}", range(COEFFICIENTS), q.shape[1])
    return fitted, scale * (ndtri(u) @ q.T)


def _bases(x: Floats) -> list[Floats]:
    """Design matrices [R, term] of growing size, each with a constant."""
    preprocessing = needed("sklearn.preprocessing", "scikit-learn")
    varying = x[np.ptp(x, axis=1) > 0]
    if not len(varying):
        return []
    z = (varying - varying.mean(axis=1, keepdims=True)) / varying.std(axis=1, keepdims=True)
    constant = np.ones((1, x.shape[1]))
    plane = np.concatenate([constant, z]).T
    found = [plane]
    curves: Any = preprocessing.SplineTransformer(
        n_knots=KNOTS, degree=3, knots="quantile", include_bias=False, extrapolation="linear"
    )
    distinct = min(len(np.unique(row)) for row in z)
    if distinct > 2 * KNOTS:
        bent = np.asarray(curves.fit_transform(z.T))
        if bent.shape[1] < x.shape[1] / 10:
            found.append(np.concatenate([constant.T, bent], axis=1))
            if 1 < len(z) <= MOST_PAIRS:
                pairs = [z[i] * z[j] for i in range(len(z)) for j in range(i)]
                found.append(np.concatenate([found[-1], np.asarray(pairs).T], axis=1))
    return [_independent(basis) for basis in found]


def _independent(basis: Floats) -> Floats:
    """The columns of a matrix that the ones before them do not make up."""
    from scipy.linalg import qr

    _, r, order = qr(basis, mode="economic", pivoting=True)
    size = np.abs(np.diag(r))
    kept = np.sort(order[: len(size)][size > 1e-9 * size.max()])
    return np.asarray(basis[:, kept])


def _held_out(basis: Floats, y: Floats) -> float:
    """Mean squared error in folds that the fit has not seen."""
    fold = np.arange(y.size) % FOLDS
    total = 0.0
    for number in range(FOLDS):
        out = fold == number
        coefficients, *_ = np.linalg.lstsq(basis[~out], y[~out], rcond=None)
        total += float(((y[out] - basis[out] @ coefficients) ** 2).sum())
    return total / y.size
