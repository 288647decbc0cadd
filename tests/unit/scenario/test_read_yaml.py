from __future__ import annotations

import pytest

from cartsim.errors import Problem
from cartsim.scenario.read_yaml import MAXIMUM_EXPANSIONS, read_yaml
from cartsim.scenario.tree import Deletion, Map, Scalar, Sequence, plain


def read(text: str | bytes) -> tuple[object, list[str]]:
    problems: list[Problem] = []
    made = read_yaml(text, "f", problems)
    return made, [str(problem) for problem in problems]


def test_scalars_stay_text_and_remember_their_place():
    made, problems = read("a: 2024-03-01\nb:\n  - no\n  - '8'\n  - ~\n")
    assert isinstance(made, Map)
    assert problems == []
    assert plain(made) == {"a": "2024-03-01", "b": ["no", "8", None]}
    assert str(made["a"].position) == "f:1:4"
    assert str(made.key_position("b")) == "f:2:1"
    quoted = made["b"][1]
    assert isinstance(quoted, Scalar)
    assert (quoted.quoted, str(quoted.position)) == (True, "f:4:5")


@pytest.mark.parametrize("null", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_null_only_when_plain(null: str):
    made, _ = read(f"a: {null}\nb: '{null}'\n")
    assert isinstance(made, Map)
    assert (made["a"].null, made["b"].null) == (True, False)


def test_columns_count_characters_not_bytes():
    made, _ = read("{é中: 1, b: 2}")
    assert isinstance(made, Sequence | Map)
    made, problems = read("{b中: 1, b: 2}")
    assert problems == [
        "f:1:2: key 'b中' is not a name (names are made of letters, digits, _ and -)"
    ]
    assert isinstance(made, Map)
    assert str(made.key_position("b")) == "f:1:9"


def test_a_byte_order_mark_is_no_content():
    made, problems = read("﻿a: 1\n".encode())
    assert problems == []
    assert isinstance(made, Map)
    assert str(made.key_position("a")) == "f:1:1"


def test_aliases_are_copies():
    made, problems = read("a: &x {b: [1]}\nc: *x\n")
    assert problems == []
    assert isinstance(made, Map)
    assert plain(made["a"]) == plain(made["c"]) == {"b": ["1"]}
    assert made["a"] is not made["c"]
    assert made["a"]["b"] is not made["c"]["b"]


def test_aliases_beyond_the_bound():
    """The classic of ten levels of ten aliases each: 10 ** 10 values if it were expanded."""
    rows = ["l0: &l0 [x]"]
    rows += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 11)]
    made, (problem,) = read("\n".join(rows))
    assert made is None
    assert f"more than {MAXIMUM_EXPANSIONS:,} values come from aliases" in problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x [*x]", "f:1:8: a.0: an alias stands inside its own anchor"),
        ("a: *y", "f:1:4: not valid YAML: no anchor 'y' before it"),
        ("[" * 100 + "]" * 100, "nested more than 60 deep"),
        ("[" * 100_000, "nested more than 60 deep"),
        ("{a: " * 100_000, "nested more than 60 deep"),
        ("- " * 100_000, "nested more than 60 deep"),
        ("a: \x07", "f:1:4: not valid YAML: the character U+0007 is not allowed"),
        ("# only a comment\n", "f:1:1: the file is empty"),
        ("\ta: 1", "indent with spaces, not tabs"),
        ("a: b: c", "a text with ': ' in it needs quotes"),
        ("a: 1\n---\nb: 2\n", "a second YAML document; a file holds one"),
        ("? {a: 1}\n: 2\n", "a key is a list or a map"),
        ("a: !include other.yaml", "tag '!include' is not known"),
        ("a: !!timestamp 2024-01-01", "tag '!!timestamp' is not known"),
        ("a: !delete yes", "!delete stands alone, without a value"),
        ("a.b: 1", "dots separate the names of a path"),
        ("'': 1", "key '' is not a name"),
    ],
)
def test_what_is_not_let_in(text: str, message: str):
    _, problems = read(text)
    assert any(message in problem for problem in problems)


def test_delete_and_dotted_keys_where_they_belong():
    made, problems = read(
        "variants: {v: {a.b: !delete }}\nx: {choice: {0.5: 1, -2.5%: 2}}\na: !delete\n"
    )
    assert problems == []
    assert isinstance(made, Map)
    assert isinstance(made["a"], Deletion)
    assert list(made["variants"]["v"]) == ["a.b"]
    assert list(made["x"]["choice"]) == ["0.5", "-2.5%"]


def test_everything_wrong_in_one_file_is_reported():
    _, problems = read("a: 1\na: 2\nb: !x 1\n<<: {c: 1}\nd e: 1\n")
    assert len(problems) == 4
