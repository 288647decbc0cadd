"""Demand under common random numbers: what must never go the wrong way, whatever the market."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.demand.market_by_hand import World, world

shares = st.floats(0.0, 1.0).map(lambda share: round(share, 4))
amounts = st.integers(1_000, 3_000_000)
attractions = st.floats(0.0, 5.0).map(lambda weight: round(weight, 3))
days = st.dates(min_value=date(2023, 6, 1), max_value=date(2026, 6, 1))
sigmas = st.sampled_from(["0.01", "1.1", "{pert: [0.1, 1, 2]}"])
seeds = st.integers(0, 2**32)


@st.composite
def payers(draw: st.DrawFn) -> str:
    """Up to three segments that together cover at most everyone."""
    entries = []
    for index in range(draw(st.integers(1, 3))):
        entry = [f"share: {draw(shares) / 3:.4f}"]
        if draw(st.booleans()):
            entry.append(f"reimburses: {draw(shares)}")
            if draw(st.booleans()):
                entry.append(f"cap: {draw(amounts)}")
            if draw(st.booleans()):
                entry.append(f"from: {draw(days)}")
        entries.append(f"p{index}: {{{', '.join(entry)}}}")
    return f"{{{', '.join(entries)}}}"


@st.composite
def adoptions(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["constant", "linear", "logistic", "bass"]))
    months = st.integers(0, 30)
    peak = draw(shares)
    curve = {
        "constant": f"{peak}",
        "linear": f"{{months_to_peak: {draw(months)}, peak: {peak}}}",
        "logistic": f"{{midpoint_months: {draw(months)}, spread_months: {draw(months)},"
        f" peak: {peak}}}",
        "bass": f"{{p: {draw(shares)}, q: {draw(attractions)}, peak: {peak}}}",
    }[kind]
    centred = kind != "constant" and draw(st.booleans())
    return f"{{{kind}: {curve}{', per_centre: yes' if centred else ''}}}"


@st.composite
def markets(draw: st.DrawFn) -> dict[str, str]:
    """The keys of a market whose demand is modelled, without a pool and without budgets."""
    more: dict[str, str] = {}
    if draw(st.booleans()):
        plan = f"number: {draw(st.integers(2, 5))}, ability_of_later_years: {draw(shares)}"
        more["instalments"] = f"{{{plan}, financing_rate: 5%, offered_to: {draw(shares)}}}"
    if draw(st.booleans()):
        promise = f"refunds: {draw(shares)}, no_response: {draw(shares)}, counted: {draw(shares)}"
        more["outcome_guarantee"] = f"{{{promise}}}"
    if draw(st.booleans()):
        terms = f"price: {draw(amounts)}, share: {draw(shares)}, reimburses: {draw(shares)}"
        more["national_listing"] = f"{{from: {draw(days)}, probability: 60%, {terms}}}"
    if draw(st.booleans()):
        inland = f"share: 30%, centres: {draw(st.integers(0, 300))}, adoption: {draw(adoptions())}"
        more["regions"] = f"{{coast: {{share: 60%}}, inland: {{{inland}}}}}"
    if draw(st.booleans()):
        more["launch_delay_months"] = "{uniform: [0, 9]}"
        more["approval_probability"] = str(draw(shares))
    if draw(st.booleans()):
        more["certification"] = "{training_months: {uniform: [0, 6]}}"
    if draw(st.booleans()):
        more["choice"] = f"{{order_of_entry: {draw(shares)}}}"
    slips = draw(st.sampled_from(["", ", delay_months: {uniform: [0, 12]}, probability: 50%"]))
    return {
        "launch": str(draw(days)),
        "incidence_per_year": f"{{uniform: [{draw(st.integers(0, 500))}, 20_000]}}",
        "funnel": f"{{fit: {draw(shares)}}}",
        "centres": str(draw(st.integers(0, 300))),
        "coverage_scale": f"{{uniform: [1, {draw(st.integers(2, 300))}]}}",
        "payers": draw(payers()),
        "ability_to_pay": f"{{lognormal: {{median: {draw(amounts)}, sigma: {draw(sigmas)}}}}}",
        "adoption": draw(adoptions()),
        "competitors": f"{{old: {{from: {draw(days)}, attraction: {draw(attractions)}{slips}}}}}",
        **more,
        "price": f"{{list: {draw(amounts)}}}",
    }


def of(market: dict[str, str], seed: int) -> World:
    body = "\n".join(f"{key}: {value}" for key, value in market.items())
    return world(body, seed=seed, years=3, replications=12)


@settings(max_examples=40, deadline=None)
@given(markets(), amounts, seeds)
def test_a_higher_price_never_brings_orders(market: dict[str, str], rise: int, seed: int) -> None:
    price = int(market["price"].removeprefix("{list: ").removesuffix("}"))
    dearer = {**market, "price": f"{{list: {price + rise}}}"}
    assert (of(dearer, seed).demand.orders <= of(market, seed).demand.orders).all()


@settings(max_examples=40, deadline=None)
@given(markets(), st.integers(0, 300), seeds)
def test_more_centres_never_cost_orders(market: dict[str, str], more: int, seed: int) -> None:
    wider = {**market, "centres": str(int(market["centres"]) + more)}
    assert (of(wider, seed).demand.orders >= of(market, seed).demand.orders).all()


@settings(max_examples=40, deadline=None)
@given(markets(), days, attractions, seeds)
def test_one_more_competitor_never_brings_orders(
    market: dict[str, str], entry: date, attraction: float, seed: int
) -> None:
    # in an order of entry a weak rival may push stronger ones back by more than it takes itself
    market = {key: value for key, value in market.items() if key != "choice"}
    rival = f", new: {{from: {entry}, attraction: {attraction}}}}}"
    crowded = {**market, "competitors": market["competitors"].removesuffix("}") + rival}
    assert (of(crowded, seed).demand.orders <= of(market, seed).demand.orders).all()


@settings(max_examples=40, deadline=None)
@given(markets(), seeds)
def test_shares_are_shares_and_the_factors_make_the_expectation(
    market: dict[str, str], seed: int
) -> None:
    found = of(market, seed).demand
    product = np.ones_like(found.expected)
    for name, factor in found.factors.items():
        assert np.isfinite(factor).all()
        assert (factor >= 0).all()
        if name != "eligible":
            assert (factor <= 1 + 1e-12).all()
        product = product * factor
    np.testing.assert_allclose(found.expected, product, rtol=1e-12, atol=1e-300)


@settings(max_examples=40, deadline=None)
@given(
    markets(),
    st.integers(0, 3000),
    st.floats(0, 3).map(lambda rate: round(rate, 3)),
    st.floats(0, 9).map(lambda rate: round(rate, 3)),
    seeds,
)
def test_a_pool_is_conserved(
    market: dict[str, str], patients: int, leaving: float, seeking: float, seed: int
) -> None:
    pool = f"{{patients: {patients}, exit_per_year: {leaving}, seeking_per_year: {seeking}}}"
    found = of({**market, "incidence_per_year": "0", "prevalent_pool": pool}, seed).demand
    course = found.pool
    assert course is not None
    gone = course.ordered.sum(axis=1) + course.exits.sum(axis=1)
    np.testing.assert_allclose(gone + course.waiting[:, -1], patients, rtol=1e-9, atol=1e-9)
    assert (course.waiting >= 0).all()
    # without new patients every order is one of the pool's
    np.testing.assert_allclose(found.orders, course.ordered, atol=1e-9)
    assert (found.orders.sum(axis=1) <= patients).all()


@settings(max_examples=40, deadline=None)
@given(markets(), seeds, st.integers(0, 11), st.integers(1, 12))
def test_any_block_of_replications_is_a_part_of_the_whole(
    market: dict[str, str], seed: int, first: int, count: int
) -> None:
    whole = of(market, seed)
    rows = range(first, min(first + count, 12))
    body = "\n".join(f"{key}: {value}" for key, value in market.items())
    part = world(body, seed=seed, years=3, replications=rows)
    selected = slice(rows.start, rows.stop)
    np.testing.assert_array_equal(part.demand.orders, whole.demand.orders[selected])
    np.testing.assert_array_equal(part.demand.expected, whole.demand.expected[selected])
    bounds = whole.arrivals.first
    np.testing.assert_array_equal(
        part.arrivals.order, whole.arrivals.order[bounds[rows.start] : bounds[rows.stop]]
    )
    assert (np.diff(whole.arrivals.first) == whole.demand.orders.sum(axis=1)).all()
    month = whole.drawn.calendar.month_of_minute(whole.arrivals.order)
    assert month.size == 0 or (month.min() >= 0 and month.max() < 36)
