"""Trade-off curves: what is varied where, what is kept, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cartsim.analysis.sweep import COLUMNS, Row, Varied, matches, read, sweep
from cartsim.cli import main
from cartsim.errors import UsageError
from cartsim.montecarlo import run as running
from cartsim.scenario.load import load

SCENARIOS = Path(__file__).parents[3] / "scenarios"
CHAIN = SCENARIOS / "ishipment_50.yaml"
LINES = Varied("plants.*.resources.line.capacity", ("1", "2", "4"))
COST = "cost_per_infused_dose"
WAIT = "order_to_infusion_days"


def swept(
    *varied: Varied, keep: Path | None = None, files: tuple[Path, ...] = (CHAIN,)
) -> list[Row]:
    return sweep(files, varied, [COST, WAIT], executor="serial", keep=keep)


def test_a_star_stands_for_every_name() -> None:
    chain = load(CHAIN)
    assert matches(chain, LINES.pattern) == (
        "plants.first.resources.line.capacity",
        "plants.second.resources.line.capacity",
    )
    assert matches(chain, "products.*.markets.*.orders.every_days") == (
        "products.therapy.markets.all.orders.every_days",
    )
    assert matches(chain, "plants.*.resources.suite.capacity") == ()
    assert matches(chain, "plants.*.nothing.capacity") == ()


def test_each_point_is_a_run_with_the_values_of_that_point() -> None:
    rows = swept(LINES)
    assert [(r.line, r.point, r.measure) for r in rows] == [
        ("ishipment_50", point, measure) for point in range(3) for measure in (COST, WAIT)
    ]
    for point, value in enumerate(LINES.values):
        paths = matches(load(CHAIN), LINES.pattern)
        alone = running.run(load(CHAIN, None, dict.fromkeys(paths, value)), executor="serial")
        for row in rows:
            if row.point == point:
                assert row.mean == alone.statistic(row.measure, "2023")
                assert row.unit == alone.column(row.measure, "2023").unit
    waits = [row.mean for row in rows if row.measure == WAIT]
    assert waits == sorted(waits, reverse=True)


def test_what_one_scenario_does_not_have_is_left_alone_in_it() -> None:
    other = SCENARIOS / "ishipment_125.yaml"
    beds = Varied("plants.*.resources.bed.capacity", ("1", "2"))
    with pytest.raises(UsageError, match="a path of none of the scenarios"):
        swept(beds, files=(CHAIN, other))
    rows = swept(Varied("plants.first.resources.line.capacity", ("9", "10")), files=(CHAIN, other))
    assert {row.line for row in rows} == {"ishipment_50", "ishipment_125"}


def test_unequal_numbers_of_values_are_refused() -> None:
    with pytest.raises(UsageError, match="equally many values"):
        swept(LINES, Varied("run.seed", ("1", "2")))
    with pytest.raises(UsageError, match="equally many values"):
        swept()


def test_finished_points_are_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "sweep.csv"
    first = swept(LINES, keep=table)
    assert table.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(lines[:5]), encoding="utf-8")  # two of three points, and no more
    ran: list[int] = []

    def counted(*arguments: object) -> running.Result:
        ran.append(1)
        return running.run(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("cartsim.analysis.sweep.run", counted)
    again = swept(LINES, keep=table)
    assert len(ran) == 1
    assert [(r.line, r.point, r.measure, r.mean) for r in again] == [
        (r.line, r.point, r.measure, r.mean) for r in first
    ]
    assert len(read(table)) == len(first)


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    table = tmp_path / "sweep.csv"
    table.write_text("my,own,table\n", encoding="utf-8")
    with pytest.raises(UsageError, match="not the table of a sweep"):
        swept(LINES, keep=table)
    assert table.read_text(encoding="utf-8") == "my,own,table\n"


def test_the_command_writes_a_figure_and_a_table(tmp_path: Path) -> None:
    arguments = ["sweep", str(CHAIN), "--vary", f"{LINES.pattern}=1,2,4", "--out", str(tmp_path)]
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 0, answer.output
    assert "cost_per_infused_dose, USD/dose, 2023" in answer.output
    assert (tmp_path / "sweep.png").stat().st_size > 10_000
    assert len(read(tmp_path / "sweep.csv")) == 9


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("run.years", "is not PATH=VALUE,VALUE"),
        ("run.years=1,,2", "is not PATH=VALUE,VALUE"),
        ("run.decades=1,2", "no 'decades' in run"),
        ("plants.*.resources.line.capacity=few,many", "few"),
    ],
)
def test_bad_input_exits_with_2(tmp_path: Path, vary: str, message: str) -> None:
    answer = CliRunner().invoke(main, ["sweep", str(CHAIN), "--vary", vary, "--out", str(tmp_path)])
    assert answer.exit_code == 2
    assert message in answer.output
