"""Under which inputs something happens, in plain words: a small decision tree over the inputs of a
run, by scikit-learn.

The tree is grown on half of the replications and what it says is measured on the other half.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cartsim.analysis.extras import library_seed, needed
from cartsim.analysis.inputs import Input, inputs_of, values
from cartsim.analysis.statistic import Event
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.montecarlo.precision import place
from cartsim.montecarlo.result import Result

DEPTH = 3
SMALLEST = 0.05
"""A region holds at least this share of the replications."""
FEWEST_INSIDE = 20
FOLDS = 5
FEWEST = 200


@dataclass(frozen=True)
class Bound:
    """An input above ``low`` or below ``high`` (infinite where it is not bound)."""

    input: Input
    low: float
    high: float


@dataclass(frozen=True)
class Region:
    """Inputs within bounds, the most telling first.

    ``density`` is the share of its replications in which the event happens, ± ``se``; ``coverage``
    the share of all events that it holds; ``share`` how many of all replications lie in it.
    """

    bounds: tuple[Bound, ...]
    density: float
    se: float
    coverage: float
    share: float


@dataclass(frozen=True)
class Discovery:
    """Regions, the one with the highest density first; ``overall`` is how often the event happens
    anywhere. ``told_apart`` is the area under the curve of true against false alarms when the tree
    ranks unseen replications: 0.5 if inputs say nothing, 1 if they say everything."""

    event: Event
    column: Column
    overall: float
    regions: tuple[Region, ...]
    told_apart: float
    replications: int
    seed: int


def discover(
    result: Result, event: Event, patterns: Sequence[str] = (), depth: int = DEPTH
) -> Discovery:
    """The regions of the inputs in which an event happens, from a run that is there already.

    Raises ``UsageError`` where the event happens always, never or too rarely to say when.
    """
    tree = needed("sklearn.tree", "scikit-learn")
    metrics = needed("sklearn.metrics", "scikit-learn")
    found = inputs_of(result.loaded.model, patterns=patterns)
    x = values(found, result.seed, result.replications)
    position = place(result.table, event.wanted.measure, event.wanted.period)
    y = event.happens(result.table.values(position))
    known = ~np.isnan(y)
    x, y = x[:, known], y[known]
    if y.size < FEWEST:
        raise UsageError(f"{y.size} replications are too few; run at least {FEWEST}")
    number = int(y.sum())
    if min(number, y.size - number) < 20:
        raise UsageError(
            f"{event} in {number:,} of {y.size:,} replications: too one-sided to say when"
        )
    if depth < 1:
        raise UsageError(f"a tree needs a depth of at least 1; got {depth}")
    learning = np.arange(y.size) % 2 == 0
    grown: Any = tree.DecisionTreeClassifier(
        max_depth=depth,
        min_samples_leaf=max(FEWEST_INSIDE, math.ceil(SMALLEST * learning.sum())),
        random_state=library_seed(result.seed),
    )
    # what does not tell replications that were left out is cut off again
    path = grown.cost_complexity_pruning_path(x[:, learning].T, y[learning])
    search = needed("sklearn.model_selection", "scikit-learn").GridSearchCV(
        grown, {"ccp_alpha": np.unique(path.ccp_alphas.clip(0))}, scoring="neg_log_loss", cv=FOLDS
    )
    grown = search.fit(x[:, learning].T, y[learning]).best_estimator_
    leaf = np.asarray(grown.apply(x[:, ~learning].T))
    rest = y[~learning]
    told = np.asarray(grown.predict_proba(x[:, ~learning].T))[:, 1]
    regions = []
    for node, bounds in _leaves(grown.tree_, 0, {}):
        inside = leaf == node
        size = int(inside.sum())
        if size == 0:
            continue
        density = float(rest[inside].mean())
        # after Agresti and Coull: none of a few is not certainly none
        about = (float(rest[inside].sum()) + 2.0) / (size + 4.0)
        regions.append(
            Region(
                tuple(Bound(found[i], *ends) for i, ends in bounds.items()),
                density,
                math.sqrt(about * (1 - about) / (size + 4.0)),
                float(rest[inside].sum() / max(rest.sum(), 1.0)),
                size / rest.size,
            )
        )
    regions.sort(key=lambda region: -region.density)
    return Discovery(
        event,
        result.columns[position],
        float(y.mean()),
        tuple(regions),
        float(metrics.roc_auc_score(rest, told)),
        result.replications,
        result.seed,
    )


def _leaves(
    tree: Any, node: int, bounds: dict[int, tuple[float, float]]
) -> Iterator[tuple[int, dict[int, tuple[float, float]]]]:
    """Each leaf with the bounds of the inputs on the way to it."""
    feature = int(tree.feature[node])
    if feature < 0:
        yield node, bounds
        return
    low, high = bounds.get(feature, (-math.inf, math.inf))
    threshold = float(tree.threshold[node])
    yield from _leaves(
        tree, int(tree.children_left[node]), {**bounds, feature: (low, min(high, threshold))}
    )
    yield from _leaves(
        tree, int(tree.children_right[node]), {**bounds, feature: (max(low, threshold), high)}
    )
