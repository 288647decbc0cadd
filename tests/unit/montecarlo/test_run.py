"""A run: the same bits wherever its blocks are computed, and plain words when one of them fails."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit.montecarlo.small_run import SMALL, small

from cartsim.errors import Problem, RunError, ScenarioError, UsageError
from cartsim.measures import Outcomes
from cartsim.montecarlo import block
from cartsim.montecarlo.block import BLOCK, LARGE_BLOCK, blocks, compute_block
from cartsim.montecarlo.executors import EXECUTORS, compute
from cartsim.montecarlo.replay import replay
from cartsim.montecarlo.result import Result
from cartsim.montecarlo.run import run
from cartsim.montecarlo.saved import read_result
from cartsim.montecarlo.task import Task
from cartsim.scenario.load import load_text
from cartsim.simulation import ENGINES
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import Timelines

REPLICATIONS = 2 * BLOCK + 20


@pytest.fixture(scope="module")
def one_after_the_other() -> Result:
    return run(small(), REPLICATIONS, executor="serial")


def test_blocks_cover_every_replication_once() -> None:
    assert blocks(300) == (range(0, 128), range(128, 256), range(256, 300))
    assert blocks(128) == (range(0, 128),)
    assert blocks(1) == (range(0, 1),)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_the_bits_do_not_depend_on_who_computes(
    one_after_the_other: Result, executor: str, workers: int
) -> None:
    found = run(small(), REPLICATIONS, executor=executor, workers=workers)
    assert found.columns == one_after_the_other.columns
    expected = one_after_the_other.outcomes().to_numpy()
    assert np.isnan(expected).any()  # undefined values are compared as well
    assert np.array_equal(found.outcomes().to_numpy(), expected, equal_nan=True)


def test_a_block_with_very_many_patients_is_worked_on_in_parts(
    monkeypatch: pytest.MonkeyPatch, one_after_the_other: Result
) -> None:
    orders: list[int] = []
    whole = block.simulate

    def noted(*arguments: Any) -> tuple[Journeys, Timelines]:
        journeys, timelines = whole(*arguments)
        orders.append(int((journeys.order >= 0).sum()))
        return journeys, timelines

    monkeypatch.setattr(block, "simulate", noted)
    compute_block(small().model, small().model.run.seed, range(BLOCK), "fast")
    most = orders[0] // 5
    monkeypatch.setattr(block, "MOST_PATIENTS", most)
    orders.clear()
    found = compute_block(small().model, small().model.run.seed, range(BLOCK), "fast")
    assert len(orders) >= 5
    assert max(orders) <= most
    expected = one_after_the_other.outcomes().to_numpy()[:BLOCK]
    assert found.columns == one_after_the_other.columns
    assert np.array_equal(found.values, expected, equal_nan=True)


def test_a_company_without_products_has_larger_blocks_and_the_same_bits(tmp_path: Path) -> None:
    loaded = load_text(
        """
cartsim: 1
title: overheads alone
run: {start: 2024-01-01, years: 2, replications: 5, seed: 3}
currency: CNY
company: {opening_cash: {lognormal: {mean: 100m, sd: 20m}}, research: {uniform: [1m, 9m]},
  tax: {}, discount_rate: 10%}
products: {}
"""
    )
    replications = LARGE_BLOCK + 200
    run(loaded, LARGE_BLOCK - 24, executor="serial", out=tmp_path / "kept")
    found = run(loaded, replications, executor="serial", out=tmp_path / "kept")
    assert len(list((tmp_path / "kept" / "outcomes").glob("*.parquet"))) == 2
    small_ones = [compute_block(loaded.model, 3, rows, "fast") for rows in blocks(replications)]
    expected = np.concatenate([each.values for each in small_ones])
    assert np.array_equal(found.outcomes().to_numpy(), expected, equal_nan=True)
    assert replay(tmp_path / "kept").verified
    again = read_result(tmp_path / "kept")
    assert np.array_equal(again.values("npv", "all"), found.values("npv", "all"))


def test_more_replications_leave_the_first_ones_as_they_were(one_after_the_other: Result) -> None:
    fewer = run(small(), 150, executor="serial")
    expected = one_after_the_other.outcomes().to_numpy()[:150]
    assert np.array_equal(fewer.outcomes().to_numpy(), expected, equal_nan=True)


def test_the_scenario_says_how_many_and_from_which_seed() -> None:
    given = run(small(), executor="serial")
    assert (given.replications, given.seed) == (4, 11)
    same = run(small(), 4, 11, executor="serial")
    other = run(small(), 4, 12, executor="serial")
    assert np.array_equal(given.outcomes().to_numpy(), same.outcomes().to_numpy(), equal_nan=True)
    assert not np.array_equal(
        given.outcomes().to_numpy(), other.outcomes().to_numpy(), equal_nan=True
    )


def test_seed_zero_is_a_seed() -> None:
    found = run(small(), 2, 0, executor="serial")
    assert found.seed == 0


def test_progress_tells_how_many_are_done() -> None:
    said: list[tuple[int, int]] = []
    run(small(), BLOCK + 5, executor="serial", progress=lambda *told: said.append(told))
    assert said == [(BLOCK, BLOCK + 5), (BLOCK + 5, BLOCK + 5)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replications": 0}, "at least one replication is needed; got 0"),
        ({"seed": -1}, "a seed is a whole number from 0; got -1"),
        ({"workers": 0}, "at least one worker is needed; got 0"),
        ({"engine": "referense"}, "no engine 'referense' (did you mean 'reference'?)"),
        ({"executor": "process"}, "no executor 'process' (did you mean 'processes'?)"),
    ],
)
def test_options_that_cannot_be_carried_out(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        run(small(), **options)  # type: ignore[arg-type]
    assert message in str(raised.value)


def culprit_engine(culprit: int) -> Task:
    """A task whose engine fails at one replication, recognised by its patients' orders."""
    loaded = small()
    from cartsim.montecarlo.block import compute_facts

    facts = compute_facts(loaded.model, 1, range(culprit, culprit + 1), "reference")
    wrong = facts.journeys.order[0]

    def fails(plan: Plan, journeys: Journeys) -> Timelines:
        if wrong in journeys.order:
            raise ZeroDivisionError("no such line")
        return ENGINES["reference"](plan, journeys)

    ENGINES["fails"] = fails
    options = ("my file.yaml", "--variant", "dear", "--seed", "1")
    return Task(loaded.model, 1, "fails", options)


@pytest.fixture
def task() -> Task:
    return culprit_engine(5)


@pytest.fixture(autouse=True)
def only_real_engines() -> object:
    yield
    ENGINES.pop("fails", None)


@pytest.mark.parametrize("executor", ["serial", "threads"])
def test_a_replication_that_fails_is_named_and_the_others_are_kept(
    task: Task, executor: str
) -> None:
    with EXECUTORS[executor](1) as submit:
        (done,) = compute(submit, task, {3: range(2, 10)}, 1)
    assert [str(failure) for failure in done.failures] == [
        "replication 5 failed: ZeroDivisionError: no such line\n"
        "look at it with: cartsim trace 'my file.yaml' --variant dear --seed 1 --replication 5"
    ]
    assert isinstance(done.content, Outcomes)
    undefined = np.isnan(done.content.values).all(axis=1)
    assert undefined.tolist() == [row == 5 for row in range(2, 10)]
    good = compute_block(task.scenario, 1, range(6, 10), "reference")
    assert np.array_equal(done.content.values[4:], good.values, equal_nan=True)


def test_a_failing_replication_can_be_seen_in_full(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARTSIM_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError, match="no such line"):
        task.compute(0, range(10))


def test_a_run_tells_which_replications_failed_and_leaves_them_out(task: Task) -> None:
    found = run(small(), 12, 1, engine="fails", executor="serial")
    assert [failure.replication for failure in found.failures] == [5]
    assert found.replications == 12
    orders = found.values("orders", "2024")
    assert np.flatnonzero(np.isnan(orders)).tolist() == [5]
    assert found.statistic("orders", "2024") == pytest.approx(np.delete(orders, 5).mean())


def test_what_fails_everywhere_ends_the_run(task: Task) -> None:
    ENGINES["fails"] = lambda plan, journeys: (_ for _ in ()).throw(ZeroDivisionError("never"))
    with pytest.raises(
        RunError, match=r"every replication from 0 to 11 failed; the first: .*never"
    ):
        run(small(), 12, 1, engine="fails", executor="serial")


def test_errors_survive_the_way_between_processes() -> None:
    import pickle

    error = ScenarioError([Problem("wrong", "a.b"), Problem("also", "c")])
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
    assert str(again) == str(error)


def test_an_interrupt_ends_the_workers_at_once() -> None:
    def interrupt(done: int, wanted: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(small(), 20 * BLOCK, executor="processes", workers=2, progress=interrupt)
    limit = time.monotonic() + 5
    while multiprocessing.active_children() and time.monotonic() < limit:
        time.sleep(0.05)
    assert not multiprocessing.active_children()


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    script = tmp_path / "script.py"
    script.write_text(
        "import cartsim\n"
        "print('started')\n"
        "scenario = cartsim.load('small.yaml')\n"
        "print(cartsim.run(scenario, 200, workers=2).replications)\n"
        "print(__file__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["started", "200", str(script)]


def test_a_statement_that_does_not_add_up_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from cartsim.economics import statement

    monkeypatch.setattr(statement, "broken_identities", lambda *_: ["revenue"])
    with pytest.raises(RunError, match="does not add up: revenue"):
        compute_block(small().model, 1, range(1), "reference")
