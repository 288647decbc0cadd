"""Lines of the statement, one at a time, and that wrong ones are noticed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from unit.economics.company_by_hand import Patient, Visit, company, well

from cartsim.economics.bridge import BRIDGE
from cartsim.economics.lines import CASH_LINES, INCOME_LINES
from cartsim.economics.statement import Statement
from cartsim.errors import RunError
from cartsim.simulation.plan import SUCCESS
from cartsim.simulation.timelines import IN_PROCESS, LOST_WAITING

DAYS_2024 = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def idle(**overrides: object) -> Statement:
    """The statement of a company to which no patient comes."""
    return company({key.replace("__", "."): value for key, value in overrides.items()}).statement(
        []
    )


def year(line: np.ndarray, index: int) -> float:
    return float(line[0, 12 * index : 12 * index + 12].sum())


def test_every_line_is_there_with_its_shape() -> None:
    made = company(replications=3).statement([well(3, 4, replication=1)])
    for name in (*INCOME_LINES, *CASH_LINES, "deferred_income", "funding_gap"):
        assert made.lines[name].shape == (3, 24), name
    assert set(made.bridge) == set(BRIDGE)
    for name in ("orders", "deliveries", "infusions", "revenue", "product_sales"):
        assert made.by_market[name, "alpha.home"].shape == (3, 24), name


class TestCosts:
    def test_a_year_of_cost_is_spread_over_its_days(self) -> None:
        made = idle(company__administration="366m")
        assert made.lines["administration"][0, :12] == pytest.approx(
            [days * 1e6 for days in DAYS_2024]
        )
        assert year(made.lines["administration"], 1) == pytest.approx(366e6)

    def test_research_and_selling_of_company_and_products_add_up(self) -> None:
        made = idle(
            company__research="{2024: 10m, 2025: 20m}",
            products__alpha__research="3m",
            company__selling="5m",
            products__alpha__selling="{2024: 0, 2025: 1m}",
        )
        assert [year(made.lines["research"], y) for y in (0, 1)] == pytest.approx([13e6, 23e6])
        assert [year(made.lines["selling"], y) for y in (0, 1)] == pytest.approx([5e6, 6e6])

    def test_plant_cost_is_split_and_starts_on_its_date(self) -> None:
        made = idle(
            plants__works__fixed_cost_per_year="366m",
            plants__works__fixed_cost_from="2024-03-11",
            plants__works__charged_to_cost_of_goods="80%",
        )
        fixed = made.lines["cost_of_goods_fixed"][0]
        assert fixed[:4].tolist() == pytest.approx([0, 0, 0.8 * 21e6, 0.8 * 30e6])
        assert made.lines["research"][0, :4].tolist() == pytest.approx(
            [0, 0, 0.2 * 21e6, 0.2 * 30e6]
        )
        assert made.lines["cost_of_goods"][0] == pytest.approx(fixed)

    def test_a_plant_cost_that_began_before_the_start(self) -> None:
        made = idle(
            plants__works__fixed_cost_per_year="366m", plants__works__fixed_cost_from="2020-01-01"
        )
        assert year(made.lines["cost_of_goods_fixed"], 0) == pytest.approx(366e6)

    def test_impairment_moves_no_cash(self) -> None:
        made = idle(company__impairments="{idle_line: {date: 2024-12-31, amount: 9m}}")
        assert np.flatnonzero(made.lines["impairment"][0]).tolist() == [11]
        assert made.lines["net_result"].sum() == pytest.approx(-9e6)
        assert made.lines["closing_cash"][0, -1] == pytest.approx(1e6)

    def test_depreciation_is_inside_the_costs_and_moves_no_cash(self) -> None:
        made = idle(company__administration="10m", company__depreciation="4m")
        assert year(made.lines["operating_result"], 0) == pytest.approx(-10e6)
        assert year(made.lines["cash_from_operations"], 0) == pytest.approx(-6e6)

    def test_capital_expenditure_moves_cash_only(self) -> None:
        made = idle(company__capital_expenditure="0.2m")
        assert not made.lines["net_result"].any()
        assert year(made.lines["cash_from_investing"], 0) == pytest.approx(-2e5)
        assert made.lines["closing_cash"][0, -1] == pytest.approx(6e5)


class TestCash:
    def test_interest_compounds_monthly_on_opening_cash(self) -> None:
        made = idle(company__interest_rate_on_cash="3.66%")
        expected, cash = [], 1e6
        for days in DAYS_2024:
            expected.append(cash * 0.0366 * days / 366)
            cash += expected[-1]
        assert made.lines["interest"][0, :12].tolist() == pytest.approx(expected)
        assert made.lines["closing_cash"][0, 11] == pytest.approx(cash)

    def test_no_interest_and_no_exchange_gain_below_zero(self) -> None:
        made = idle(
            company__interest_rate_on_cash="5%",
            company__cash_held_abroad="{USD: 50%}",
            company__administration="{2024: 2m, 2025: 0}",
        )
        assert made.lines["closing_cash"][0, 11] == pytest.approx(-1e6, rel=0.05)
        assert not made.lines["interest"][0, 12:].any()
        assert not made.lines["foreign_exchange"][0].any(), "the rate moves when cash is gone"
        assert made.lines["funding_gap"][0] == pytest.approx(
            -made.lines["closing_cash"][0].clip(max=0)
        )

    def test_cash_abroad_is_revalued_when_the_rate_moves(self) -> None:
        made = idle(company__cash_held_abroad="{USD: 60%}")
        gains = made.lines["foreign_exchange"][0]
        assert np.flatnonzero(gains).tolist() == [12]
        assert gains[12] == pytest.approx(0.6e6 * (8 / 7 - 1))
        assert made.lines["foreign_exchange_on_cash"][0] == pytest.approx(gains)
        assert made.lines["result_before_tax"].sum() == pytest.approx(gains[12])
        assert not made.lines["cash_from_operations"].any()

    def test_tax_is_paid_in_the_last_month_of_its_year(self) -> None:
        made = idle(
            company__other_income="{2024: 40m, 2025: 60m}",
            company__tax__rate="{2024: 20%, 2025: 30%}",
            company__tax__opening_loss="10m",
        )
        tax = made.lines["tax"][0]
        assert {int(month): float(tax[month]) for month in np.flatnonzero(tax)} == pytest.approx(
            {11: 0.2 * 30e6, 23: 0.3 * 60e6}
        )
        assert made.lines["closing_cash"][0, -1] == pytest.approx(1e6 + 100e6 - 6e6 - 18e6)

    def test_a_run_from_mid_year_pays_at_each_years_end_and_at_its_own(self) -> None:
        made = idle(run__start="2024-07-01", company__other_income="10m", company__tax__rate="10%")
        assert np.flatnonzero(made.lines["tax"][0]).tolist() == [5, 17, 23]
        assert made.lines["tax"].sum() == pytest.approx(0.1 * made.lines["other_income"].sum())


class TestBridge:
    def test_orders_lost_waiting_delivered_and_the_price_between(self) -> None:
        made = company(
            {"products.alpha.markets.home.price.list": "{2024: 1.03m, 2025: 0.515m}"}
        ).statement(
            [
                well(5, 10),
                Patient(20, (), LOST_WAITING, left=70),
                Patient(360, (Visit(0, 725, 726, SUCCESS),), IN_PROCESS),
                well(350, 400),
            ]
        )
        total = {name: float(amount.sum()) for name, amount in made.bridge.items()}
        assert total == pytest.approx(
            {
                "gross_order_value": 4 * 1.03e6,
                "never_delivered": 1.03e6,
                "not_yet_delivered": 1.03e6,
                "price_change_since_order": 0.515e6,
                "given_free": 0,
                "value_added_tax": 0.03e6 + 0.015e6,
                "deductions": 0.1e6 + 0.05e6,
                "partner_share": 0,
                "licence_income": 0,
                "royalty_income": 0,
                "service_income": 0,
            }
        )
        assert made.lines["revenue"].sum() == pytest.approx(0.9e6 + 0.45e6)
        assert np.flatnonzero(made.bridge["never_delivered"][0]).tolist() == [2]
        assert np.flatnonzero(made.bridge["price_change_since_order"][0]).tolist() == [13]

    def test_a_market_that_recognises_on_order_waits_for_nothing(self) -> None:
        made = company({"products.alpha.markets.home.revenue_recognised_on": "order"}).statement(
            [well(5, 10), Patient(20, (), LOST_WAITING, left=70)]
        )
        assert made.lines["product_sales"][0, 0] == pytest.approx(2 * 0.9e6)
        assert not made.bridge["never_delivered"].any()
        assert not made.bridge["not_yet_delivered"].any()

    def test_a_market_that_recognises_on_infusion(self) -> None:
        delivered_then_lost = Patient(5, well(5, 10).visits[:4], LOST_WAITING, 60, market=1)
        made = company().statement([delivered_then_lost, well(5, 10, market=1)])
        assert made.lines["product_sales"].sum() == pytest.approx(200e3 * 7)
        assert made.bridge["never_delivered"].sum() == pytest.approx(200e3 * 7)
        assert made.by_market["product_sales", "alpha.home"].sum() == 0


class TestCheck:
    @pytest.mark.parametrize(
        "name", [*INCOME_LINES, *CASH_LINES, "depreciation", "deferred_income"]
    )
    def test_a_line_that_is_off_by_a_yuan_is_noticed(self, name: str) -> None:
        made = company().statement([well(3, 4)])
        off = made.lines[name] + np.eye(1, 24, 3)
        with pytest.raises(RunError, match="does not add up"):
            replace(made, lines={**made.lines, name: off}).check()

    def test_nan_is_noticed(self) -> None:
        made = company().statement([])
        with pytest.raises(RunError):
            replace(made, lines={**made.lines, "tax": np.full((1, 24), np.nan)}).check()

    def test_orders_that_the_facts_do_not_hold_are_noticed(self) -> None:
        made = company().statement([well(3, 4)])
        more = {("orders", "alpha.abroad"): np.ones((1, 24))}
        with pytest.raises(RunError, match="orders demanded"):
            replace(made, by_market={**made.by_market, **more}).check()


def test_licence_income_is_spread_over_the_markets_that_a_contract_covers() -> None:
    more = """
contracts:
  deal:
    parties: {partner: Moon}
    covers: [alpha]
    legs: [{milestone: {from: partner, when: {date: 2024-06-01}, amount: 8m}}]
"""
    made = company(more=more).statement([well(3, 4)])
    home, abroad = (made.by_market["revenue", f"alpha.{m}"].sum() for m in ("home", "abroad"))
    assert (home, abroad) == pytest.approx((4.9e6, 4e6))
    assert home + abroad == pytest.approx(made.lines["revenue"].sum())
