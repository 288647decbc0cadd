"""Present values and runway against tables worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from unit.economics.company_by_hand import company

from cartsim.economics.valuation import (
    first_shortfall,
    npv,
    peak_funding,
    present_value,
    runway_censored,
    runway_months,
)
from cartsim.units import Calendar

YEAR_2023 = Calendar(date(2023, 1, 1), 1)


def test_one_payment_in_the_middle_of_the_second_year() -> None:
    calendar = Calendar(date(2022, 1, 1), 2)
    flows = np.zeros((1, 24))
    flows[0, 18] = 110.0  # July 2023: its middle is 1 + (181 + 15.5) / 365 years away
    expected = 110.0 / 1.1 ** (1 + 196.5 / 365)
    assert present_value(flows, np.array([0.1]), calendar)[0] == pytest.approx(expected)


def test_a_table_of_twelve_months() -> None:
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    expected, elapsed = 0.0, 0
    for month, length in enumerate(days):
        expected += (month + 1) / 1.2 ** ((elapsed + length / 2) / 365)
        elapsed += length
    flows = np.arange(1.0, 13.0)[None, :]
    assert present_value(flows, np.array([0.2]), YEAR_2023)[0] == pytest.approx(expected)


def test_rates_belong_to_their_replications() -> None:
    flows = np.ones((2, 12))
    values = present_value(flows, np.array([0.0, 0.5]), YEAR_2023)
    assert values[0] == pytest.approx(12.0)
    assert values[1] < 12.0


def test_npv_leaves_out_what_the_cash_itself_earns() -> None:
    plain = {"company.other_income": "{2024: -2m, 2025: 5m}", "company.capital_expenditure": "1m"}
    rich = {
        **plain,
        "company.interest_rate_on_cash": "4%",
        "company.cash_held_abroad": "{USD: 50%}",
    }
    values = []
    for overrides in (plain, rich):
        made = company(overrides)
        statement = made.statement([])
        lines = statement.lines
        assert lines["free_cash_flow"] == pytest.approx(
            lines["other_income"] - lines["capital_expenditure"]
        )
        values.append(npv(made.scenario, made.drawn, statement)[0])
    assert values[0] == pytest.approx(values[1])
    # -3m in 2024 and +4m in 2025, each spread over its year: by the half-year, roughly.
    assert values[0] == pytest.approx(-3e6 / 1.1**0.5 + 4e6 / 1.1**1.5, rel=2e-3)


def test_cash_that_runs_out() -> None:
    statement = company({"company.administration": "{2024: 3.66m, 2025: 0}"}).statement([])
    # 10,000 a day from 1m: on 9 April it is gone, so March is the third and last month above zero.
    assert runway_months(statement).tolist() == [3.0]
    assert first_shortfall(statement).tolist() == [3]
    assert not runway_censored(statement)[0]
    assert peak_funding(statement)[0] == pytest.approx(2.66e6)


def test_cash_that_lasts() -> None:
    statement = company().statement([])
    assert runway_months(statement).tolist() == [24.0]
    assert first_shortfall(statement).tolist() == [-1]
    assert runway_censored(statement)[0]
    assert peak_funding(statement).tolist() == [0.0]


def test_exactly_nothing_left_is_no_shortfall() -> None:
    statement = company({"company.administration": "{2024: 1m, 2025: 0}"}).statement([])
    assert statement.lines["closing_cash"][0, -1] == pytest.approx(0.0, abs=1e-6)
    assert runway_censored(statement)[0]
