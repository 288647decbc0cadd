"""A scenario that was loaded: its model, and the tree that knows where each value came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cartsim.scenario.model import Scenario
from cartsim.scenario.tree import Map


@dataclass(frozen=True)
class Loaded:
    """A valid scenario with its origin.

    ``tree`` is the merged tree after variant and overrides; its nodes have dotted paths, positions
    and what they replaced. ``hash`` is a sha256 (hex) of everything that the scenario says,
    whatever its files are called and in whichever order their keys stand. ``notices`` is what a
    reader must be told, such as which family a quantile form became.
    """

    model: Scenario = field(repr=False)
    tree: Map = field(repr=False)
    hash: str
    path: str
    variant: str | None = None
    overrides: Mapping[str, object] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Every file that was read, the scenario's own first."""
    variants: tuple[str, ...] = ()
    """The names of the scenario's variants, sorted."""
    merged: Map = field(repr=False, default_factory=Map)
    """The merged tree before variant and overrides, ``variants`` included."""

    def with_variant(self, variant: str | None) -> Loaded:
        """The same scenario, with the same overrides, under another variant, or under none.

        Raises :class:`~cartsim.errors.ScenarioError` for a variant that it does not have.
        """
        from cartsim.scenario.resolve import resolve

        return resolve(
            self.merged,
            path=self.path,
            variant=variant,
            overrides=self.overrides,
            files=self.files,
        )

    def with_overrides(self, overrides: Mapping[str, object]) -> Loaded:
        """The same scenario with values replaced by dotted path, on top of earlier overrides.

        A value may be a number, text as in YAML, a date, a list or a map; a map merges as in
        ``extends``. Raises :class:`~cartsim.errors.ScenarioError` with everything that is wrong.
        """
        from cartsim.scenario.resolve import resolve

        return resolve(
            self.merged,
            path=self.path,
            variant=self.variant,
            overrides={**self.overrides, **overrides},
            files=self.files,
        )
