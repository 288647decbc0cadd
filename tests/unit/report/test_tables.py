"""Tables: right numbers in readable digits, aligned, within the width."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console
from unit.montecarlo.small_run import small
from unit.report.partnered import partnered

from cartsim.report.cells import Cell, Row, Sheet, means, patients, sheets, statement, whole_run
from cartsim.report.result import RunResult, run
from cartsim.report.tables import columns_by_part, tables


@pytest.fixture(scope="module")
def weekly() -> RunResult:
    return run(partnered(), 3, executor="serial")


@pytest.fixture(scope="module")
def uncertain() -> RunResult:
    return run(small(**{"run.years": "6"}), 60, executor="serial")


def shown(result: RunResult, width: int) -> list[str]:
    text = io.StringIO()
    console = Console(file=text, width=width, highlight=False)
    for sheet in sheets(result):
        for table in tables(sheet, width):
            console.print(table)
    return text.getvalue().splitlines()


def by_label(sheet: Sheet) -> dict[str, list[str]]:
    return {row.label: [cell.main for cell in row.cells] for row in sheet.rows}


def test_the_statement_in_millions(weekly: RunResult) -> None:
    rows = by_label(statement(weekly))
    assert rows["Product sales"] == ["20.0", "21.2"]
    assert rows["Licence income"] == ["5.0", "0.0"]
    assert rows["Cost of goods"] == ["5.2", "5.2"]
    assert rows["Operating result"] == ["11.8", "-14.0"]
    assert rows["Closing cash"] == ["28.9", "14.9"]
    assert "Impairment" not in rows  # always zero
    assert statement(weekly).caption.startswith("Millions of yuan (CNY)")


def test_patients_and_times(weekly: RunResult) -> None:
    rows = by_label(patients(weekly))
    assert rows["Orders"] == ["52", "52"]
    assert rows["Doses delivered"] == ["50", "53"]
    assert rows["Vein to vein, d"] == ["12.0", "12.0"]
    # 5.2m over 50 infusions is 104,000 each.
    assert rows["Cost per dose infused, k"] == ["104", "98"]


def test_value_and_runway(weekly: RunResult) -> None:
    rows = by_label(whole_run(weekly))
    assert rows["Runway, months"] == ["24+", "24+", "24+", "24.0", "0.00"]
    assert rows["P(cash runs out)"][3:] == ["0%", "-"]


def test_means_come_with_their_standard_errors(uncertain: RunResult) -> None:
    (row,) = (row for row in means(uncertain).rows if row.label == "Revenue")
    mean, error = (uncertain.statistic("revenue", "2024", s) / 1e6 for s in ("mean", "se"))
    assert row.cells[0] == Cell(f"{mean:.1f}", f"±{error:.1f}")


def test_ranges_stand_below_the_median(uncertain: RunResult) -> None:
    (row,) = (row for row in statement(uncertain).rows if row.label == "Closing cash")
    low, middle, high = (
        uncertain.statistic("closing_cash", "2029", q) for q in ("p5", "p50", "p95")
    )
    assert row.cells[-1] == Cell(f"{middle / 1e6:,.1f}", f"{low / 1e6:,.1f}…{high / 1e6:,.1f}")


def test_resources_show_how_much_of_them_is_held(uncertain: RunResult) -> None:
    assert re.fullmatch(r"\d+%", by_label(patients(uncertain))["Line in use"][0])


def test_large_amounts_have_separators_and_small_ones_decimals() -> None:
    big = run(partnered(**{"company.opening_cash": "7bn"}), 1, executor="serial")
    assert by_label(statement(big))["Closing cash"] == ["7,009", "6,995"]
    small_money = run(partnered(**{"company.opening_cash": "20m"}), 1, executor="serial")
    assert by_label(statement(small_money))["Cost of goods"] == ["5.2", "5.2"]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_is_wider_than_the_screen_and_nothing_is_cut(
    uncertain: RunResult, width: int
) -> None:
    lines = shown(uncertain, width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    for sheet in sheets(uncertain):
        for row in sheet.rows:
            assert row.label in text
            for cell in row.cells:
                assert cell.main in text
                assert cell.below in text


def test_numbers_of_a_column_end_at_the_same_place(weekly: RunResult) -> None:
    lines = shown(weekly, 100)
    start = lines.index("Statement by year")
    table = lines[start + 1 : start + 12]
    ends = {line.rstrip().rfind(line.split()[-1]) + len(line.split()[-1]) for line in table}
    assert len(ends) == 1


def test_a_wide_table_is_cut_into_even_parts() -> None:
    row = Row("Revenue", tuple(Cell("123456") for _ in range(7)))
    sheet = Sheet("", "", tuple(map(str, range(2024, 2031))), (row,))
    assert columns_by_part(sheet, 100) == [range(0, 7)]
    assert columns_by_part(sheet, 7 + 4 * 8) == [range(0, 4), range(4, 7)]
    assert columns_by_part(sheet, 7 + 4 * 8 - 1) == [range(0, 2), range(2, 5), range(5, 7)]
    assert columns_by_part(sheet, 3) == [range(i, i + 1) for i in range(7)]
