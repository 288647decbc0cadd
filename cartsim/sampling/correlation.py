"""Which uncertain inputs move together: a Gaussian copula on the uniforms of replication scope.

A pair's rank correlation (Spearman) r becomes the normal correlation 2 sin(pi r / 6), which gives
that rank correlation back whatever the two distributions are (Pearson 1907; Kruskal, "Ordinal
measures of association", JASA 53, 1958). Inputs that are linked by pairs make a group. Inside it,
a pair that is not named has correlation 0, unless one of the two is tied (rank 1 or -1) to a
third, from which it then takes its correlations.

Every input keeps a stream of its own. A correlated input is a weighted sum of the normal scores
of the streams of its group, with the rows of the group's Cholesky factor, in the order of paths,
as weights. The sums are written out term by term: a matrix product would take another order of
additions for another number of replications, and with it other bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from cartsim.errors import Problem, ScenarioError
from cartsim.scenario.model import Correlation
from cartsim.units import Floats

Terms = tuple[tuple[str, float], ...]
"""Streams and their weights, whose squares sum to 1: what a normal score is made of."""
NEGATIVE = -1e-9
"""A smallest eigenvalue above this is rounding, not a contradiction."""
SHOWN = 5e-4
"""A rank that the repair moves by less than this is not worth a word."""


@dataclass(frozen=True)
class Coupling:
    """How the correlated inputs are made, and what the reader must be told about it."""

    terms: Mapping[str, Terms] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    def own(self, path: str) -> Terms:
        """What the own part of an input is made of: its stream alone when it is in no pair."""
        return self.terms.get(path, ((path, 1.0),))


def coupling(correlations: Iterable[Correlation]) -> Coupling:
    """The coupling that a scenario's pairs ask for; an impossible set of pairs is repaired."""
    ranks = _ranks(correlations)
    terms: dict[str, Terms] = {}
    notices = []
    for group in _groups(ranks):
        given = _rank_matrix(group, ranks)
        matrix = pearson(given)
        if np.linalg.eigvalsh(matrix)[0] < NEGATIVE:
            matrix = nearest_correlation(matrix)
            notices.append(_repair_notice(group, ranks, given, spearman(matrix)))
        for path, row in zip(group, factor(matrix), strict=True):
            pairs = zip(group, row, strict=True)
            terms[path] = tuple((source, float(weight)) for source, weight in pairs if weight)
    return Coupling(terms, tuple(notices))


def loaded(own: Terms, drivers: Iterable[tuple[float, Terms]], path: str) -> Terms:
    """What an input with driver loadings is made of: sum of loading x driver, and its own part.

    The own part is what ``correlations`` couples. Its weight makes the variance 1: it is
    sqrt(1 - sum of squared loadings) when the drivers are independent of each other and of it.
    Raises ``ScenarioError`` when the drivers together leave no room for that.
    """
    common: dict[str, float] = {}
    for loading, terms in drivers:
        for source, weight in terms:
            common[source] = common.get(source, 0.0) + loading * weight
    variance = sum(weight * weight for weight in common.values())
    if variance > 1.0 + 1e-9:
        message = f"the drivers explain {variance:.0%} of its variance; at most 100% is possible"
        raise ScenarioError([Problem(message, path)])
    shared = sum(weight * common.get(source, 0.0) for source, weight in own)
    rest = -shared + np.sqrt(max(shared * shared + 1.0 - variance, 0.0))
    for source, weight in own:
        common[source] = common.get(source, 0.0) + float(rest) * weight
    return tuple((source, weight) for source, weight in common.items() if weight)


def mixed_score(terms: Terms, score: Callable[[str], Floats]) -> Floats:
    """The weighted sum of normal scores [R], added in the order of the terms."""
    (source, weight), *others = terms
    total = weight * score(source)
    for source, weight in others:
        total = total + weight * score(source)
    return total


def pearson(rank: Floats) -> Floats:
    """Normal correlation of a rank correlation; 1 and -1 are kept exactly."""
    return np.where(np.abs(rank) == 1.0, rank, 2.0 * np.sin(np.pi / 6.0 * rank))


def spearman(correlation: Floats) -> Floats:
    """Rank correlation of a normal correlation: the inverse of :func:`pearson`."""
    return np.asarray(6.0 / np.pi * np.arcsin(0.5 * correlation))


def factor(matrix: Floats) -> Floats:
    """A lower triangular L with L L' = matrix, for a correlation matrix that may be singular."""
    size = len(matrix)
    lower = np.zeros((size, size))
    for row in range(size):
        tied = [column for column in range(row) if abs(matrix[row, column]) == 1.0]
        if tied:  # exactly the same number, or its mirror image
            lower[row] = matrix[row, tied[0]] * lower[tied[0]]
            continue
        for column in range(row):
            pivot = lower[column, column]
            if pivot > 0:
                known = sum(lower[row, k] * lower[column, k] for k in range(column))
                lower[row, column] = (matrix[row, column] - known) / pivot
        left = 1.0 - sum(weight * weight for weight in lower[row, :row])
        lower[row, row] = np.sqrt(left) if left > 1e-9 else 0.0
        # what rounding (or a pivot of zero) took from the variance is given back
        lower[row] /= np.sqrt(sum(weight * weight for weight in lower[row]))
    return lower


def nearest_correlation(matrix: Floats, tolerance: float = 1e-10) -> Floats:
    """The correlation matrix nearest to a symmetric matrix, in the Frobenius norm.

    Alternating projections with Dykstra's correction: Higham, "Computing the nearest correlation
    matrix", IMA Journal of Numerical Analysis 22 (2002), 329-343, algorithm 3.3.
    """
    current, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(10_000):
        shifted = current - correction
        semidefinite = _semidefinite(shifted)
        correction = semidefinite - shifted
        following = semidefinite.copy()
        np.fill_diagonal(following, 1.0)
        change = float(np.max(np.abs(following - current)))
        current = following
        if change < tolerance:
            break
    # the last step leaves a trace of negative eigenvalues, or of a diagonal beside 1: rescale
    valid = _semidefinite(current)
    scale = np.sqrt(np.diagonal(valid))
    valid = valid / np.outer(scale, scale)
    np.fill_diagonal(valid, 1.0)
    return np.asarray(np.clip(valid, -1.0, 1.0))


def _semidefinite(matrix: Floats) -> Floats:
    """The nearest matrix without negative eigenvalues."""
    eigenvalues, vectors = np.linalg.eigh(matrix)
    product = (vectors * np.maximum(eigenvalues, 0.0)) @ vectors.T
    return np.asarray(0.5 * (product + product.T))


def _ranks(correlations: Iterable[Correlation]) -> dict[tuple[str, str], float]:
    ranks: dict[tuple[str, str], float] = {}
    for correlation in correlations:
        first, second = sorted(correlation.between)
        ranks[first, second] = correlation.rank
    return ranks


def _groups(ranks: Mapping[tuple[str, str], float]) -> list[list[str]]:
    """The paths that are linked by pairs of a rank other than 0, group by group, sorted."""
    group_of: dict[str, set[str]] = {}
    for (first, second), rank in ranks.items():
        if rank == 0:
            continue
        joined = group_of.get(first, {first}) | group_of.get(second, {second})
        for path in joined:
            group_of[path] = joined
    groups = {min(group): sorted(group) for group in group_of.values()}
    return [groups[first] for first in sorted(groups)]


def _rank_matrix(group: list[str], ranks: Mapping[tuple[str, str], float]) -> Floats:
    """The ranks of a group; pairs that are not given follow from ties, and are 0 otherwise."""
    known = {(a, a): 1.0 for a in group}
    for (first, second), rank in ranks.items():
        if first in group:
            known[first, second] = known[second, first] = rank
    found = True
    while found:
        found = False
        ties = [
            (pair, rank) for pair, rank in known.items() if abs(rank) == 1 and len(set(pair)) == 2
        ]
        for (tied, to), sign in ties:
            for other in group:
                if (to, other) in known and (tied, other) not in known:
                    known[tied, other] = known[other, tied] = sign * known[to, other]
                    found = True
    return np.asarray([[known.get((a, b), 0.0) for b in group] for a in group])


def _repair_notice(
    group: list[str], ranks: Mapping[tuple[str, str], float], given: Floats, used: Floats
) -> str:
    changes = []
    for i, first in enumerate(group):
        for j in range(i + 1, len(group)):
            if abs(used[i, j] - given[i, j]) > SHOWN:
                mark = "" if (first, group[j]) in ranks else " (not given)"
                change = f"{given[i, j]:.3g}{mark} -> {used[i, j]:.3f}"
                changes.append(f"{first} ~ {group[j]} {change}")
    return (
        "correlations: the ranks given contradict each other; the nearest possible ones are used: "
        + "; ".join(changes)
    )
