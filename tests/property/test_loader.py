"""Laws of scenario files: numbers, merging, order of keys, and that no key is ignored."""

from __future__ import annotations

import random
from pathlib import Path

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cartsim.errors import Problem, ScenarioError
from cartsim.scenario.extends import Assembly, Source
from cartsim.scenario.fingerprint import canonical
from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.merge import merge
from cartsim.scenario.model import Scenario
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.read_yaml import read_yaml
from cartsim.scenario.resolve import SHAPE
from cartsim.scenario.tree import Map, node, plain

ROOT = Path(__file__).parents[2]
VALID = (ROOT / "tests" / "wrong" / "valid_base.yaml").read_text("utf-8")
BASE = load_text(VALID)
finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(finite)
def test_a_number_written_by_python_reads_back_the_same(value: float):
    assert parse_number(str(node(value)), "money") == value


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15))
def test_separators_change_nothing(value: int):
    assert parse_number(f"{value:_}", "money") == float(value)


@settings(deadline=None)
@given(
    st.decimals(-100, 100, places=4), st.sampled_from([("k", 3), ("m", 6), ("bn", 9), ("%", -2)])
)
def test_a_suffix_moves_the_decimal_point_and_nothing_else(value, suffix):
    text, power = suffix
    unit = "share" if text == "%" else "money"
    assert parse_number(f"{value:f}{text}", unit) == float(value.scaleb(power))


@settings(deadline=None)
@given(st.text(max_size=12), st.sampled_from(["money", "share", "days", "places"]))
def test_any_text_is_a_finite_number_or_a_value_error(text: str, unit: str):
    try:
        value = parse_number(text, unit)
    except ValueError:
        return
    assert abs(value) < float("inf")


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_file_is_read_or_refused_with_a_problem(content: str | bytes):
    problems: list[Problem] = []
    root = read_yaml(content, "file", problems)
    assert root is not None or problems
    for problem in problems:
        assert problem.position is not None
        assert problem.position.line >= 1
        assert problem.position.column >= 1


WORDS = "a b 8% 1.2 ~ # << extends variants company pert"
SIGNS = ["{", "}", "[", "]", ": ", ", ", "\n", "  ", "- ", "? ", "| ", "---\n", "'", '"']
TAGS = ["&a ", "*a", "!x ", "!delete "]
SNIPPETS = st.sampled_from([*WORDS.split(), *SIGNS, *TAGS])


def attempt(text: str) -> Loaded | tuple[Problem, ...]:
    """The scenario that a text says, or everything that is wrong with it."""
    try:
        return load_text(text)
    except ScenarioError as error:
        return error.problems


@settings(deadline=None, max_examples=300)
@given(st.lists(SNIPPETS, max_size=30).map("".join))
def test_any_yaml_gives_a_scenario_or_problems(text: str):
    problems = attempt(text)
    assert isinstance(problems, tuple)
    assert problems


leaf = st.sampled_from(["1", "2m", "8%", "x"])
keys = st.sampled_from(["run", "company", "fx", "products", "plants"])
inner_keys = st.sampled_from(["start", "years", "name", "tax", "p", "q"])
trees = st.dictionaries(keys, st.dictionaries(inner_keys, leaf, min_size=1), min_size=1, max_size=4)


def merged(*layers: dict) -> dict:
    problems: list[Problem] = []
    result = node(layers[0])
    for layer in layers[1:]:
        result = merge(result, node(layer), SHAPE, problems)
    assert problems == []
    made = plain(result)
    assert isinstance(made, dict)
    return made


def paths(tree: dict) -> set[tuple[str, str]]:
    return {(outer, inner) for outer, below in tree.items() for inner in below}


@settings(deadline=None)
@given(trees, trees)
def test_disjoint_layers_merge_in_any_order(one: dict, other: dict):
    other = {
        outer: kept
        for outer, below in other.items()
        if (kept := {key: item for key, item in below.items() if (outer, key) not in paths(one)})
    }
    assume(other)
    assert merged(one, other) == merged(other, one)


@settings(deadline=None)
@given(trees, trees)
def test_the_later_layer_wins_and_the_rest_stays(one: dict, other: dict):
    result = merged(one, other)
    assert paths(result) == paths(one) | paths(other)
    for outer, key in paths(result):
        expected = other if (outer, key) in paths(other) else one
        assert result[outer][key] == expected[outer][key]


@settings(deadline=None)
@given(trees, trees, trees)
def test_merging_is_associative(one: dict, two: dict, three: dict):
    assert merged(merged(one, two), three) == merged(one, merged(two, three))


@settings(deadline=None)
@given(trees)
def test_merging_a_tree_with_itself_changes_nothing(tree: dict):
    assert merged(tree, tree) == tree


def document() -> dict:
    loaded = yaml.load(VALID, yaml.BaseLoader)
    assert isinstance(loaded, dict)
    return loaded


def shuffled(value: object, chance: random.Random) -> object:
    """The same document with the keys of every map in another order; years stay in theirs."""
    if isinstance(value, dict):
        items = list(value.items())
        if not all(key.isdigit() for key in value):
            chance.shuffle(items)
        return {key: shuffled(item, chance) for key, item in items}
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    return value


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_neither_the_model_nor_the_hash(chance: random.Random):
    text = yaml.safe_dump(shuffled(document(), chance), sort_keys=False)
    turned = load_text(text)
    assert turned.hash == BASE.hash
    assert canonical(turned.model) == canonical(BASE.model)
    assert list(turned.model.products) == list(BASE.model.products)


def leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in leaves(item, (*path, key))]
    if isinstance(value, list):
        return [found for i, item in enumerate(value) for found in leaves(item, (*path, i))]
    return [path]


LEAVES = [path for path in leaves(document()) if path[0] != "variants"]
OTHERS = st.sampled_from(["7", "0.3", "12%", "3m", "2024-07-01", "shipment", "other", "autologous"])


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(LEAVES), OTHERS)
def test_every_value_changes_the_model_when_changed_or_is_refused(path, other: str):
    changed = document()
    place = changed
    for part in path[:-1]:
        place = place[part]
    before = place[path[-1]]
    place[path[-1]] = other
    made = attempt(yaml.safe_dump(changed))
    if isinstance(made, tuple):
        assert made
        assert all(problem.position for problem in made)
        return
    assert (made.hash == BASE.hash) == (canonical(made.model) == canonical(BASE.model))
    if before != other:
        assert made.hash != BASE.hash


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(LEAVES))
def test_every_key_is_known_or_refused(path):
    """Renaming any key is a problem, or (where names are free) another scenario."""
    names = [index for index, part in enumerate(path) if isinstance(part, str)]
    for index in names:
        changed = document()
        place = changed
        for part in path[:index]:
            place = place[part]
        place[f"{path[index]}x"] = place.pop(path[index])
        made = attempt(yaml.safe_dump(changed))
        assert made if isinstance(made, tuple) else made.hash != BASE.hash


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(0.0, 1.0), st.floats(1.0, 1e12), st.integers(1, 60))
def test_overrides_of_python_values_arrive_as_they_are(share: float, amount: float, years: int):
    made = BASE.with_overrides(
        {
            "company.tax.rate": share,
            "products.cel.markets.mainland.price.list": amount,
            "run.years": years,
        }
    )
    assert made.model.company.tax.rate.constant == share
    assert made.model.products["cel"].markets["mainland"].price.list.constant == amount
    assert made.model.run.years == years
    assert isinstance(made.model, Scenario)


def test_the_merged_tree_is_not_changed_by_overrides():
    problems: list[Problem] = []
    root = Assembly(problems).text(VALID, Source("base.yaml", Path("base.yaml")), SHAPE)
    assert isinstance(root, Map)
    untouched = plain(root)
    for _ in range(3):
        BASE.with_overrides({"company.research.2025": 5, "contracts": "!delete"})
    assert plain(BASE.merged) == untouched
