from __future__ import annotations

import csv
import json
from pathlib import Path

from click.testing import CliRunner

from cartsim.cli import main

SCENARIO = str(Path(__file__).parents[3] / "scenarios" / "carsgen_zevor_cel.yaml")


def run(*arguments: str, folder: Path) -> str:
    options = ["--replications", "20", "--points", "7", "--out", str(folder)]
    found = CliRunner().invoke(main, ["price", SCENARIO, *options, *arguments])
    assert found.exit_code == 0, found.output
    return found.stdout


def test_a_headline_a_table_and_two_files(tmp_path: Path) -> None:
    said = run("--period", "2025", folder=tmp_path)
    assert said.startswith("At 1.15m yuan a dose")
    assert "patients a year" in said
    assert (tmp_path / "price.png").stat().st_size > 10_000
    with (tmp_path / "price.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [round(float(row["price"])) for row in rows][::6] == [115_000, 2_300_000]
    orders = [float(row["orders"]) for row in rows]
    assert orders == sorted(orders, reverse=True)


def test_one_document_and_nothing_else_with_json(tmp_path: Path) -> None:
    said = json.loads(run("--json", "--lowest", "200k", "--highest", "1.2m", folder=tmp_path))
    assert said["market"] == "zevor_cel.mainland"
    assert said["currency"] == "CNY"
    assert len(said["prices"]) == 7
    assert said["prices"][0]["price"] == 200_000
    assert said["elasticity_now"] < 0


def test_wrong_prices_and_markets_end_with_2(tmp_path: Path) -> None:
    for wrong in (["--lowest", "cheap"], ["--lowest", "2m", "--highest", "1m"], ["--market", "x"]):
        found = CliRunner().invoke(main, ["price", SCENARIO, *wrong, "--out", str(tmp_path)])
        assert found.exit_code == 2, wrong
        assert "Traceback" not in found.output
