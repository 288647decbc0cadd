"""Levers set so that a goal is met best: every candidate meets the same draws.

Few combinations are all tried; many are searched, by Optuna's tree-structured Parzen estimator for
one goal and by NSGA-II for two. What is found is then told with its neighbours: which candidates
are as good as far as chance lets one see, and which regrets least whatever the future is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from cartsim.analysis.evaluate import USUAL, Case, Evaluated, Settings, Wanted, evaluate
from cartsim.analysis.extras import library_seed, needed
from cartsim.analysis.levers import Aim, Lever
from cartsim.analysis.optimum import Candidate, Optimum
from cartsim.analysis.statistic import Condition
from cartsim.errors import ScenarioError, UsageError
from cartsim.measures import Column
from cartsim.scenario.loaded import Loaded
from cartsim.units import Floats

VARIANT = "variant"
"""A lever of this name chooses one of the scenario's variants; ``-`` stands for none."""
NONE = "-"
TRIALS = 60

Progress = Callable[[int, int], None]
"""Called with the candidates tried and those there are to be."""


def optimise(
    loaded: Loaded,
    levers: Sequence[Lever],
    goals: Sequence[Aim],
    constraints: Sequence[Condition] = (),
    *,
    futures: Sequence[str] = (),
    trials: int = TRIALS,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Optimum:
    """Try settings of the levers; all of them, where there are no more than ``trials``.

    ``futures`` are variants that may come true beside what the scenario says, for the regret of
    each candidate. Settings that make no scenario are left out and said. Raises ``UsageError`` for
    levers that do not exist, and where no setting makes a scenario.
    """
    _check(loaded, levers, goals, futures, trials)
    trial = _Trial(loaded, levers, tuple(goals), tuple(constraints), tuple(futures), settings)
    combinations = _combinations(levers)
    if combinations is not None and combinations <= trials:
        paths = [lever.path for lever in levers]
        every = [
            dict(zip(paths, values, strict=True))
            for values in product(*(lever.choices for lever in levers))
        ]
        trial.look(every)
        for number, setting in enumerate(every, 1):
            trial.run(setting)
            if progress is not None:
                progress(number, combinations)
    else:
        _search(trial, levers, trials, progress)
    if not trial.done:
        raise UsageError("no setting of the levers makes a scenario:\n" + "\n".join(trial.refused))
    number, seed = settings.of(loaded)
    return Optimum(
        tuple(levers),
        trial.goals,
        trial.constraints,
        trial.columns,
        trial.candidates(),
        trial.futures,
        combinations is not None and combinations <= trials,
        number,
        seed,
        tuple(trial.refused),
    )


@dataclass
class _Trial:
    """Candidates as they are tried, each setting once."""

    loaded: Loaded
    levers: Sequence[Lever]
    goals: tuple[Aim, ...]
    constraints: tuple[Condition, ...]
    futures: tuple[str, ...]
    settings: Settings
    columns: tuple[Column, ...] = ()
    refused: list[str] = field(default_factory=list)
    done: dict[tuple[str, ...], tuple[Candidate, Floats, tuple[float, ...]]] = field(
        default_factory=dict
    )
    """By setting: the candidate, its values of the first goal's measure [R], and the first goal in
    each future."""

    def look(self, settings: Sequence[Mapping[str, str]]) -> None:
        """Raise ``UsageError`` for a value with which no setting makes a scenario."""
        good = [setting for setting in settings if self._scenarios(setting) is not None]
        for lever in self.levers:
            for choice in lever.choices:
                if not any(setting[lever.path] == choice for setting in good):
                    wrong = next(r for r in self.refused if f"{lever.path}={choice}" in r)
                    raise UsageError(
                        f"no setting with {lever.path}={choice} makes a scenario: {wrong}"
                    )

    def _scenarios(self, setting: Mapping[str, str]) -> list[Loaded] | None:
        """The scenario of a setting, and under each future; ``None`` where it makes none."""
        try:
            return [self._scenario(setting, future) for future in (None, *self.futures)]
        except ScenarioError as error:
            said = ", ".join(f"{path}={value}" for path, value in setting.items())
            refused = f"{said}: {error.problems[0]}"
            if refused not in self.refused:
                self.refused.append(refused)
            return None

    def run(self, setting: Mapping[str, str]) -> Candidate | None:
        """A candidate; ``None`` where the setting makes no scenario."""
        key = tuple(setting.values())
        if key in self.done:
            return self.done[key][0]
        scenarios = self._scenarios(setting)
        if scenarios is None:
            return None
        found = evaluate([Case(each) for each in scenarios], self._wanted(), self.settings)
        self.columns = found.columns[: len(self.goals)]
        told = self._told(found, 0)
        goals, constraints = told[: len(self.goals)], [v for v, _ in told[len(self.goals) :]]
        broken = [c.violation(v) for c, v in zip(self.constraints, constraints, strict=True)]
        feasible = not any(broken) and not any(math.isnan(value) for value, _ in goals)
        candidate = Candidate(dict(setting), tuple(goals), tuple(constraints), feasible)
        ahead = tuple(self._told(found, case)[0][0] for case in range(len(scenarios)))
        self.done[key] = (candidate, found.values[0, 0], ahead)
        return candidate

    def violations(self, candidate: Candidate) -> list[float]:
        """By how much each constraint is missed."""
        told = zip(self.constraints, candidate.constraints, strict=True)
        return [condition.violation(value) for condition, value in told]

    def candidates(self) -> tuple[Candidate, ...]:
        """All candidates with what they are behind and regret, the best first."""
        goal = self.goals[0]
        ordered = sorted(
            self.done.values(),
            key=lambda entry: (
                not entry[0].feasible,
                sum(self.violations(entry[0])),
                -goal.sign * entry[0].goals[0][0] if not math.isnan(entry[0].goals[0][0]) else 0.0,
            ),
        )
        feasible = [entry for entry in ordered if entry[0].feasible] or ordered
        best_values = feasible[0][1]
        tops = np.asarray([goal.sign * np.asarray(entry[2]) for entry in feasible]).max(axis=0)
        by_replication = np.max([goal.sign * entry[1] for entry in feasible], axis=0)
        told = []
        for candidate, values, ahead in ordered:
            behind, se = self._behind(candidate, feasible[0][0], best_values, values)
            if self.futures:
                regret = float((tops - goal.sign * np.asarray(ahead)).max())
            else:
                short = (by_replication - goal.sign * values)[~np.isnan(values)]
                regret = float(np.quantile(short, 0.95)) if short.size else math.nan
            told.append(
                Candidate(
                    candidate.setting,
                    candidate.goals,
                    candidate.constraints,
                    candidate.feasible,
                    behind,
                    se,
                    regret,
                )
            )
        return tuple(told)

    def _behind(
        self, candidate: Candidate, best: Candidate, best_values: Floats, values: Floats
    ) -> tuple[float, float]:
        """The first goal's distance from the best, and the error of it: of means and probabilities
        that of the pairs, of quantiles the two errors together."""
        goal = self.goals[0]
        if candidate is best:
            return 0.0, 0.0
        apart = goal.sign * (best.goals[0][0] - candidate.goals[0][0])
        statistic = goal.statistic
        if statistic.event is not None:
            values, best_values = (statistic.event.happens(v) for v in (values, best_values))
        elif statistic.kind != "mean":
            return apart, math.hypot(best.goals[0][1], candidate.goals[0][1])
        known = ~(np.isnan(values) | np.isnan(best_values))
        pairs = (best_values - values)[known]
        return apart, float(pairs.std(ddof=1) / math.sqrt(pairs.size)) if pairs.size > 1 else 0.0

    def _told(self, found: Evaluated, case: int) -> list[tuple[float, float]]:
        statistics = [goal.statistic for goal in self.goals]
        statistics += [condition.statistic for condition in self.constraints]
        return [
            statistic.of(found.values[case, i], found.batches)
            for i, statistic in enumerate(statistics)
        ]

    def _wanted(self) -> list[Wanted]:
        return [goal.statistic.wanted for goal in self.goals] + [
            condition.statistic.wanted for condition in self.constraints
        ]

    def _scenario(self, setting: Mapping[str, str], future: str | None) -> Loaded:
        values = {path: value for path, value in setting.items() if path != VARIANT}
        chosen = setting.get(VARIANT, self.loaded.variant or NONE)
        variant = future if future is not None else None if chosen == NONE else chosen
        here = self.loaded
        return (here if variant == here.variant else here.with_variant(variant)).with_overrides(
            values
        )


def _search(trial: _Trial, levers: Sequence[Lever], trials: int, progress: Progress | None) -> None:
    """Let Optuna propose settings, one after the other."""
    optuna = needed("optuna", "Optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    _, seed = trial.settings.of(trial.loaded)
    several = len(trial.goals) > 1

    if several:
        sampler = optuna.samplers.NSGAIISampler(
            population_size=max(4, min(20, trials // 4)), seed=library_seed(seed)
        )
    else:
        sampler = optuna.samplers.TPESampler(
            seed=library_seed(seed), n_startup_trials=max(5, trials // 5)
        )
    study = optuna.create_study(
        directions=["maximize" if goal.largest else "minimize" for goal in trial.goals],
        sampler=sampler,
    )
    for number in range(1, trials + 1):
        asked = study.ask()
        setting = {
            lever.path: str(asked.suggest_categorical(lever.path, list(lever.choices)))
            if lever.choices
            else _short(asked.suggest_float(lever.path, lever.low, lever.high))
            for lever in levers
        }
        candidate = trial.run(setting)
        values = [] if candidate is None else [value for value, _ in candidate.goals]
        if candidate is None or any(map(math.isnan, values)):
            study.tell(asked, state=optuna.trial.TrialState.FAIL)
        else:
            for condition, missed in zip(
                trial.constraints, trial.violations(candidate), strict=True
            ):
                asked.set_constraint(str(condition), missed)
            study.tell(asked, values)
        if progress is not None:
            progress(number, trials)


def _short(value: float) -> str:
    """Six digits, which is closer than anyone decides, and without an exponent."""
    return f"{float(f'{value:.6g}'):.15g}"


def _combinations(levers: Sequence[Lever]) -> int | None:
    """How many settings there are; ``None`` where a lever is a range without steps."""
    if not all(lever.choices for lever in levers):
        return None
    return math.prod(len(lever.choices) for lever in levers)


def _check(
    loaded: Loaded,
    levers: Sequence[Lever],
    goals: Sequence[Aim],
    futures: Sequence[str],
    trials: int,
) -> None:
    if not levers or not goals:
        raise UsageError("name at least one lever and one goal")
    if len(goals) > 2:
        raise UsageError(f"one or two goals can be followed at once; got {len(goals)}")
    if trials < 1:
        raise UsageError(f"at least one trial is needed; got {trials}")
    paths = [lever.path for lever in levers]
    if len(set(paths)) < len(paths):
        raise UsageError("a lever is named twice")
    if VARIANT in paths and futures:
        raise UsageError("variants can be a lever or futures, not both")
    chosen = [c for lever in levers if lever.path == VARIANT for c in lever.choices]
    for name in (*futures, *chosen):
        if name != NONE and name not in loaded.variants:
            raise UsageError(f"the scenario has no variant {name!r}: {', '.join(loaded.variants)}")
    for lever in levers:
        for value in (lever.choices or (f"{lever.low:.12g}", f"{lever.high:.12g}"))[:1]:
            if lever.path != VARIANT:
                _known(loaded, lever.path, value)


def _known(loaded: Loaded, path: str, value: str) -> None:
    """Raise what is wrong with a lever's path; what its value makes of a scenario shows later."""
    try:
        loaded.with_overrides({path: value})
    except ScenarioError as error:
        unknown = [p for p in error.problems if "unknown path" in p.message]
        if unknown:
            raise ScenarioError(unknown) from None
