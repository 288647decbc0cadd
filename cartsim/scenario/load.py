"""Loading a scenario: from a YAML file to a checked, frozen model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cartsim.errors import Problem, ScenarioError
from cartsim.scenario.extends import Assembly, Source
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.merge import report_deletions
from cartsim.scenario.resolve import SHAPE, problems_of, resolve, variant_names
from cartsim.scenario.tree import Map


def load(
    path: str | Path, variant: str | None = None, overrides: Mapping[str, object] | None = None
) -> Loaded:
    """Load a scenario file, with one of its variants and with values replaced by dotted path.

    Raises :class:`~cartsim.errors.ScenarioError` with every problem of the scenario at once.
    """
    return _load(Source(str(path), Path(path)), None, variant, overrides or {})


def load_text(
    text: str,
    name: str = "<text>",
    variant: str | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Loaded:
    """Load a scenario from text; ``extends`` is relative to the folder of ``name``."""
    return _load(Source(name, Path(name)), text, variant, overrides or {})


def validate(path: str | Path) -> tuple[Problem, ...]:
    """Everything that is wrong with a file, as it stands and under each of its variants."""
    assembled = _assemble(Source(str(path), Path(path)), None)
    found = list(assembled.problems)
    if assembled.root is not None:
        anyway = problems_of(assembled.root, None)
        found.extend(anyway)
        for variant in variant_names(assembled.root):
            found.extend(problems_of(assembled.root, variant, aside=anyway))
    return ScenarioError(assembled.relevant(found)).problems


@dataclass(frozen=True)
class _Assembled:
    root: Map | None
    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    incomplete: bool

    def relevant(self, problems: Iterable[Problem]) -> list[Problem]:
        """Without those that only follow from a file that could not be read."""
        if not self.incomplete:
            return list(problems)
        return [problem for problem in problems if not problem.message.startswith("missing key")]


def _load(
    source: Source, text: str | None, variant: str | None, overrides: Mapping[str, object]
) -> Loaded:
    assembled = _assemble(source, text)
    if assembled.root is None:
        raise ScenarioError(list(assembled.problems))
    try:
        return resolve(
            assembled.root,
            path=source.name,
            variant=variant,
            overrides=overrides,
            files=assembled.files,
            problems=assembled.problems,
        )
    except ScenarioError as error:
        raise ScenarioError(assembled.relevant(error.problems)) from None


def _assemble(source: Source, text: str | None) -> _Assembled:
    problems: list[Problem] = []
    assembly = Assembly(problems)
    root = assembly.file(source, SHAPE) if text is None else assembly.text(text, source, SHAPE)
    if isinstance(root, Map):
        report_deletions(root, problems, "")
    return _Assembled(
        root if isinstance(root, Map) else None,
        tuple(assembly.files),
        tuple(problems),
        assembly.incomplete,
    )
