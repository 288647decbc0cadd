"""Scenarios run again and again while some of their values are varied: trade-off curves.

Every point has the same seed, so that curves differ by what was varied and not by chance.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cartsim.errors import UsageError
from cartsim.measures import MEASURES, bare_name
from cartsim.montecarlo.result import Result
from cartsim.montecarlo.run import run
from cartsim.scenario.load import load
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.parameters import quantities
from cartsim.scenario.part import Part

STATISTICS = ("mean", "se", "p5", "p50", "p95")
COLUMNS = ("line", "point", "measure", "period", "unit", *STATISTICS, "replications", "key")
"""Columns of the table; ``key`` says from which scenario, seed and version a row was computed."""


@dataclass(frozen=True)
class Varied:
    """A dotted path (``*`` stands for every name at its place) and its values, as in YAML."""

    pattern: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """Statistics of one measure at one point (numbered from 0) of one line."""

    line: str
    point: int
    measure: str
    period: str
    unit: str
    mean: float
    se: float
    p5: float
    p50: float
    p95: float
    replications: int
    key: str


def sweep(
    files: Sequence[str | Path],
    varied: Sequence[Varied],
    measures: Sequence[str],
    *,
    variants: Sequence[str] = (),
    period: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "fast",
    executor: str | None = None,
    workers: int | None = None,
    keep: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Run every file (under each of the variants) at every point, and tell the measures.

    All of ``varied`` change together, point by point, so they have equally many values. ``period``
    is the last year of the run if not given; measures of the whole run have no other than ``all``.
    With ``keep``, a CSV file, finished points are written
    as they come and are not computed again. Raises ``UsageError`` for what cannot be varied and
    ``ScenarioError`` for a value that a scenario does not take, before anything is run.
    """
    points = {len(item.values) for item in varied}
    if len(points) != 1:
        raise UsageError("name what is varied; all that is varied needs equally many values")
    lines = list(_lines(files, variants, varied))
    total = len(lines) * points.pop()
    known = read(keep) if keep is not None and keep.exists() else []
    rows: list[Row] = []
    for number, (name, point, loaded) in enumerate(
        (name, point, loaded) for name, scenarios in lines for point, loaded in enumerate(scenarios)
    ):
        chosen = {measure: _period(loaded, measure, period) for measure in measures}
        key = _key(loaded, seed, replications, engine)
        done = {
            r.measure: r
            for r in known
            if (r.line, r.point, r.key) == (name, point, key) and r.period == chosen.get(r.measure)
        }
        if not set(measures) <= set(done):
            result = run(loaded, replications, seed, engine, executor, workers)
            done = {m: _row(result, name, point, m, chosen[m], key) for m in measures}
        rows.extend(done[measure] for measure in measures)
        if keep is not None:
            write(keep, rows)
        if progress is not None:
            progress(number + 1, total)
    return rows


def read(path: Path) -> list[Row]:
    """The rows of a table written by :func:`write`; none of a file that is none."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise UsageError(f"{path} is not the table of a sweep; choose another folder")
        return [_parsed(record) for record in reader]


def write(path: Path, rows: Sequence[Row]) -> None:
    """The rows as CSV; replaces the file only when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([getattr(row, column) for column in COLUMNS])
    beside.replace(path)


def matches(loaded: Loaded, pattern: str) -> tuple[str, ...]:
    """The paths of a scenario that a pattern stands for."""
    found = [("", loaded.model)]
    parts = pattern.split(".")
    for position, part in enumerate(parts):
        following: list[tuple[str, Any]] = []
        for path, value in found:
            if position == len(parts) - 1 and part != "*" and isinstance(value, Part):
                following.append((f"{path}.{part}", None))
                continue
            for name, inside in _inside(value):
                if part in ("*", name):
                    following.append((f"{path}.{name}", inside))
        found = following
    if found:
        return tuple(path.removeprefix(".") for path, _ in found)
    # what stands in a list, as the legs of a contract do, is found by the names of its numbers
    named = (quantity.path.split(".") for quantity in quantities(loaded.model))
    return tuple(
        ".".join(path)
        for path in named
        if len(path) == len(parts)
        and all(wanted in ("*", here) for wanted, here in zip(parts, path, strict=True))
    )


def _inside(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((str(name), item) for name, item in value.items())
    elif isinstance(value, Part):
        for key in type(value).model_fields:
            yield key, getattr(value, key)


def _lines(
    files: Sequence[str | Path], variants: Sequence[str], varied: Sequence[Varied]
) -> Iterator[tuple[str, list[Loaded]]]:
    used: set[str] = set()
    found: list[tuple[str, list[Loaded]]] = []
    for file in files:
        for variant in variants or (None,):
            base = load(file, variant)
            paths = {item.pattern: matches(base, item.pattern) for item in varied}
            used |= {pattern for pattern, matched in paths.items() if matched}
            name = Path(file).stem + (f", {variant}" if variant else "")
            scenarios = [
                load(
                    file,
                    variant,
                    {path: item.values[i] for item in varied for path in paths[item.pattern]},
                )
                for i in range(len(varied[0].values))
            ]
            found.append((name, scenarios))
    for item in varied:
        if item.pattern not in used:
            raise UsageError(f"{item.pattern!r} is a path of none of the scenarios")
    yield from found


def _period(loaded: Loaded, measure: str, period: str | None) -> str:
    known = MEASURES.get(bare_name(measure))
    if period is None and known is not None and known.aggregation == "whole run":
        return "all"
    return period or str(loaded.model.run.start.year + loaded.model.run.years - 1)


def _key(loaded: Loaded, seed: int | None, replications: int | None, engine: str) -> str:
    import cartsim

    chosen = loaded.model.run.seed if seed is None else seed
    number = loaded.model.run.replications if replications is None else replications
    return f"{loaded.hash[:16]}-{chosen}-{number}-{engine}-{cartsim.__version__}"


def _row(result: Result, line: str, point: int, measure: str, period: str, key: str) -> Row:
    unit = result.column(measure, period).unit
    numbers = {name: result.statistic(measure, period, name) for name in STATISTICS}
    return Row(
        line, point, measure, period, unit, **numbers, replications=result.replications, key=key
    )


def _parsed(record: dict[str, str]) -> Row:
    mean, se, p5, p50, p95 = (float(record[name] or math.nan) for name in STATISTICS)
    return Row(
        record["line"],
        int(record["point"]),
        record["measure"],
        record["period"],
        record["unit"],
        mean,
        se,
        p5,
        p50,
        p95,
        int(record["replications"]),
        record["key"],
    )
