"""The error family of cartsim.

A scenario is checked as a whole, so that its author sees every problem at once: checks
append :class:`Problem` values to a list and :class:`ScenarioError` carries the list.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

TRACEBACK = "CARTSIM_TRACEBACK"
"""Set this environment variable to see where an unexpected error came from."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where a value was written: file (or ``--set``), line and column, both from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a scenario.

    ``path`` is the dotted path of the value, ``message`` says what was given and what is
    allowed, ``hint`` says what to do (the nearest valid name, for instance) or is empty.
    """

    message: str
    path: str = ""
    position: Position | None = None
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.position}: " if self.position else ""
        what = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{what}{self.message}{hint}"

    def as_dict(self) -> dict[str, Any]:
        """The problem as ``cartsim validate --json`` prints it."""
        position = asdict(self.position) if self.position else {"file": "", "line": 0, "column": 0}
        return {**position, "path": self.path, "message": self.message, "hint": self.hint}


class CartsimError(Exception):
    """Base of every error that cartsim raises on purpose; the command line prints it plainly."""


class ScenarioError(CartsimError):
    """A scenario cannot be used; ``problems`` holds everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        order = sorted(
            set(problems),
            key=lambda p: (p.position is None, p.position or Position("", 0, 0), p.path, p.message),
        )
        self.problems: tuple[Problem, ...] = tuple(order)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[list[Problem]]]:
        # Exceptions are rebuilt from their message otherwise, which fails between processes.
        return type(self), (list(self.problems),)


class UsageError(CartsimError):
    """A call or a command-line option that cannot be carried out as given (exit code 2)."""


class RunError(CartsimError):
    """A run that could not be completed (exit code 1)."""
