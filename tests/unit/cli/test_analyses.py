"""The commands of the analyses: what they print, what they keep, how they end."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.analysis.linear import LINEAR, YEARS

from cartsim.cli import main

CASH = "closing_cash[2025]"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a scenario whose results are sums."""
    monkeypatch.chdir(tmp_path)
    Path("sum.yaml").write_text(LINEAR)
    return tmp_path


def cartsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def document(*arguments: str) -> dict[str, object]:
    shown = cartsim(*arguments, "--json")
    assert shown.exit_code == 0, shown.output
    found: dict[str, object] = json.loads(shown.stdout)
    return found


def sensitivity(method: str, *more: str) -> Result:
    return cartsim("sensitivity", "sum.yaml", "--measure", CASH, "--method", method, *more)


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("tornado", ["--replications", "32"]),
        ("spider", ["--replications", "32", "--threshold", "70m"]),
        (
            "map",
            ["--replications", "32", "--input", "company.research", "--input", "*opening_cash"],
        ),
        ("rank", ["--replications", "200"]),
        ("rank", ["--replications", "200", "--over-time"]),
        ("pawn", ["--replications", "300"]),
        ("sobol", ["--base", "64", "--group", "costs=company.research,company.administration"]),
        ("morris", ["--trajectories", "8"]),
    ],
)
def test_every_method_has_a_headline_a_table_a_picture_and_its_numbers(
    method: str, more: list[str]
) -> None:
    shown = sensitivity(method, *more)
    assert shown.exit_code == 0, shown.output
    first = shown.stdout.partition("\n\n")[0]
    assert first.rstrip().endswith(".")
    assert "research" in shown.stdout
    assert "an assumption without a source" in shown.stdout
    assert Path("runs/sensitivity/sum", f"{method}.png").stat().st_size > 10_000
    with Path("runs/sensitivity/sum", f"{method}.csv").open() as file:
        assert len(list(csv.DictReader(file))) >= 4
    assert "opening cash *" not in shown.stdout  # it has a source


def test_tornado_as_json() -> None:
    found = document(
        "sensitivity", "sum.yaml", "--measure", CASH, "--replications", "32", "--variant", "cheaper"
    )
    rows = {row["path"]: row for row in found["rows"]}  # type: ignore[attr-defined]
    assert set(rows) == {"company.opening_cash", "company.research", "company.other_income"}
    assert rows["company.research"]["change"] == pytest.approx(-YEARS * 8e6)
    assert rows["company.research"]["assumption"] is True
    assert rows["company.opening_cash"]["assumption"] is False
    assert found["unit"] == "CNY"
    assert found["period"] == "2025"


def test_the_cost_is_told_before() -> None:
    shown = sensitivity("tornado", "--replications", "32")
    assert "9 cases of 32 replications: 288 in all" in shown.stderr
    assert "7 cases of 64" in sensitivity("sobol", "--base", "64").stderr


def test_a_stored_run_is_ranked() -> None:
    done = cartsim("run", "sum.yaml", "--replications", "256", "--out", "stored")
    assert done.exit_code == 0, done.output
    shown = cartsim("sensitivity", "stored", "--method", "rank", "--measure", CASH)
    assert shown.exit_code == 0, shown.output
    assert "matters most" in shown.stdout
    wrong = cartsim("sensitivity", "stored", "--method", "rank", "--seed", "3")
    assert wrong.exit_code == 2
    wrong = cartsim("sensitivity", "stored", "--method", "tornado")
    assert wrong.exit_code == 2
    assert "only rank and pawn" in wrong.stderr
    regions = cartsim("discover", "stored", "closing_cash[2025] < 70m", "--depth", "1")
    assert regions.exit_code == 0, regions.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--method", "tornado", "--measure", "revenu"], "did you mean 'revenue'"),
        (["--method", "tornado", "--measure", "revenue[1999]"], "has no period '1999'"),
        (["--method", "tornado", "--measure", "revenue[2024"], "is not NAME[PERIOD]"),
        (["--input", "company.reserch"], "did you mean 'company.research'"),
        (["--method", "rank", "--group", "a=b"], "--group is not an option of the method rank"),
        (["--method", "map", "--input", "company.research"], "a map needs two inputs"),
        (["--method", "spider", "--threshold", "many"], "--threshold"),
        (["--method", "sobol", "--base", "100"], "power of two"),
        (["--method", "sobol", "--group", "a"], "NAME=PATTERN"),
        (["--method", "sobol", "--replications", "9"], "--replications is not an option"),
        (["--method", "morris", "--trajectories", "1"], "two trajectories"),
        (["--against", "dearer"], "unknown variant 'dearer'"),
        (["--replications", "0"], "at least one replication"),
        (["--workers", "0"], "at least one worker"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(arguments: list[str], told: str) -> None:
    shown = cartsim("sensitivity", "sum.yaml", *arguments)
    assert shown.exit_code == 2
    assert told in shown.stderr
    assert "Traceback" not in shown.output


def test_compare_shows_differences_assumptions_and_the_bridge() -> None:
    shown = cartsim("compare", "sum.yaml", "--variant", "cheaper", "--measure", CASH)
    assert shown.exit_code == 0, shown.output
    for text in (
        "Cheaper has 7.999m ± 0.051m yuan more",
        "company.selling: 4m -> 1m",
        "company selling makes +6.00m",
    ):
        assert text in " ".join(shown.stdout.split())
    assert Path("runs/compare/sum/compare.png").exists()
    assert Path("runs/compare/sum/bridge.png").exists()
    found = document("compare", "sum.yaml", "--variant", "cheaper", "--measure", CASH)
    (bridge,) = found["bridges"]  # type: ignore[misc]
    total = sum(row["mean"] for row in bridge["rows"])
    assert total == pytest.approx(bridge["finish"] - bridge["start"])
    assert [row["path"] for row in found["assumptions"]["cheaper"]] == [  # type: ignore[index]
        "company.administration",
        "company.selling",
    ]


def test_compare_needs_two_scenarios_that_can_be_compared() -> None:
    assert "name a second file" in cartsim("compare", "sum.yaml").stderr
    shown = cartsim("compare", "sum.yaml", "--variant", "dearer")
    assert shown.exit_code == 2
    assert "unknown variant" in shown.stderr
    Path("other.yaml").write_text(LINEAR.replace("CNY", "USD"))
    shown = cartsim("compare", "sum.yaml", "other.yaml")
    assert shown.exit_code == 2
    assert "different currencies" in shown.stderr
    same = cartsim("compare", "sum.yaml", "sum.yaml", "--measure", CASH)
    assert same.exit_code == 0, same.output
    assert "has the same closing cash in 2025" in same.stdout


def test_voi_tells_what_an_answer_may_cost() -> None:
    found = document("voi", "sum.yaml", "--variant", "outsourced", "--measure", CASH)
    rows = {row["name"]: row for row in found["rows"]}  # type: ignore[attr-defined]
    assert found["chosen"] == "the scenario as written"
    assert 0 < rows["research"]["value"] <= rows["everything"]["value"]
    assert rows["administration"]["value"] == 0
    shown = cartsim("voi", "sum.yaml", "--variant", "outsourced", "--sample", "company.research=x")
    assert shown.exit_code == 2
    assert "is not PATH=N" in shown.stderr


def test_seek_finds_and_says_when_there_is_nothing_to_find() -> None:
    found = document("seek", "sum.yaml", f"mean({CASH}) = 60m", "--vary", "company.selling=0:20m")
    assert found["value"] == pytest.approx(7e6, rel=0.05)
    shown = cartsim("seek", "sum.yaml", f"mean({CASH}) = 1bn", "--vary", "company.selling=0:20m")
    assert shown.exit_code == 2
    assert "does not cross" in shown.stderr
    met = cartsim("seek", "sum.yaml", f"mean({CASH}) >= 0", "--vary", "company.selling=0:20m")
    assert "is met already everywhere" in met.stderr
    text = cartsim("seek", "sum.yaml", f"mean({CASH}) = 0", "--vary", "company.name=1:2")
    assert "is no number" in text.stderr
    wrong = cartsim("seek", "sum.yaml", f"mean({CASH}) = 1bn", "--vary", "company.selling")
    assert wrong.exit_code == 2
    assert "is not PATH=LOW:HIGH" in wrong.stderr


def test_optimise_tells_the_best_and_what_is_as_good() -> None:
    found = document(
        *("optimise", "sum.yaml", "--replications", "32", "--maximise", f"mean({CASH})"),
        *("--lever", "company.selling=1m,2m", "--future", "cheaper"),
    )
    assert found["best"] == {"company.selling": "1m"}
    assert found["exhaustive"] is True
    shown = cartsim("optimise", "sum.yaml", "--lever", "company.selling=1m,2m")
    assert shown.exit_code == 2
    assert "name a goal" in shown.stderr
    assert "name at least one --lever" in cartsim("optimise", "sum.yaml").stderr


def test_discover_says_where() -> None:
    shown = cartsim("discover", "sum.yaml", "closing_cash[2025] < 70m", "--replications", "1000")
    assert shown.exit_code == 0, shown.output
    assert "research * is above" in shown.stdout
    assert "yuan a year" in shown.stdout
    wrong = cartsim("discover", "sum.yaml", "closing_cash")
    assert wrong.exit_code == 2
    assert "is no event" in wrong.stderr


def test_list_names_what_can_be_asked_about() -> None:
    found = document("list", "sum.yaml")
    assert found["variants"] == ["cheaper", "outsourced"]
    inputs = {row["path"]: row for row in found["inputs"]}  # type: ignore[attr-defined]
    assert inputs["company.research"]["unit"] == "CNY/year"
    assert inputs["company.research"]["assumption"] is True
    measures = {row["name"]: row for row in found["measures"]}  # type: ignore[attr-defined]
    assert measures["npv"]["periods"] == "all"
    assert measures["revenue"]["periods"] == "2024 to 2025, all"
    shown = cartsim("list", "sum.yaml", "--only", "inputs", "--only", "variants")
    assert shown.exit_code == 0, shown.output
    assert "variants: cheaper, outsourced" in shown.stdout
    assert "* company.research" in shown.stdout
    assert "measures" not in shown.stdout


def test_a_sensitivity_of_nothing_uncertain_is_refused() -> None:
    Path("sure.yaml").write_text(
        "cartsim: 1\ntitle: sure\nrun: {start: 2024-01-01, years: 1}\ncurrency: CNY\n"
        "company: {opening_cash: 1m, discount_rate: 8%, tax: {rate: 25%}}\nproducts: {}\n"
    )
    shown = CliRunner().invoke(main, ["sensitivity", "sure.yaml"])
    assert shown.exit_code == 2
    assert "nothing is uncertain in this scenario" in shown.output
