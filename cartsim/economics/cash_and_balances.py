"""The rest of the statement: financial result, tax, cash flow and balance sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cartsim.economics import balance
from cartsim.economics.cash import CashFlows, roll_forward
from cartsim.economics.contracts import US, Ledger
from cartsim.economics.costs import PeriodCosts
from cartsim.economics.financing import Financing, change, financing, owed
from cartsim.economics.tables import less, nothing, total
from cartsim.economics.tax import tax_without_financing
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.units import Floats


@dataclass(frozen=True)
class CashAndBalances:
    """Lines that need the cash, each worked out when it is asked for, float64[R, month].

    Made of the ``income`` down to the operating result, the period ``costs``, the costs of lots
    that are ``carried`` at each month's end, the ledger of the contracts and what of the result
    belongs to ``others``. The public names are those of lines.
    """

    scenario: Scenario
    drawn: Drawn
    income: Mapping[str, Floats]
    costs: PeriodCosts
    carried: Floats
    book: Ledger
    others: Floats

    @property
    def _shape(self) -> tuple[int, int]:
        return self.book.shape

    @cached_property
    def _own_sales(self) -> Floats:
        """What payers pay to the company itself."""
        of_contracts = less(self.book.earned(US, "sales"), self.book.owed(US, "sales"))
        return less(self.income["product_sales"], of_contracts)

    @cached_property
    def _spent(self) -> Floats:
        """What is to be paid for: all that is incurred, so the growth of the inventory is added to
        the costs, and what is worn off is not."""
        income, costs = self.income, self.costs
        own_cost_of_goods = less(income["cost_of_goods"], income["cost_of_goods_royalties"])
        spent = [
            *(own_cost_of_goods, change(self.carried)),
            *(costs.research, costs.selling, costs.administration),
        ]
        return less(total(spent, self._shape), costs.depreciation)

    @cached_property
    def receivables(self) -> Floats:
        on_credit = total([self._own_sales, self.book.earned(US, "service")], self._shape)
        return owed(on_credit, self.drawn.value(self.scenario.company.receivable_days))

    @cached_property
    def payables(self) -> Floats:
        return owed(self._spent, self.drawn.value(self.scenario.company.payable_days))

    @cached_property
    def _paid_in(self) -> Floats:
        return self.book.paid_in(US)

    @cached_property
    def _operations(self) -> Floats:
        """Cash of the operations before interest and tax."""
        collected = less(self._own_sales, change(self.receivables))
        received = less(total([collected, self.book.cash(US)], self._shape), self._paid_in)
        received = total([received, self.costs.other_income], self._shape)
        return less(received, less(self._spent, change(self.payables)))

    @cached_property
    def _money(self) -> Financing:
        return financing(self.scenario, self.drawn)

    @cached_property
    def _flows(self) -> CashFlows:
        interest = self._money.interest
        flows = less(less(self._operations, interest), self.costs.capital_expenditure)
        return roll_forward(
            self.scenario,
            self.drawn,
            less(self.income["operating_result"], interest),
            total([flows, self.cash_from_financing], self._shape),
        )

    @cached_property
    def interest(self) -> Floats:
        return less(self._flows.interest, self._money.interest)

    @property
    def foreign_exchange(self) -> Floats:
        return self._flows.foreign_exchange

    @cached_property
    def result_before_tax(self) -> Floats:
        operating = total([self.income["operating_result"], self._flows.interest], self._shape)
        return total([less(operating, self._money.interest), self.foreign_exchange], self._shape)

    @property
    def tax(self) -> Floats:
        return self._flows.tax

    @cached_property
    def tax_without_financing(self) -> Floats:
        operating_result = self.income["operating_result"]
        return tax_without_financing(self.scenario.company, self.drawn, operating_result)

    @cached_property
    def net_result(self) -> Floats:
        return less(self.result_before_tax, self.tax)

    @property
    def minority_interest(self) -> Floats:
        return self.others

    @cached_property
    def net_result_of_owners(self) -> Floats:
        return less(self.net_result, self.others)

    @property
    def opening_cash(self) -> Floats:
        return self._flows.opening_cash

    @cached_property
    def cash_from_operations(self) -> Floats:
        before_tax = total([self._operations, self._flows.interest], self._shape)
        return less(less(before_tax, self._money.interest), self.tax)

    @cached_property
    def cash_from_investing(self) -> Floats:
        return less(nothing(self._shape), self.costs.capital_expenditure)

    @cached_property
    def cash_from_financing(self) -> Floats:
        return total([self._money.cash, self._paid_in], self._shape)

    @property
    def foreign_exchange_on_cash(self) -> Floats:
        return self._flows.foreign_exchange

    @property
    def closing_cash(self) -> Floats:
        return self._flows.closing_cash

    @cached_property
    def free_cash_flow(self) -> Floats:
        """Cash of the business before financing: operations and investing, without interest and
        exchange differences and the tax on them, which come from how the cash is kept."""
        taxed = less(self._operations, self.tax_without_financing)
        return less(taxed, self.costs.capital_expenditure)

    @property
    def depreciation(self) -> Floats:
        return self.costs.depreciation

    @property
    def capital_expenditure(self) -> Floats:
        return self.costs.capital_expenditure

    @cached_property
    def deferred_income(self) -> Floats:
        return self.book.deferred(US)

    @property
    def inventory(self) -> Floats:
        return self.carried

    @cached_property
    def _opening_long_lived(self) -> Floats:
        return balance.opening_long_lived_assets(self.scenario, self.drawn)

    @cached_property
    def long_lived_assets(self) -> Floats:
        return balance.long_lived_assets(self._opening_long_lived, self.costs)

    @property
    def debt(self) -> Floats:
        return self._money.debt

    @cached_property
    def equity(self) -> Floats:
        return balance.equity(
            self.drawn.value(self.scenario.company.opening_cash) + self._opening_long_lived,
            self.book.deferred_at_start(US),
            self._money,
            self._paid_in,
            self.net_result,
        )

    @cached_property
    def funding_gap(self) -> Floats:
        return np.maximum(-self.closing_cash, 0.0)
