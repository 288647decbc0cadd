"""``cartsim trace`` as it is called."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from cartsim.cli import main

SCENARIO = Path(__file__).parents[3] / "scenarios" / "carsgen_zevor_cel.yaml"


def trace(*options: str) -> Result:
    return CliRunner().invoke(main, ["trace", str(SCENARIO), *options])


def test_without_a_file_csv_goes_to_standard_output(tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "lots.csv"
    shown = trace("--replication", "3")
    written = trace("--replication", "3", "--out", str(out), "--engine", "reference")
    assert (shown.exit_code, written.exit_code) == (0, 0)
    assert shown.stdout == out.read_text()
    assert written.stdout == ""
    assert "patients" in written.stderr


def test_seed_variant_and_overrides_reach_the_trace(tmp_path: Path) -> None:
    def orders(*options: str) -> int:
        out = tmp_path / "lots.parquet"
        assert trace("--out", str(out), *options).exit_code == 0
        return int((pd.read_parquet(out)["record"] == "patient").sum())

    usual = orders()
    assert orders("--seed", "20240223") == usual
    assert orders("--seed", "7") != usual
    assert orders("--variant", "reimbursed_2027") > usual
    assert orders("--set", "run.years=1") < usual


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "sundial"], "there is no engine 'sundial' (allowed: fast, reference)"),
        (["--out", "lots.xls"], "written as .csv or .parquet; got 'lots.xls'"),
        (["--replication", "-1"], "-1 is not in the range"),
        (["--set", "run.years"], "'run.years' is not PATH=VALUE"),
        (["--set", "run.yeers=1"], "did you mean 'years'?"),
        (["--variant", "price_2m"], "price_1m"),
    ],
)
def test_bad_input_exits_with_2(options: list[str], message: str) -> None:
    done = trace(*options)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""
