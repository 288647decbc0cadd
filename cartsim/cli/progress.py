"""How far a run is, on standard error, once it takes longer than a moment."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

import click

QUIET_SECONDS = 2.0
"""Runs shorter than this say nothing."""
LINE_SECONDS = 5.0
"""Without a terminal, a line at most this often."""
STARTING = "starting; the first run after an installation compiles its engine"
"""Beside the bar until the first replications are done."""


class RunProgress:
    """Called with the replications done and those wanted; a bar on a terminal, lines elsewhere."""

    def __init__(self, total: int, things: str = "replications") -> None:
        self._total = total
        self._things = things
        self._done = 0
        self._begin = time.monotonic()
        self._last_line = self._begin
        self._first: tuple[int, float] | None = None
        self._bar: _Bar | None = None

    def __enter__(self) -> RunProgress:
        if sys.stderr.isatty():
            self._bar = _Bar(self._total, self._things)
        return self

    def __call__(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        if self._bar is not None:
            self._bar.update(done)
            return
        now = time.monotonic()
        if now - self._begin > QUIET_SECONDS and now - self._last_line >= LINE_SECONDS:
            self._last_line = now
            # the first ones may have waited for a compiler: they say nothing about the rate
            before, since = self._first or (0, self._begin)
            text = line(done, total, now - since, self._things, done - before)
            click.echo(text, err=True)
        if self._first is None:
            self._first = (done, now)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        seconds = time.monotonic() - self._begin
        if kind is None and seconds > QUIET_SECONDS:
            click.echo(f"{self._done:,} {self._things} in {seconds:.0f} s", err=True)


def line(
    done: int, total: int, seconds: float, things: str = "replications", new: int | None = None
) -> str:
    """Progress as a line of text: how many, how fast, how long still.

    The rate is that of ``new`` ones (all, if not given) in so many seconds.
    """
    rate = (done if new is None else new) / max(seconds, 1e-9)
    left = (total - done) / rate if rate else 0.0
    return f"{done:,} of {total:,} {things}, {rate:,.1f} a second, {left:.0f} s left"


class _Bar:
    """A bar that appears when the run has been going for a moment."""

    def __init__(self, total: int, things: str) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + things),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("running", total=total, rate=STARTING)
        self._begin = time.monotonic()
        self._lock = threading.Lock()
        self._closed = False
        self._timer = threading.Timer(QUIET_SECONDS, self._show)
        self._timer.daemon = True
        self._timer.start()

    def update(self, done: int) -> None:
        rate = done / max(time.monotonic() - self._begin, 1e-9)
        self._progress.update(self._task, completed=done, rate=f"{rate:,.1f} a second")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._timer.cancel()
            self._progress.stop()

    def _show(self) -> None:
        with self._lock:
            if not self._closed:
                self._progress.start()
