"""Legs of contracts by hand: royalties, triggers, shares, fees, equity, outcomes, rights.

The company sells one dose a month for 0.9m net; a lot costs 65,000.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from unit.economics.company_by_hand import Company, company, well
from unit.economics.test_contracts import after, by_month, contract

from cartsim.economics.contracts import PAYERS, US
from cartsim.economics.contracts.royalty import tiered
from cartsim.economics.statement import Statement
from cartsim.measures import outcomes as measured
from cartsim.montecarlo.block import compute_facts
from cartsim.scenario.load import load_text
from cartsim.units import Calendar

NET, LOT = 0.9e6, 65_000.0
SUN = "Sun Pharma"


def sold(*legs: str, months: int = 24, overrides: dict[str, object] | None = None) -> Statement:
    return after(company(overrides, more=contract(*legs)), months)


class TestRoyalty:
    TIERS = "tiers: [{rate: 5%}, {above: 3.6m, rate: 10%}, {above: 9m, rate: 20%}]"

    def test_rates_are_marginal_and_begin_anew_each_year(self) -> None:
        made = sold(f"royalty: {{from: distributor, {self.TIERS}}}")
        year = [45_000.0] * 4 + [90_000.0] * 6 + [180_000.0] * 2
        assert made.lines["royalty_income"][0] == pytest.approx(year * 2)
        assert made.lines["revenue"][0] == pytest.approx(np.asarray(year * 2) + NET)
        assert sum(year) == pytest.approx(0.05 * 3.6e6 + 0.1 * 5.4e6 + 0.2 * 1.8e6)

    def test_what_the_company_owes_is_cost_of_goods(self) -> None:
        made = sold("royalty: {from: us, to: distributor, tiers: [{rate: 5%}]}")
        assert made.lines["cost_of_goods_royalties"][0] == pytest.approx(0.05 * NET)
        assert made.lines["revenue"][0] == pytest.approx(NET)
        assert made.lines["operating_result"][0] == pytest.approx(NET - LOT - 0.05 * NET)
        change = np.diff(made.lines["closing_cash"][0])
        assert change == pytest.approx(NET - LOT - 0.05 * NET)

    def test_term_and_step_down(self) -> None:
        leg = "royalty: {from: distributor, tiers: [{rate: 10%}], term_months: 18, "
        made = sold(leg + "step_down_from: 2025-01-01, step_down_to: 40%}")
        # first sold on 27 January 2024: 18 months of 30.4375 days end in the 27th of July 2025
        last = 36_000.0 * (26 + 18 * 30.4375 % 1) / 31
        expected = [90_000.0] * 12 + [36_000.0] * 6 + [last] + [0.0] * 5
        assert made.lines["royalty_income"][0] == pytest.approx(expected)

    @pytest.mark.parametrize(("term", "share"), [(0.1, 3.04375 / 31), (0.5, 1.0)])
    def test_a_term_of_a_part_of_a_month(self, term: float, share: float) -> None:
        # what was sold in January falls on its days alike, those before the first sale, too
        tiers = f"tiers: [{{rate: 10%}}], term_months: {term}"
        made = sold(f"royalty: {{from: distributor, {tiers}}}")
        first = 90_000.0 * min((26 + share * 31) / 31, 1.0)
        assert made.lines["royalty_income"][0, 0] == pytest.approx(first)

    def test_tiers_on_draws(self) -> None:
        # 4, 10 and 10 since the year's beginning in its first three months; nothing in the next
        sales = np.zeros((3, 24))
        sales[:, :12] = [4.0, *[10.0] * 11]
        levels = [np.zeros(3), np.asarray([5.0, 20.0, 10.0])]
        rates = [np.full(3, 0.1), np.full(3, 0.2)]
        paid = tiered(Calendar(date(2024, 1, 1), 2), sales, levels, rates)
        assert paid[:, :2].sum(axis=1) == pytest.approx([1.5, 1.0, 1.0])
        assert paid[:, 0] == pytest.approx([0.4, 0.4, 0.4])
        assert not paid[:, 2:].any()


class TestTriggers:
    @pytest.mark.parametrize(
        ("when", "month"),
        [
            ("annual_net_sales_above: 5m", 5),
            ("cumulative_net_sales_above: 12m", 13),
            ("trailing_net_sales_above: 10m", 11),
            ("orders_above: 3", 3),
            ("first_sale: yes", 0),
            ("launch: yes", 0),
            ("date: 2024-05-20", 4),
            ("date: 2024-05-20, delay_months: 3", 7),
            ("first_sale: yes, delay_months: 6", 6),
            ("cumulative_net_sales_above: 5m, until: 2024-07-01", 5),
            ("cumulative_net_sales_above: 5m, until: 2024-06-30", 5),
            ("cumulative_net_sales_above: 5m, until: 2024-06-17", 5),
            ("date: 2024-05-20, until: 2024-05-21", 4),
            ("date: 2024-05-20, until: 2024-05-21, delay_months: 3", 7),
            ("date: 2023-12-20, delay_months: 3", 2),
            ("orders_above: 3, until: 2024-04-10", 3),
            ("first_sale: yes, until: 2024-01-28", 0),
            ("launch: yes, until: 2024-01-28", 0),
        ],
    )
    def test_paid_once_in_the_month_in_which_it_is_met(self, when: str, month: int) -> None:
        made = sold(f"milestone: {{from: distributor, when: {{{when}}}, amount: 3m}}")
        assert by_month(made.lines["licence_income"]) == {month: 3e6}

    @pytest.mark.parametrize(
        "when",
        [
            "trailing_net_sales_above: 11m",
            "cumulative_net_sales_above: 5m, until: 2024-06-01",
            "cumulative_net_sales_above: 5m, until: 2024-06-15",
            "orders_above: 3, until: 2024-04-09",
            "orders_above: 24",
            "first_sale: yes, until: 2024-01-27",
            "date: 2030-01-01",
            "first_sale: yes, delay_months: 24",
            "first_sale: yes, probability: 0%",
        ],
    )
    def test_not_paid_when_it_is_not_met_in_time(self, when: str) -> None:
        made = sold(f"milestone: {{from: distributor, when: {{{when}}}, amount: 3m}}")
        assert not made.lines["licence_income"].any()

    def test_a_contingent_value_right_is_no_revenue(self) -> None:
        leg = "contingent_value_right: {from: distributor, when: {trailing_net_sales_above: 10m}, "
        made = sold(leg + "amount: 7m}")
        assert by_month(made.lines["other_income"]) == {11: 7e6}
        assert made.lines["revenue"][0] == pytest.approx(NET)


class TestShares:
    def test_profit_is_sales_less_lots_less_what_is_agreed(self) -> None:
        leg = "profit_share: {from: us, to: distributor, share: 50%, costs: 1.2m}"
        made = sold(leg)
        agreed = 1.2e6 * made.calendar.month_years
        expected = 0.5 * (NET - LOT - agreed)
        assert made.ledger.income(SUN)[0] == pytest.approx(expected)
        assert made.lines["other_income"][0] == pytest.approx(-expected)

    def test_losses_are_shared_or_not(self) -> None:
        leg = "profit_share: {from: us, to: distributor, share: 50%, costs: 24m"
        assert (sold(leg + "}").ledger.income(SUN) < 0).all()
        assert not sold(leg + ", losses: no}").ledger.income(SUN).any()

    def test_a_profit_that_the_partner_books_is_royalty_income(self) -> None:
        made = sold("profit_share: {from: distributor, share: 30%}")
        assert made.lines["royalty_income"][0] == pytest.approx(0.3 * (NET - LOT))

    def test_costs_are_shared_until_a_day(self) -> None:
        leg = "cost_share: {from: distributor, of: research, share: 40%, until: 2025-01-01}"
        made = sold(leg, overrides={"products.alpha.research": "12m"})
        paid = made.lines["royalty_income"][0]
        assert paid[:12].sum() == pytest.approx(0.4 * 12e6)
        assert not paid[12:].any()


class TestFees:
    @pytest.mark.parametrize("per", ["order", "lot_started", "delivery", "infusion"])
    def test_for_each_event(self, per: str) -> None:
        made = sold(f"fee: {{from: distributor, per: {per}, amount: 10k}}")
        assert made.lines["service_income"].sum() == pytest.approx(24 * 10_000)

    def test_by_time(self) -> None:
        dates = "since: 2024-07-01, until: 2025-07-01"
        made = sold(f"fee: {{from: us, to: distributor, per: year, amount: 12m, {dates}}}")
        expected = [0.0] * 6 + [-1e6] * 12 + [0.0] * 6
        assert made.lines["other_income"][0] == pytest.approx(expected)

    def test_reserved_slots_are_taken_or_paid(self) -> None:
        leg = "reservation: {from: distributor, lots_per_year: 20, fee_per_lot: 100k, "
        made = sold(leg + "take_or_pay: 80%}")
        assert by_month(made.lines["service_income"]) == pytest.approx({11: 4e5, 23: 4e5})


class TestEquity:
    ROUND = "equity: {from: distributor, amount: 80m, received: 2024-07-01, share: 8%"

    def test_money_for_shares_is_no_income(self) -> None:
        made = sold(self.ROUND + "}")
        plain = after(company(), 24)
        assert by_month(made.lines["cash_from_financing"]) == {6: 80e6}
        assert made.lines["net_result"] == pytest.approx(plain.lines["net_result"])
        assert made.lines["closing_cash"][0, -1] == pytest.approx(
            plain.lines["closing_cash"][0, -1] + 80e6
        )
        assert not made.lines["deferred_income"].any()
        assert not made.lines["minority_interest"].any()

    def test_holders_of_a_subsidiary_share_in_its_result_while_they_hold(self) -> None:
        back = "subsidiary: yes, buy_back: {date: 2025-01-01, amount: 100m}}"
        made = sold(f"{self.ROUND}, {back}", overrides={"products.alpha.research": "12m"})
        research = 12e6 * made.calendar.month_years
        part = 0.08 * (NET - LOT - research)
        expected = np.concatenate([np.zeros(6), part[6:12], np.zeros(12)])
        assert made.lines["minority_interest"][0] == pytest.approx(expected)
        owners = made.lines["net_result"] - made.lines["minority_interest"]
        assert made.lines["net_result_of_owners"] == pytest.approx(owners)
        assert by_month(made.lines["cash_from_financing"]) == {6: 80e6, 12: -100e6}


class TestRights:
    def test_another_party_sells_and_makes_at_its_own_account(self) -> None:
        made = sold("rights: {to: distributor}")
        assert not made.lines["revenue"].any()
        assert not made.lines["cost_of_goods"].any()
        assert made.ledger.income(SUN)[0] == pytest.approx(NET)
        assert made.ledger.income(PAYERS)[0] == pytest.approx(-NET)

    def test_the_company_may_make_what_the_other_sells(self) -> None:
        legs = (
            "rights: {to: distributor, makes: us}",
            "supply_price: {from: distributor, amount: 0.3m}",
        )
        made = sold(*legs)
        assert made.lines["product_sales"][0] == pytest.approx(0.3e6)
        assert made.lines["cost_of_goods"][0] == pytest.approx(LOT)
        assert made.ledger.income(SUN)[0] == pytest.approx(NET - 0.3e6)

    def test_royalties_are_reckoned_on_what_the_other_sells(self) -> None:
        made = sold(
            "rights: {to: distributor}", "royalty: {from: distributor, tiers: [{rate: 12%}]}"
        )
        assert made.lines["revenue"][0] == pytest.approx(0.12 * NET)
        assert made.lines["closing_cash"][0, -1] == pytest.approx(1e6 + 24 * 0.12 * NET)


def patients(made: Company, number: int) -> Statement:
    """Many patients whose dose is delivered on the 27th of January 2024."""
    return made.statement([well(9, 9)] * number)


def outcomes(response: str, more: str = "") -> dict[str, object]:
    return {
        f"products.alpha.outcomes.{key}": value
        for key, value in {
            "response": response,
            **dict(p.split(": ") for p in more.split(", ") if p),
        }.items()
    }


class TestOutcomes:
    def test_who_does_not_respond_gets_a_part_back_up_to_a_cap(self) -> None:
        leg = "refund: {from: us, to: payers, share: 50%, out_of_pocket: 60%"
        none = sold(leg + "}", months=1, overrides=outcomes("0%"))
        assert by_month(none.lines["product_sales"]) == pytest.approx({0: NET, 3: -0.3 * NET})
        capped = sold(leg + ", cap: 200k}", months=1, overrides=outcomes("0%"))
        assert by_month(capped.lines["revenue"]) == pytest.approx({0: NET, 3: -200_000})
        every = sold(leg + "}", months=1, overrides=outcomes("100%"))
        assert by_month(every.lines["product_sales"]) == pytest.approx({0: NET})

    def test_refunds_go_by_draws_of_the_patients(self) -> None:
        leg = contract("refund: {from: us, to: payers, share: 100%}")
        made = patients(company(outcomes("58%"), more=leg), 2_000)
        back = -made.lines["product_sales"][0, 3] / NET
        assert back == pytest.approx(2_000 * 0.42, abs=4 * (2_000 * 0.42 * 0.58) ** 0.5)
        assert back == round(back)

    def test_the_spanish_contract(self) -> None:
        """320,000 euros: 52% at infusion, 48% at 18 months if the response is sustained; at 35%
        sustained 220.16k nominal, and 214.30k at 8% a year."""
        stages = "[{after_months: 0, share: 52%}, {after_months: 18, share: 48%, when: response}]"
        leg = contract(f"staged_payment: {{from: payers, stages: {stages}}}")
        price = {
            "products.alpha.markets.home.price.list": "320k",
            "products.alpha.markets.home.price.value_added_tax": "0%",
            "products.alpha.markets.home.price.deductions": "0%",
        }
        paid = {}
        for response in ("0%", "100%"):
            made = company({**price, **outcomes(response)}, more=leg).statement([well(9, 9)])
            paid[response] = by_month(made.lines["revenue"])
        assert paid == {
            "0%": pytest.approx({0: 166_400}),
            "100%": pytest.approx({0: 166_400, 18: 153_600}),
        }
        nominal = 166_400 + 0.35 * 153_600
        assert nominal == pytest.approx(220_160)
        assert pytest.approx(214_300, abs=5) == 166_400 + 0.35 * 153_600 / 1.08**1.5
        many = patients(company({**price, **outcomes("35%")}, more=leg), 4_000)
        mean = many.lines["revenue"][0].sum() / 4_000
        assert mean == pytest.approx(nominal, abs=4 * 153_600 * (0.35 * 0.65 / 4_000) ** 0.5)

    def test_a_response_and_a_life_may_end_before_the_stage(self) -> None:
        half = "after_months: 12, share: 50%, when"
        stages = f"[{{{half}: response}}, {{{half}: alive}}]"
        leg = contract(f"staged_payment: {{from: payers, stages: {stages}}}")
        more = "median_response_months: 12, median_survival_months: 24"
        made = patients(company(outcomes("80%", more), more=leg), 4_000)
        responding, alive = 0.8 * 0.5 * 0.5**0.5, 0.5**0.5
        mean = made.lines["revenue"][0, 12:14].sum() / 4_000 / NET
        assert mean == pytest.approx(0.5 * (responding + alive), abs=0.02)
        assert made.lines["revenue"][0, 0] == pytest.approx(0, abs=1)

    def test_instalments_of_which_one_in_twenty_fails(self) -> None:
        """One a year for ten years, the first at once, 5% failure a year: 8.025 are paid."""
        leg = contract("instalment_plan: {from: payers, number: 10, failure: 5%}")
        made = patients(company({"run.years": "11"}, more=leg), 4_000)
        paid = made.lines["revenue"][0].sum() / 4_000 / (NET / 10)
        assert pytest.approx(8.025, abs=5e-4) == (1 - 0.95**10) / 0.05
        spread = np.std(
            [min(k + 1, 10) for k in range(60) for _ in range(int(1e5 * 0.05 * 0.95**k))]
        )
        assert paid == pytest.approx(8.025, abs=4 * spread / 4_000**0.5)
        sure = patients(company({"run.years": "11"}, more=leg.replace("5%", "0%")), 10)
        assert sure.lines["revenue"][0].sum() == pytest.approx(10 * NET)
        assert by_month(sure.lines["revenue"]) == pytest.approx(
            dict.fromkeys(range(0, 120, 12), NET)
        )


def test_every_leg_is_seen_from_both_sides() -> None:
    made = sold(
        "royalty: {from: distributor, tiers: [{rate: 5%}]}",
        "fee: {from: us, to: distributor, per: month, amount: 10k}",
    )
    for party in made.ledger.parties:
        others = [p for p in made.ledger.parties if p != party]
        np.testing.assert_allclose(
            made.ledger.cash(party), -sum(made.ledger.cash(p) for p in others), atol=1e-6
        )
    assert made.ledger.income(US)[0, 0] == pytest.approx(0.05 * NET - 10_000)
    assert date(2024, 1, 1) == made.calendar.start


def of_one_replication(text: str) -> dict[tuple[str, str], float]:
    """Every measure of a scenario without chance, by name and period."""
    told = measured(compute_facts(load_text(text).model, 1, range(1), "fast"))
    return {
        (column.name, column.period): float(value)
        for column, value in zip(told.columns, told.values[0], strict=True)
    }


def test_what_is_left_to_a_party_that_sells_itself() -> None:
    text = """
cartsim: 1
title: rights given away
run: {start: 2024-01-01, years: 1, replications: 1, seed: 1}
currency: CNY
company: {opening_cash: 5m, tax: {}, discount_rate: 0%}
products:
  cel:
    extends: library/sales_alone
    launch: 2024-07-01
    route: {steps: {delivery: {costs: {making: 100k}}}}
    markets: {home: {orders: {per_month: 2, arrivals: even}, price: {list: 1m}}}
plants: {elsewhere: {resources: {}}}
contracts:
  out:
    parties: {licensee: Moon}
    covers: [cel]
    legs:
      - rights: {to: licensee, selling: 2.4m}
      - royalty: {from: licensee, tiers: [{rate: 10%}]}
"""
    found = of_one_replication(text)
    # 12 orders from July on: 12m of sales, 1.2m of royalties, 1.2m of lots, half a year's selling
    assert found["contract_value:Moon", "all"] == pytest.approx(12e6 - 1.2e6)
    half_a_year = 2.4e6 * 184 / 366
    assert found["partner_value:Moon", "all"] == pytest.approx(12e6 - 2.4e6 - half_a_year)
    assert found["cost_of_goods", "all"] == found["selling", "all"] == 0.0
    assert np.isnan(found["cost_per_infused_dose", "all"])
    assert ("partner_value:us", "all") not in found


def test_slots_are_paid_for_from_the_day_they_are_reserved_from() -> None:
    text = """
cartsim: 1
title: a contract manufacturer
run: {start: 2024-01-01, years: 2, replications: 1, seed: 1}
currency: CNY
company: {opening_cash: 5m, tax: {}, discount_rate: 0%}
products: {}
plants:
  theirs:
    resources: {}
    contract_manufacturer:
      fee_per_lot: 100k
      reserved_lots: 12
      take_or_pay: 50%
      suite_fee: 2.4m
      reserved_from: 2025-07-01
"""
    found = of_one_replication(text)
    half = 184 / 365
    assert found["cost_of_goods_contract_manufacturer", "2024"] == 0.0
    assert found["cost_of_goods_contract_manufacturer", "2025"] == pytest.approx(
        half * 2.4e6 + half * 6 * 100e3
    )
