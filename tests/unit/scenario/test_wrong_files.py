"""Every wrong file in ``tests/wrong`` gives exactly the problems listed in the file beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartsim.errors import ScenarioError
from cartsim.scenario.load import load, validate

FOLDER = Path(__file__).parents[2] / "wrong"
FILES = sorted(FOLDER.glob("[0-9]*.yaml"))


@pytest.fixture(autouse=True)
def _inside_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)


def test_there_are_at_least_thirty_kinds():
    assert len(FILES) >= 30


def test_the_base_that_they_extend_is_valid():
    assert validate("valid_base.yaml") == ()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_problems_are_exactly_those_listed(file: Path):
    expected = file.with_suffix(".problems").read_text("utf-8").splitlines()
    assert expected
    assert [str(problem) for problem in validate(file.name)] == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_problem_has_a_position_in_a_file_that_exists(file: Path):
    for problem in validate(file.name):
        assert problem.position is not None
        lines = Path(problem.position.file).read_bytes().splitlines() or [b""]
        assert 1 <= problem.position.line <= len(lines) + 1
        assert problem.position.column >= 1


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_loading_raises_unless_only_a_variant_is_wrong(file: Path):
    if file.stem == "45_variants":
        with pytest.raises(ScenarioError, match="a variant is a map"):
            load(file.name)
        with pytest.raises(ScenarioError, match="no 'lst' in"):
            load(file.name, variant="typo")
    else:
        with pytest.raises(ScenarioError) as caught:
            load(file.name)
        assert caught.value.problems
        assert set(caught.value.problems) <= set(validate(file.name))


def test_a_problem_tells_the_command_line_all_it_needs():
    (problem, _) = validate("01_unknown_key.yaml")
    assert problem.as_dict() == {
        "file": "01_unknown_key.yaml",
        "line": 3,
        "column": 3,
        "path": "company.opening_csh",
        "message": "unknown key 'opening_csh'",
        "hint": "did you mean 'opening_cash'?",
    }


def test_a_file_that_is_not_there():
    (problem,) = validate("nowhere.yaml")
    assert "cannot read nowhere.yaml" in problem.message


def test_a_folder_instead_of_a_file(tmp_path: Path):
    (problem,) = validate(tmp_path)
    assert problem.message.endswith("is a folder")
