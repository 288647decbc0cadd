"""The run: blocks computed anywhere, kept and merged in their order. The only loop over blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cartsim
from cartsim.errors import UsageError
from cartsim.measures import Outcomes, merge
from cartsim.montecarlo.block import blocks
from cartsim.montecarlo.executors import EXECUTORS, Task, available_workers
from cartsim.montecarlo.result import Result
from cartsim.montecarlo.storage import SUMMARY, RunFolder, json_text, manifest
from cartsim.sampling.drawn import draw
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.part import nearest
from cartsim.simulation import ENGINES

Progress = Callable[[int, int], None]
"""Called after each block with the replications done and those wanted."""


def run(
    loaded: Loaded,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "fast",
    executor: str = "processes",
    workers: int | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario many times; numbers of replications and seed are the scenario's if not given.

    The outcomes are bit-identical for any executor and number of workers. With ``out`` the run is
    saved into that folder, block by block. Raises ``UsageError`` for options that cannot be carried
    out, ``RunError`` for a block that failed.
    """
    settings = loaded.model.run
    wanted = settings.replications if replications is None else replications
    chosen_seed = settings.seed if seed is None else seed
    _check(wanted, chosen_seed, engine, executor, workers)
    todo = dict(enumerate(blocks(wanted)))
    folder = None
    if out is not None:
        folder = RunFolder.create(out, loaded, manifest(loaded, chosen_seed, wanted, engine))
    task = Task(loaded.model, chosen_seed, engine, _options(loaded, chosen_seed))
    count = min(workers or available_workers(), len(todo))
    # One worker in a process of its own would only cost its start.
    compute = EXECUTORS["serial" if executor == "processes" and count == 1 else executor]
    done: dict[int, Outcomes] = {}
    for number, block in compute(task, todo, count):
        done[number] = block
        if folder is not None:
            folder.write_block(number, block)
        if progress is not None:
            progress(sum(len(o.replications) for o in done.values()), wanted)
    merged = merge([done[number] for number in sorted(done)])
    notices = (*loaded.notices, *draw(loaded.model, chosen_seed, range(1)).notices)
    result = Result(loaded, chosen_seed, engine, cartsim.__version__, merged, notices, out)
    if folder is not None:
        folder.write_text(SUMMARY, json_text(result.document()))
    return result


def _check(replications: int, seed: int, engine: str, executor: str, workers: int | None) -> None:
    if replications < 1:
        raise UsageError(f"at least one replication is needed; got {replications}")
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0; got {seed}")
    if workers is not None and workers < 1:
        raise UsageError(f"at least one worker is needed; got {workers}")
    for kind, name, known in (("engine", engine, ENGINES), ("executor", executor, EXECUTORS)):
        if name not in known:
            raise UsageError(f"there is no {kind} {name!r} ({nearest(name, known)})")


def _options(loaded: Loaded, seed: int) -> tuple[str, ...]:
    options = [loaded.path]
    if loaded.variant:
        options += ["--variant", loaded.variant]
    for path, value in loaded.overrides.items():
        options += ["--set", f"{path}={value}"]
    return (*options, "--seed", str(seed))
