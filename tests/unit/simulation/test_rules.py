"""The functions of ``cartsim.simulation.rules`` by themselves, on numbers worked by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cartsim.simulation import rules
from cartsim.simulation.plan import Policy, Priority
from cartsim.simulation.rules import (
    leaves_after_collection,
    lots_to_begin,
    precedence,
    quoted_wait,
    quoted_wait_for_dose,
    supply_arrives,
    wants_next_dose,
)
from cartsim.units import NEVER

UP_TO, FIXED = int(Policy.ORDER_UP_TO), int(Policy.FIXED_QUANTITY)


def test_queue_key_orders_by_precedence_then_ready_then_number() -> None:
    waiting = [(1, 0, 0), (0, 5, 2), (0, 5, 1), (0, 4, 9)]
    assert sorted(waiting, key=lambda who: rules.queue_key(*who)) == [
        (0, 4, 9),
        (0, 5, 1),
        (0, 5, 2),
        (1, 0, 0),
    ]


@pytest.mark.parametrize("by", Priority)
def test_rank_goes_before_every_priority(by: Priority) -> None:
    last = precedence(0, by, attempt=0, risk=rules.CLASSES - 1)
    assert last < precedence(1, by, attempt=1, risk=0)


def test_retry_and_risk_order_those_of_a_rank() -> None:
    def order(by: Priority) -> list[tuple[int, int]]:
        everyone = [(attempt, risk) for attempt in (0, 2) for risk in (0, 3)]
        return sorted(everyone, key=lambda one: precedence(0, by, *one))

    assert order(Priority.RETRY_THEN_RISK) == [(2, 0), (2, 3), (0, 0), (0, 3)]
    assert order(Priority.RISK_THEN_RETRY) == [(2, 0), (0, 0), (2, 3), (0, 3)]
    assert precedence(0, Priority.NONE, 2, 0) == precedence(0, Priority.NONE, 0, 3)
    assert precedence(0, Priority.RETRY, 1, 5) == precedence(0, Priority.RETRY, 2, 0)
    assert precedence(0, Priority.RISK, 1, 5) == precedence(0, Priority.RISK, 0, 5)


@pytest.mark.parametrize(
    ("chance", "leaves"),
    [
        ({}, 24),  # 1.75 - 10 x 0.125 = 0.5, at 0.125 a minute: 4 more
        ({"after": 0.0625}, 28),
        ({"bridging": 0.5}, 28),
        ({"after": 0.0}, NEVER),
        ({"bridging": 0.0}, NEVER),
        ({"clock": 1.0}, 20),  # it has run out before, so it does now
        ({"clock": math.inf}, NEVER),
        ({"clock": 1e300}, NEVER),
        ({"before": 0.0}, 34),  # nothing is used up yet: 14 more
        ({"after": 0.3}, 21),  # 1.67 minutes, rounded down
    ],
)
def test_the_clock_goes_on_at_the_hazard_after_collection(
    chance: dict[str, Any], leaves: int
) -> None:
    usual = {"clock": 1.75, "before": 0.125, "after": 0.125, "shape": 1.0, "bridging": 1.0}
    assert leaves_after_collection(10, 20, **{**usual, **chance}) == leaves


@pytest.mark.parametrize(
    ("chance", "leaves"),
    [
        ({}, 12),  # (0.25 x 10)^2 + 25 - 1 = 5.5^2: after 22 minutes at 0.25
        ({"bridging": 0.5}, 19),  # 6.25 + 2 x 24 = 7.37^2: after 29.5
        ({"after": 0.1}, 40),  # 1 + 24 = 5^2: after 50
        ({"after": 0.0}, NEVER),
        ({"clock": 0.5}, 0),
        ({"clock": math.inf}, NEVER),
    ],
)
def test_a_weibull_clock_goes_on_where_it_would_have_been(
    chance: dict[str, Any], leaves: int
) -> None:
    """Shape 2; before collection the hazard was 0.1, and 10 minutes have used up 1 of the 25."""
    usual = {"clock": 25.0, "before": 0.1, "after": 0.25, "shape": 2.0, "bridging": 1.0}
    found = leaves_after_collection(3, 13, **{**usual, **chance})
    assert found == (leaves if leaves == NEVER else 13 + leaves)


def test_the_next_dose_is_wanted_after_the_interval_and_not_before_the_end() -> None:
    assert wants_next_dose(10, 15, 20) == 30
    assert wants_next_dose(10, 15, 3) == 15


def test_a_shelf_life_without_end_stays_within_the_calendar() -> None:
    assert rules.expires(10, 5) == 15
    assert rules.expires(10, NEVER) == NEVER


@pytest.mark.parametrize(
    ("policy", "position", "lots"),
    [
        (UP_TO, 4, 0),
        (UP_TO, 3, 2),  # 7 are missing, in lots of 5
        (UP_TO, 0, 2),
        (UP_TO, -1, 3),
        (FIXED, 4, 0),
        (FIXED, 3, 2),  # 10 at a time, in lots of 5
        (FIXED, -6, 2),
        (FIXED, -7, 4),
    ],
)
def test_lots_begin_at_or_below_the_reorder_point(policy: int, position: int, lots: int) -> None:
    assert lots_to_begin(policy, position, reorder_point=3, level=10, planned=5) == lots


def test_after_an_order_the_position_needs_no_other() -> None:
    for policy in (UP_TO, FIXED):
        for position in range(-20, 5):
            for level in range(12):
                lots = lots_to_begin(policy, position, 3, level, 4)
                assert lots_to_begin(policy, position + 4 * lots, 3, level, 4) == 0


def test_a_quote_shares_those_ahead_among_the_places() -> None:
    assert [quoted_wait(ahead, 10, 4) for ahead in (0, 1, 2, 3, 8)] == [0, 2, 5, 7, 20]
    assert quoted_wait(1, 0, 0) == NEVER
    assert quoted_wait(0, 9, 0) == 0


def test_a_quote_from_stock_counts_lots_until_it_is_ones_turn() -> None:
    found = [quoted_wait_for_dose(waiting, 2, 10, 3) for waiting in range(8)]
    assert found == [0, 0, 10, 10, 10, 20, 20, 20]


def test_nothing_arrives_from_a_closed_supplier() -> None:
    assert [supply_arrives(5, lead, 10, 20) for lead in (4, 5, 14, 15)] == [9, 20, 20, 20]
