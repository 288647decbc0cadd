"""Legs of contracts: when cash moves, when income is earned, and between whom."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from unit.economics.company_by_hand import Company, company, well

from cartsim.economics.contracts import LEGS, US, Ledger, Transfer
from cartsim.economics.contracts.trigger import NEVER_DUE, first_above
from cartsim.economics.contracts.upfront import earned_share
from cartsim.economics.statement import Statement
from cartsim.economics.tables import in_year
from cartsim.errors import ScenarioError
from cartsim.scenario.contracts import Leg
from cartsim.units import Calendar

TWO_YEARS = Calendar(date(2024, 1, 1), 2)


def contract(*legs: str, covers: str = "alpha", parties: str = "distributor: Sun Pharma") -> str:
    lines = "\n".join(f"      - {leg}" for leg in legs)
    return f"""
contracts:
  deal:
    parties: {{{parties}}}
    covers: [{covers}]
    legs:
{lines}
"""


def after(company_: Company, orders: int = 0, market: int = 0) -> Statement:
    """The statement when an order a month is delivered on the 27th of its month."""
    starts = [(date(2024 + m // 12, m % 12 + 1, 10) - date(2024, 1, 1)).days for m in range(orders)]
    return company_.statement([well(start - 1, start, market) for start in starts])


def by_month(line: np.ndarray) -> dict[int, float]:
    return {int(month): float(line[0, month]) for month in np.flatnonzero(line[0])}


def test_the_registry_holds_every_kind_of_leg_that_can_be_written() -> None:
    assert set(LEGS) == set(Leg.keys())


class TestUpfront:
    def test_received_before_the_start_is_income_but_no_cash(self) -> None:
        leg = (
            "upfront: {from: distributor, amount: 60m, received: 2023-01-15, "
            "recognised: {from: 2023-07-01, over_months: 60}}"
        )
        made = after(company(more=contract(leg)))
        assert made.lines["licence_income"][0] == pytest.approx(np.full(24, 1e6))
        assert not made.ledger.cash(US).any()
        assert made.lines["closing_cash"][0] == pytest.approx(np.full(24, 1e6))
        # Six of sixty months were earned before the start; 54m less a month's share is left.
        assert made.lines["deferred_income"][0, 0] == pytest.approx(53e6)
        assert made.lines["deferred_income"][0, -1] == pytest.approx(30e6)

    def test_received_in_the_run_is_cash_in_its_month_and_income_at_a_date(self) -> None:
        leg = (
            "upfront: {from: distributor, amount: 5m, received: 2024-03-31, "
            "recognised: {at: 2024-06-01}}"
        )
        made = after(company(more=contract(leg)))
        assert by_month(made.ledger.cash(US)) == {2: 5e6}
        assert by_month(made.lines["licence_income"]) == {5: 5e6}
        assert by_month(made.lines["deferred_income"]) == {2: 5e6, 3: 5e6, 4: 5e6}
        assert by_month(made.lines["cash_from_operations"]) == {2: 5e6}

    def test_recognition_starts_with_the_first_covered_launch(self) -> None:
        leg = (
            "upfront: {from: distributor, amount: 12m, received: 2024-01-01, "
            "recognised: {over_months: 12}}"
        )
        overrides = {
            "products.alpha.launch": "2024-09-01",
            "products.alpha.markets.abroad.launch": "2025-03-01",
        }
        whole = after(company(overrides, contract(leg)))
        assert by_month(whole.lines["licence_income"]) == pytest.approx(
            dict.fromkeys(range(8, 20), 1000000.0)
        )
        abroad = after(company(overrides, contract(leg, covers="alpha.abroad")))
        assert by_month(abroad.lines["licence_income"]) == pytest.approx(
            dict.fromkeys(range(14, 24), 1000000.0)
        )

    def test_earned_before_it_is_received(self) -> None:
        leg = (
            "upfront: {from: distributor, amount: 1m, received: 2024-05-01, "
            "recognised: {at: 2024-02-15}}"
        )
        made = after(company(more=contract(leg)))
        assert by_month(made.lines["deferred_income"]) == {1: -1e6, 2: -1e6, 3: -1e6}

    def test_what_the_company_owes_is_other_expense(self) -> None:
        leg = (
            "upfront: {from: us, to: distributor, amount: 3m, received: 2024-02-01, "
            "recognised: {over_months: 3, from: 2024-02-01}}"
        )
        made = after(company({"company.other_income": "12m"}, contract(leg)))
        assert made.lines["licence_income"].sum() == 0
        assert made.lines["other_income"].sum() == pytest.approx(24e6 - 3e6)
        assert made.lines["closing_cash"][0, 1] == pytest.approx(1e6 + 12e6 * 60 / 366 - 3e6)
        assert made.ledger.cash("Sun Pharma").sum() == pytest.approx(3e6)

    def test_a_contract_without_a_market_is_refused(self) -> None:
        leg = (
            "upfront: {from: distributor, amount: 1m, received: 2024-05-01, "
            "recognised: {over_months: 3}}"
        )
        with pytest.raises(ScenarioError, match="covers at least one market"):
            company(more=contract(leg, covers=""))

    def test_uncertain_length(self) -> None:
        leg = (
            "upfront: {from: distributor, amount: 10m, received: 2023-01-01, "
            "recognised: {from: 2024-01-01, over_months: {uniform: [5, 20]}}}"
        )
        made = company(more=contract(leg), replications=50)
        income = made.statement([]).lines["licence_income"]
        terms = made.scenario.contracts["deal"].legs[0].upfront
        assert terms is not None
        assert terms.recognised.over_months is not None
        length = made.drawn.value(terms.recognised.over_months)
        assert income[:, 0] == pytest.approx(10e6 / length)
        assert income.sum(axis=1) == pytest.approx(np.full(50, 10e6))
        assert ((income > 0).sum(axis=1) == np.ceil(length)).all()


class TestEarnedShare:
    def test_parts_of_months_count_by_days(self) -> None:
        share = earned_share(TWO_YEARS, date(2024, 4, 16), np.array([2.0]))[0]
        assert np.diff(share)[3:7].tolist() == pytest.approx([0.25, 0.5, 0.25, 0.0])

    @pytest.mark.parametrize(
        ("begin", "month"),
        [(date(2024, 1, 1), 0), (date(2024, 1, 31), 0), (date(2025, 12, 31), 23)],
    )
    def test_at_once_over_no_months(self, begin: date, month: int) -> None:
        earned = np.diff(earned_share(TWO_YEARS, begin, np.array([0.0]))[0])
        assert np.flatnonzero(earned).tolist() == [month]
        assert earned[month] == 1.0

    def test_before_and_after_the_run(self) -> None:
        assert (
            earned_share(TWO_YEARS, date(2023, 12, 31), np.array([0.0]))[0].tolist() == [1.0] * 25
        )
        assert not earned_share(TWO_YEARS, date(2026, 1, 1), np.array([0.0, 9.0])).any()

    def test_a_run_that_starts_in_mid_month(self) -> None:
        calendar = Calendar(date(2024, 4, 16), 1)
        share = earned_share(calendar, date(2024, 4, 1), np.array([2.0]))[0]
        assert share[:4].tolist() == pytest.approx([0.25, 0.5, 1.0, 1.0])


class TestSupplyPrice:
    def test_product_sales_are_what_the_distributor_pays(self) -> None:
        leg = "supply_price: {from: distributor, share_of_list: 35%}"
        made = after(company(more=contract(leg, covers="alpha.home")), orders=3)
        # The list price of 1.03m holds 3% of tax: 1m, of which 35% is the company's.
        assert by_month(made.lines["product_sales"]) == pytest.approx({0: 35e4, 1: 35e4, 2: 35e4})
        assert by_month(made.bridge["partner_share"]) == pytest.approx({0: 55e4, 1: 55e4, 2: 55e4})
        # the distributor sells them for 0.9m each
        assert made.ledger.cash("Sun Pharma").sum() == pytest.approx(3 * 90e4 - 105e4)
        assert made.ledger.cash("payers").sum() == pytest.approx(-3 * 90e4)

    def test_without_a_contract_the_company_sells_at_its_net_price(self) -> None:
        made = after(company(), orders=2)
        assert by_month(made.lines["product_sales"]) == pytest.approx({0: 9e5, 1: 9e5})
        assert by_month(made.bridge["partner_share"]) == {}

    def test_an_amount_per_dose(self) -> None:
        leg = "supply_price: {from: distributor, amount: {2024: 400k, 2025: 300k}}"
        made = after(company(more=contract(leg, covers="alpha.home")), orders=24)
        assert made.lines["product_sales"][0] == pytest.approx([4e5] * 12 + [3e5] * 12)

    def test_market_currency_at_the_rate_of_the_month(self) -> None:
        leg = "supply_price: {from: distributor, share_of_list: 50%}"
        made = after(company(more=contract(leg, covers="alpha.abroad")), orders=24, market=1)
        sales = made.lines["product_sales"][0]
        assert sales == pytest.approx([1e5 * 7] * 12 + [1e5 * 8] * 12)

    def test_only_the_company_can_be_the_maker(self) -> None:
        leg = "supply_price: {from: us, to: distributor, share_of_list: 20%}"
        with pytest.raises(ScenarioError, match="paid to us, who make the dose"):
            company(more=contract(leg))


class TestMilestone:
    def test_on_a_date(self) -> None:
        leg = "milestone: {from: distributor, when: {date: 2025-02-28}, amount: 30m}"
        made = after(company(more=contract(leg)))
        assert by_month(made.lines["licence_income"]) == {13: 3e7}
        assert by_month(made.lines["cash_from_operations"]) == {13: 3e7}

    @pytest.mark.parametrize("day", ["2023-12-31", "2026-01-01"])
    def test_a_date_outside_the_run_pays_nothing(self, day: str) -> None:
        leg = f"milestone: {{from: distributor, when: {{date: {day}}}, amount: 30m}}"
        assert not after(company(more=contract(leg))).lines["licence_income"].any()

    def test_when_the_distributors_net_sales_first_exceed_a_level(self) -> None:
        legs = (
            "supply_price: {from: distributor, share_of_list: 35%}",
            "milestone: {from: distributor, when: {annual_net_sales_above: 4.5m}, amount: 30m}",
        )
        made = after(company(more=contract(*legs)), orders=24)
        # 0.9m a month of the distributor's sales, not of the 0.35m that the company sees: 4.5m
        # after the fifth month is not above the level; once paid it is not paid again in 2025.
        assert by_month(made.lines["licence_income"]) == {5: 3e7}

    def test_the_year_starts_anew(self) -> None:
        leg = "milestone: {from: distributor, when: {annual_net_sales_above: 5m}, amount: 1m}"
        made = company(more=contract(leg))
        days = [300, 310, 320, 370, 375, 380, 385, 390, 395]
        paid = made.statement([well(day - 1, day) for day in days]).lines["licence_income"]
        assert by_month(paid) == {13: 1e6}

    def test_first_passing_row_by_row(self) -> None:
        sales = np.array([[1.0] * 24, [0.0] * 24, [0.0] * 23 + [99.0], [3.0] * 24])
        passed = first_above(in_year(TWO_YEARS, sales), np.array([12.0, 0.0, 98.5, 8.9]))
        assert passed.tolist() == [NEVER_DUE, NEVER_DUE, 23, 2]


class TestParties:
    @pytest.mark.parametrize(
        "parties", ["distributor: Sun Pharma", "distributor: Sun Pharma, maker: us"]
    )
    @pytest.mark.parametrize("payer", ["distributor", "Sun Pharma"])
    def test_by_role_or_name(self, parties: str, payer: str) -> None:
        leg = f"milestone: {{from: {payer}, when: {{date: 2024-01-01}}, amount: 1m}}"
        made = after(company(more=contract(leg, parties=parties)))
        assert made.ledger.parties == (US, "Sun Pharma")

    def test_the_company_by_its_role(self) -> None:
        leg = "milestone: {from: distributor, to: maker, when: {date: 2024-01-01}, amount: 1m}"
        made = after(company(more=contract(leg, parties="distributor: Sun, maker: us")))
        assert by_month(made.lines["licence_income"]) == {0: 1e6}


def test_ledger_seen_from_each_side() -> None:
    one = np.ones((1, 3))
    none = np.zeros(1)
    ledger = Ledger(
        (1, 3),
        (
            Transfer("a", "x", "licence", "Sun", US, (), 5 * one, 2 * one, none),
            Transfer("a", "y", "licence", US, "Moon", (), one, one, none),
            Transfer("b", "z", "sales", "Sun", "Moon", (), 7 * one, 7 * one, none),
        ),
    )
    assert ledger.parties == (US, "Moon", "Sun")
    assert [float(ledger.cash(party)[0, 0]) for party in ledger.parties] == [4, 8, -12]
    assert [float(ledger.income(party)[0, 0]) for party in ledger.parties] == [1, 8, -9]
    assert ledger.deferred(US)[0].tolist() == [3, 6, 9]
    assert ledger.deferred("Sun")[0].tolist() == [-3, -6, -9]
    assert ledger.earned(US, "licence")[0, 0] == 2
    assert ledger.owed(US)[0, 0] == 1
    assert not ledger.cash("a stranger").any()
