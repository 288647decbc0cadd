"""Some of the changes that lead from one scenario to another, put into the first one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cartsim.scenario.difference import diff
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.read_quantity import plain_text
from cartsim.scenario.resolve import SHAPE, resolve
from cartsim.scenario.shape import Shape
from cartsim.scenario.tree import Map, Node, Scalar, copied, find, plain

NOT_ECONOMICS = ("cartsim", "title", "description", "observed", "levers", "variants")
"""Keys of a scenario that change no number of a run."""
HOW_IT_IS_RUN = ("run.replications", "run.seed", "run.design")


@dataclass(frozen=True)
class Change:
    """One place at which two scenarios say something else, as written; ``None`` where one of them
    says nothing (of its own: a default may hold)."""

    path: str
    left: str | None
    right: str | None


def changes(left: Loaded, right: Loaded) -> tuple[Change, ...]:
    """What must be changed in the left scenario for it to say what the right one says, by path.

    A name that one of them does not have (a contract, a market) is one change, however much it
    holds. What changes no number is left out: titles, sources, how many replications are run.
    """
    telling = [each.path for each in diff(left, right) if each.aspect == "value"]
    return tuple(
        change
        for change in _compared(left.tree, right.tree, SHAPE, "")
        if change.path.split(".")[0] not in NOT_ECONOMICS
        and change.path not in HOW_IT_IS_RUN
        and any(_one_in_other(change.path, path) for path in telling)
    )


def grafted(left: Loaded, right: Loaded, chosen: Iterable[Change]) -> Loaded:
    """The left scenario with some of the changes that lead to the right one.

    Raises :class:`~cartsim.errors.ScenarioError` where they make no scenario without the others.
    """
    tree = copied(left.tree)
    for change in chosen:
        *above, last = change.path.split(".")
        place: Map = tree
        for name in above:
            following = place[name]
            assert isinstance(following, Map)
            place = following
        found = find(right.tree, change.path)
        if found is None:
            del place[last]
        else:
            key = next((key for key in place if key == last), Scalar(last))
            place[key] = copied(Map([("it", found)]))["it"]
    return resolve(tree, path=left.path, variant=None, overrides={}, files=left.files)


def _compared(left: Map, right: Map, shape: Shape, path: str) -> Iterator[Change]:
    for key in dict.fromkeys([*map(str, left), *map(str, right)]):
        inner = f"{path}.{key}" if path else key
        one, other = left.get(key), right.get(key)
        below = shape.field(key)
        if (
            isinstance(one, Map)
            and isinstance(other, Map)
            and below is not None
            and below.kind in ("part", "names")
        ):
            yield from _compared(one, other, below, inner)
        elif _plain(one) != _plain(other):
            yield Change(inner, _text(one), _text(other))


def _plain(node: Node | None) -> object:
    return None if node is None else plain(node)


def _text(node: Node | None) -> str | None:
    return None if node is None else plain_text(node)


def _one_in_other(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
