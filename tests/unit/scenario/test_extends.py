from __future__ import annotations

from pathlib import Path

import pytest

from cartsim.errors import ScenarioError
from cartsim.scenario.explain import explain
from cartsim.scenario.extends import library_folder, library_names
from cartsim.scenario.load import load, load_text
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.values import ByYear, Distribution, Flat

VALID = (Path(__file__).parents[2] / "wrong" / "valid_base.yaml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(VALID, "utf-8")
    return tmp_path


def loaded(folder: Path, text: str, variant: str | None = None) -> Loaded:
    file = folder / "scenario.yaml"
    file.write_text(text, "utf-8")
    return load(file, variant=variant)


def test_maps_merge_and_scalars_and_lists_replace(folder: Path):
    made = loaded(
        folder,
        "extends: base.yaml\ntitle: Another\nrun: {seed: 5}\nlevers: [company.discount_rate]\n",
    )
    assert made.model.title == "Another"
    assert (made.model.run.years, made.model.run.seed) == (3, 5)
    assert made.model.levers == ["company.discount_rate"]
    assert list(made.model.products) == ["cel"]
    assert made.files == (str(folder / "scenario.yaml"), str(folder / "base.yaml"))


def test_the_ending_may_be_left_out(folder: Path):
    assert loaded(folder, "extends: base\n").hash == load(folder / "base.yaml").hash


def test_a_number_is_replaced_as_a_whole(folder: Path):
    made = loaded(
        folder,
        """
extends: base.yaml
company: {opening_cash: {value: 90m}, research: {2025: 5m}}
products: {cel: {markets: {mainland: {incidence_per_year: {pert: [200, 300, 400]}}}}}
""",
    )
    company = made.model.company
    assert (company.opening_cash.constant, company.opening_cash.source) == (90e6, "")
    assert isinstance(company.research.form, ByYear)
    assert [year for year, _ in company.research.form.years] == [2025]
    incidence = made.model.products["cel"].markets["mainland"].incidence_per_year
    assert incidence is not None
    assert isinstance(incidence.form, Flat)
    assert isinstance(incidence.form.level.value, Distribution)
    assert incidence.form.level.value.kind == "pert"


def test_later_files_override_earlier_ones_and_the_file_itself_all(folder: Path):
    (folder / "one.yaml").write_text("run: {seed: 1, replications: 10}\ntitle: one\n")
    (folder / "two.yaml").write_text("run: {seed: 2}\ntitle: two\n")
    made = loaded(folder, "extends: [base, one, two]\ntitle: own\n")
    assert (made.model.run.seed, made.model.run.replications, made.model.title) == (2, 10, "own")
    history = explain(made, "title").history
    assert [origin.text for origin in history] == ["two", "one", "A small company"]
    assert [Path(origin.position.file).name for origin in history if origin.position] == [
        "two.yaml",
        "one.yaml",
        "base.yaml",
    ]


def test_bases_of_bases_in_other_folders(folder: Path):
    inner = folder / "inner"
    inner.mkdir()
    (inner / "middle.yaml").write_text("extends: ../base\nrun: {seed: 7}\n")
    made = loaded(folder, "extends: inner/middle\n")
    assert made.model.run.seed == 7
    assert made.files[2] == str(folder / "base.yaml")


def test_two_ways_to_the_same_base_are_no_circle(folder: Path):
    for name in ("left", "right"):
        (folder / f"{name}.yaml").write_text(f"extends: base\ndescription: {name}\n")
    assert loaded(folder, "extends: [left, right]\n").model.description == "right"


def test_delete_removes_a_key(folder: Path):
    made = loaded(folder, "extends: base\ncontracts: !delete\ncompany: {research: !delete }\n")
    assert made.model.contracts == {}
    assert made.model.company.research.constant == 0.0
    assert explain(made, "company.research").is_default


def test_an_empty_map_empties(folder: Path):
    made = loaded(folder, "extends: base\ncontracts: {}\n")
    assert made.model.contracts == {}


def test_a_new_kind_replaces_the_old_one(folder: Path):
    made = loaded(
        folder,
        """
extends: base
products: {cel: {markets: {mainland: {adoption: {bass: {p: 0.03, q: 0.4, peak: 60%}}}}}}
""",
    )
    adoption = made.model.products["cel"].markets["mainland"].adoption
    assert adoption is not None
    assert adoption.bass is not None
    assert adoption.linear is None


def test_a_part_may_be_built_on_a_file(folder: Path):
    (folder / "plant.yaml").write_text("resources: {line: {capacity: 9}, bed: {capacity: 50}}\n")
    made = loaded(
        folder,
        "extends: base\n"
        "plants: {suzhou: {extends: plant.yaml, resources: {bed: {capacity: 60}}}}\n",
    )
    resources = made.model.plants["suzhou"].resources
    assert resources["line"].capacity.constant == 9.0
    assert resources["bed"].capacity.constant == 60.0
    assert made.model.plants["suzhou"].fixed_cost_per_year.constant == 20e6
    explained = explain(made, "plants.suzhou.resources.line.capacity")
    assert explained.position is not None
    assert Path(explained.position.file).name == "plant.yaml"


def test_the_library_is_found_from_any_folder(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    made = loaded(
        folder, "extends: base\nplants: {wuxi: {extends: library/plant_400_starts_china}}\n"
    )
    assert "wuxi" in made.model.plants
    assert "library/plant_400_starts_china.yaml" in made.files
    assert "plant_400_starts_china" in library_names()
    assert (library_folder() / "plant_400_starts_china.yaml").is_file()


def test_problems_in_a_fragment_have_the_path_of_the_whole(folder: Path):
    (folder / "plant.yaml").write_text("resources: {line: {capacity: !delete }}\n")
    with pytest.raises(ScenarioError) as caught:
        loaded(folder, "extends: base\nplants: {wuxi: {extends: plant}}\n")
    assert {problem.path for problem in caught.value.problems} == {
        "plants.wuxi.resources.line.capacity"
    }


def test_variants_are_inherited_and_merge_by_path(folder: Path):
    text = """
extends: base
variants:
  cheap: {company.discount_rate: 5%}
  bare: {contracts: !delete , company.research: !delete }
"""
    assert loaded(folder, text).variants == ("bare", "cheap")
    cheap = loaded(folder, text, "cheap")
    assert cheap.model.company.discount_rate.constant == 0.05
    assert cheap.model.products["cel"].markets["mainland"].price.list.constant == 0.5e6
    assert loaded(folder, text, "bare").model.contracts == {}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("5: 3", "expected the name of a file"),
        ("[[base]]", "expected the name of a file"),
        ("~", "expected the name of a file"),
        ("''", "expected the name of a file"),
    ],
)
def test_extends_that_is_no_name(entry: str, message: str):
    text = f"extends: {{{entry}}}\n" if ":" in entry else f"extends: {entry}\n"
    with pytest.raises(ScenarioError, match=message):
        load_text(text)
