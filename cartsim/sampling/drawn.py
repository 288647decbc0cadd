"""The numbers of a scenario, drawn: constants, uncertain values and series as arrays.

Two scopes of chance are kept apart. A quantity of *replication* scope is something that we do not
know: it has one value in a replication (:meth:`Drawn.value`). A quantity of *lot* or *patient*
scope varies: it has one value per lot or patient (:meth:`Drawn.by_index`), and no single one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from cartsim.distributions import FAMILIES, Family, tabulated_ppf, truncated_ppf
from cartsim.errors import RunError
from cartsim.sampling.correlation import Coupling, Terms, coupling, loaded, mixed_score
from cartsim.sampling.design import SMALLEST, Design, design
from cartsim.sampling.given import NOTHING, Given, at
from cartsim.sampling.months import by_month
from cartsim.sampling.streams import uniforms, uniforms_at
from cartsim.scenario.model import Scenario
from cartsim.scenario.parameters import uncertain
from cartsim.scenario.values import Distribution, DriverReference, Quantity, Series
from cartsim.units import Floats, Ints, calendar_of


def draw(
    scenario: Scenario,
    seed: int,
    replications: range,
    chance: int | None = None,
    given: Given = NOTHING,
) -> Drawn:
    """The numbers of a scenario in some replications, a pure function of the arguments.

    Nothing is computed before it is asked for, and every number is the same whatever else is
    asked for, in which order, and which other replications stand in the range. ``chance`` is the
    seed of everything that merely varies (patients, lots, whether a trial succeeds), where that
    is to differ from the seed of what is not known; ``given`` are uniforms that are not drawn.
    """
    return Drawn(scenario, seed, replications, chance, given)


class Drawn:
    """The numbers of a scenario in the replications of a block; R = len(replications).

    All arrays are read-only where they are shared. Values are remembered; as each is a pure
    function, threads that share one instance can at worst compute the same value twice.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        replications: range,
        chance: int | None = None,
        given: Given = NOTHING,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.chance = seed if chance is None else chance
        self.replications = replications
        self.given = given
        self.calendar = calendar_of(scenario.run.start, scenario.run.years)
        self._coupling: Coupling = coupling(scenario.correlations)
        self._values: dict[str, tuple[Quantity, Floats]] = {}
        self._scores: dict[str, Floats] = {}

    @property
    def notices(self) -> tuple[str, ...]:
        """What the reader must be told about the draws: correlations that had to be repaired."""
        return self._coupling.notices

    def uniform(self, path: str, size: int | None = None) -> Floats:
        """Plain uniforms of a stream, for chance that is no quantity of the scenario.

        Shape [R], or [R, size]: one an index. The path must be no quantity's own; take one below
        it, such as ``products.x.markets.y.orders#count``.
        """
        if size is None:
            return self._design.uniforms(self.chance, path, self.replications)
        return uniforms(self.chance, path, self.replications, size)

    def value(self, quantity: Quantity) -> Floats:
        """The value in each replication, [R], in the quantity's unit.

        Raises ``ValueError`` for a quantity that varies per lot or patient, and ``RunError`` when
        uncertain parameters make an impossible distribution in one of the replications.
        """
        known = self._values.get(quantity.path)
        if known is not None and known[0] is quantity:
            return known[1]
        found = self._drawn_value(quantity)
        found.flags.writeable = False
        self._values[quantity.path] = (quantity, found)
        return found

    def monthly(self, series: Series) -> Floats:
        """The value in each replication and month, [R, M]; rates a year stay rates a year.

        What a month has when the series changes inside it: see :mod:`cartsim.sampling.months`.
        """
        return by_month(series, self.calendar, self.value)

    def by_index(self, quantity: Quantity, size: int, attempt: int = 1) -> Floats:
        """One value for each lot or patient of each replication, [R, size]; read-only.

        What varies has a stream for each attempt (a lot's second run is not its first again);
        what does not vary (constants, replication scope) is the same for all of them.
        """
        shape = (len(self.replications), size)
        if not _varies(quantity, attempt):
            return np.broadcast_to(self.value(quantity)[:, None], shape)
        path = _of_attempt(quantity.path, attempt)
        u = uniforms(self.chance, path, self.replications, size)
        return self._varying(quantity, path, u.reshape(-1), _rows(shape)).reshape(shape)

    def at_places(
        self, quantity: Quantity, row: Ints, index: Ints, attempt: int = 1
    ) -> Floats | float:
        """The same values of some lots or patients only, [n]; or one number that holds for all.

        ``row`` (of the block's replications) and ``index``, int64[n], name their places in the
        table that :meth:`by_index` makes; nothing is computed for the others.
        """
        if not _varies(quantity, attempt):
            constant = quantity.constant
            return self.value(quantity)[row] if constant is None else constant
        path = _of_attempt(quantity.path, attempt)
        return self._varying(quantity, path, self.uniform_at(path, row, index), row)

    def uniform_at(self, path: str, row: Ints, index: Ints) -> Floats:
        """The uniforms that :meth:`uniform` would make, at some places only, [n]."""
        return uniforms_at(self.chance, path, self.replications, row, index)

    @cached_property
    def _design(self) -> Design:
        name = self.scenario.run.design
        return design(name, () if name != "sobol" else placed(self.scenario))

    def _placed(self, path: str) -> Floats:
        """The uniforms [R] of what is not known: a quantity of replication scope, or a driver."""
        given = at(self.given.streams, path, self.replications)
        if given is not None:
            return given
        return self._design.uniforms(self.seed, path, self.replications)

    def _varying(self, quantity: Quantity, path: str, u: Floats, row: Ints) -> Floats:
        """Values [n] of a quantity that varies, from their uniforms and replications."""
        assert isinstance(quantity.value, Distribution)
        if quantity.value.loadings:
            u = self._driven(quantity.value, path, u, row)
        found = self._ppf(quantity, quantity.value, u, row)
        found.flags.writeable = False
        return found

    def _drawn_value(self, quantity: Quantity) -> Floats:
        value = quantity.value
        if isinstance(value, DriverReference):
            return np.clip(
                self.value(self.scenario.drivers[value.driver]), quantity.low, quantity.high
            )
        if not isinstance(value, Distribution):
            return np.full(len(self.replications), value)
        if quantity.scope != "replication":
            message = f"{quantity.path} varies per {quantity.scope}: it has no value of its own"
            raise ValueError(f"{message} in a replication; ask for it by index")
        given = at(self.given.values, quantity.path, self.replications)
        if given is not None:
            return self._ppf(quantity, value, given)
        return self._ppf(quantity, value, self._coupled(self._terms(quantity)))

    def _terms(self, quantity: Quantity) -> Terms:
        """Which streams make the normal score of a quantity of replication scope."""
        own = self._coupling.own(quantity.path)
        if not isinstance(quantity.value, Distribution) or not quantity.value.loadings:
            return own
        return loaded(own, self._drivers(quantity.value), quantity.path)

    def _drivers(self, distribution: Distribution) -> list[tuple[float, Terms]]:
        """Loading and streams of each driver, by name; a driver itself loads on no other."""
        return [
            (loading, self._coupling.own(self.scenario.drivers[name].path))
            for name, loading in sorted(distribution.loadings.items())
        ]

    def _score(self, path: str) -> Floats:
        """Normal scores [R] of a stream of replication scope."""
        from scipy.special import ndtri

        known = self._scores.get(path)
        if known is None:
            known = self._scores[path] = np.asarray(ndtri(self._placed(path)))
        return known

    def _coupled(self, terms: Terms) -> Floats:
        """The uniforms [R] of a quantity made of these streams."""
        if len(terms) == 1 and abs(terms[0][1]) == 1.0:
            # one stream alone, or its mirror image: no way through the normal, so no rounding
            u = self._placed(terms[0][0])
            return u if terms[0][1] > 0 else 1.0 - u
        return _uniform_of(mixed_score(terms, self._score))

    def _driven(self, distribution: Distribution, path: str, u: Floats, row: Ints) -> Floats:
        """Uniforms [n] whose normal scores share, in a replication, what the drivers say."""
        from scipy.special import ndtri

        terms = loaded(((path, 1.0),), self._drivers(distribution), path)
        weights = dict(terms)
        rest = weights.pop(path, 0.0)
        scores = rest * ndtri(u)
        if weights:
            scores += mixed_score(tuple(weights.items()), self._score)[row]
        return _uniform_of(scores)

    def _ppf(
        self, quantity: Quantity, distribution: Distribution, u: Floats, row: Ints | None = None
    ) -> Floats:
        """The values of a distribution at uniforms [R], or [n] of the replications ``row``."""
        family = FAMILIES[distribution.kind]
        parameters = self._parameters(distribution, row)
        low, high = (
            default if bound is None else self._parameter(bound, row)
            for bound, default in ((distribution.low, -np.inf), (distribution.high, np.inf))
        )
        problem = family.problem(**parameters)
        if problem:
            raise RunError(f"{quantity.path}: {distribution.kind}: {problem}")
        with np.errstate(over="ignore"):  # an infinite value is reported below
            if distribution.low is None and distribution.high is None:
                found = self._inverse(family, u, parameters)
            else:
                found = truncated_ppf(family, u, low, high, **parameters)
        if not np.all(np.isfinite(found)):
            worst = int(np.argwhere(~np.isfinite(found))[0][0])
            worst = worst if row is None else int(row[worst])
            where = f"in replication {self.replications[worst]}"
            message = f"{distribution.kind} has no finite value {where}"
            raise RunError(f"{quantity.path}: {message}; look at its parameters and truncation")
        return np.asarray(np.clip(found, quantity.low, quantity.high))

    @staticmethod
    def _inverse(family: Family, u: Floats, parameters: Mapping[str, float | Floats]) -> Floats:
        """The exact inverse, but of one distribution a table where it is costly."""
        constants = {name: p for name, p in parameters.items() if isinstance(p, float)}
        if len(constants) < len(parameters):
            return family.ppf(u, **parameters)
        return tabulated_ppf(family, u, constants)

    def _parameters(
        self, distribution: Distribution, row: Ints | None
    ) -> Mapping[str, float | Floats]:
        if distribution.points:
            values, weights = np.asarray(distribution.points, dtype=np.float64).T
            return {"values": values, "weights": weights}
        return {
            name: self._parameter(quantity, row)
            for name, quantity in distribution.parameters.items()
        }

    def _parameter(self, quantity: Quantity, row: Ints | None) -> float | Floats:
        """A parameter as a number, or one a replication [R], or one a draw [n]."""
        constant = quantity.constant
        if constant is not None:
            return constant
        found = self.value(quantity)
        return found if row is None else found[row]


def placed(scenario: Scenario) -> list[str]:
    """Paths of what is not known: the uncertain quantities of replication scope, sorted."""
    return [each.path for each in uncertain(scenario) if each.scope == "replication"]


def _varies(quantity: Quantity, attempt: int) -> bool:
    if attempt < 1:
        raise ValueError(f"attempts count from 1: {attempt}")
    return isinstance(quantity.value, Distribution) and quantity.scope != "replication"


def _of_attempt(path: str, attempt: int) -> str:
    return path if attempt == 1 else f"{path}#{attempt}"


def _rows(shape: tuple[int, int]) -> Ints:
    return np.repeat(np.arange(shape[0]), shape[1])


def _uniform_of(score: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(np.clip(ndtr(score), SMALLEST, 1.0 - SMALLEST))
