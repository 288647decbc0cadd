"""A scenario's numbers as arrays: scopes, nesting, truncation, drivers, and who moves with whom."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from unit.sampling.scenarios import company

from cartsim.errors import RunError
from cartsim.sampling import Drawn, draw, uniforms
from cartsim.scenario.parameters import uncertain
from cartsim.scenario.values import (
    Distribution,
    DriverReference,
    Flat,
    Quantity,
    Scope,
    Series,
)
from cartsim.units import Floats

COUNT = 20_000
COUPLED = """
drivers: {cycle: {gamma: {mean: 3, sd: 1}}, market: {normal: {mean: 9, sd: 1}}}
correlations:
  - {between: [company.opening_cash, company.research], rank: 0.7}
  - {between: [company.selling, company.research], rank: -0.4}
"""


def quantity(
    kind: str,
    scope: Scope = "replication",
    path: str = "x",
    loadings: dict[str, float] | None = None,
    low: float | None = None,
    high: float | None = None,
    **parameters: float | Quantity,
) -> Quantity:
    """A distribution built by hand; parameters that are numbers become constant quantities."""
    inner = {
        name: value if isinstance(value, Quantity) else Quantity(f"{path}.{kind}.{name}", value)
        for name, value in parameters.items()
    }
    bounds = [None if b is None else Quantity(f"{path}.truncate", b) for b in (low, high)]
    distribution = Distribution(kind, inner, (), bounds[0], bounds[1], loadings or {})
    return Quantity(path, distribution, scope=scope)


def every_value(drawn: Drawn) -> dict[str, Floats]:
    return {q.path: drawn.value(q) for q in uncertain(drawn.scenario)}


def ranks(a: Floats, b: Floats) -> float:
    return float(stats.spearmanr(a, b).statistic)


def test_constants_and_their_shapes() -> None:
    drawn = draw(company(), 1, range(3))
    constant = Quantity("x", 0.1)
    np.testing.assert_array_equal(drawn.value(constant), [0.1] * 3)
    np.testing.assert_array_equal(drawn.by_index(constant, 2), np.full((3, 2), 0.1))
    np.testing.assert_array_equal(drawn.monthly(Series("x", Flat(constant))), np.full((3, 24), 0.1))


@pytest.mark.parametrize("scope", ["replication", "lot"])
def test_shared_arrays_are_read_only(scope: Scope) -> None:
    drawn = draw(company(), 1, range(3))
    uncertain_one = quantity("normal", scope, mean=1.0, sd=1.0)
    arrays = [drawn.by_index(uncertain_one, 2)]
    if scope == "replication":
        arrays += [drawn.value(uncertain_one), drawn.monthly(Series("x", Flat(uncertain_one)))]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


def test_a_replication_value_is_one_number_however_asked() -> None:
    drawn = draw(company(), 1, range(5))
    uncertain_one = quantity("normal", mean=1.0, sd=1.0)
    value = drawn.value(uncertain_one)
    assert np.unique(value).size == 5
    for attempt in (1, 2):
        expected = np.tile(value[:, None], 3)
        np.testing.assert_array_equal(drawn.by_index(uncertain_one, 3, attempt), expected)


def test_what_varies_has_no_single_value() -> None:
    drawn = draw(company(), 1, range(5))
    with pytest.raises(ValueError, match="x varies per lot: it has no value of its own"):
        drawn.value(quantity("normal", "lot", mean=1.0, sd=1.0))


def test_the_sum_of_what_varies_spreads_less_than_n_times_one_draw() -> None:
    """The two scopes of chance: n lots' own durations add their variances, one unknown does not."""
    drawn = draw(company(), 1, range(4000))
    varies = quantity("normal", "lot", mean=10.0, sd=2.0)
    unknown = quantity("normal", "replication", mean=10.0, sd=2.0)
    assert drawn.by_index(varies, 25).sum(axis=1).std() == pytest.approx(2 * 5, rel=0.05)
    assert drawn.by_index(unknown, 25).sum(axis=1).std() == pytest.approx(2 * 25, rel=0.05)


def test_uncertain_mean_of_varying_lots() -> None:
    """{lognormal: {mean: {uniform: [9, 11]}, sd: 2}, per: lot}: one mean for all lots of a run."""
    drawn = draw(company(), 1, range(300))
    mean = quantity("uniform", path="x.lognormal.mean", low=None, high=None)
    mean = replace(
        mean,
        value=Distribution("uniform", {"low": Quantity("l", 9.0), "high": Quantity("h", 11.0)}),
    )
    lots = drawn.by_index(quantity("lognormal", "lot", mean=mean, sd=2.0), 4000)
    u = uniforms(1, "x.lognormal.mean", range(300))
    np.testing.assert_array_equal(drawn.value(mean), 9.0 + 2.0 * u)
    np.testing.assert_allclose(lots.mean(axis=1), drawn.value(mean), atol=5 * 2 / np.sqrt(4000))
    np.testing.assert_allclose(lots.std(axis=1), 2.0, atol=0.25)


def test_attempts_have_streams_of_their_own() -> None:
    drawn = draw(company(), 1, range(2000))
    lot = quantity("normal", "lot", mean=0.0, sd=1.0)
    first, second = drawn.by_index(lot, 4), drawn.by_index(lot, 4, attempt=2)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.05
    np.testing.assert_array_equal(
        second, stats.norm.ppf(uniforms(1, "x#2", range(2000), 4)), strict=True
    )
    with pytest.raises(ValueError, match="attempts count from 1: 0"):
        drawn.by_index(lot, 4, attempt=0)


def test_more_lots_do_not_change_the_first_ones() -> None:
    drawn = draw(company(), 1, range(50))
    lot = quantity("pert", "lot", low=None, high=None)
    parameters = {
        name: Quantity(name, v) for name, v in (("low", 8.0), ("mode", 9.0), ("high", 14.0))
    }
    lot = replace(lot, value=Distribution("pert", parameters))
    np.testing.assert_array_equal(drawn.by_index(lot, 200)[:, :70], drawn.by_index(lot, 70))


@pytest.mark.parametrize("scope", ["replication", "lot"])
def test_some_lots_alone_have_the_values_they_have_among_all(scope: Scope) -> None:
    drawn = draw(company(), 1, range(3))
    row, index = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 5, 99, 99, 7, 3])
    lot = quantity("gamma", scope, mean=9.0, sd=2.0)
    for attempt in (1, 2):
        whole = drawn.by_index(lot, 100, attempt)
        found = drawn.at_places(lot, row, index, attempt)
        np.testing.assert_array_equal(found, whole[row, index])


def test_truncation_holds_and_renormalises() -> None:
    drawn = draw(company(), 1, range(COUNT))
    value = drawn.value(quantity("normal", mean=0.0, sd=1.0, low=1.0, high=2.5))
    assert value.min() >= 1.0
    assert value.max() <= 2.5
    assert stats.kstest(value, stats.truncnorm(1.0, 2.5).cdf).pvalue > 1e-3


def test_uncertain_truncation_bound() -> None:
    drawn = draw(company(), 1, range(2000))
    bound = quantity("normal", path="x.truncate.low", mean=1.0, sd=0.3)
    base = quantity("normal", mean=0.0, sd=1.0)
    assert isinstance(base.value, Distribution)
    value = drawn.value(replace(base, value=replace(base.value, low=bound)))
    assert np.all(value >= drawn.value(bound))
    assert (value - drawn.value(bound)).min() < 0.01


def test_points() -> None:
    drawn = draw(company(), 1, range(COUNT))
    table = Quantity("x", Distribution("choice", {}, ((1.0, 0.2), (5.0, 0.8))))
    values, counts = np.unique(drawn.value(table), return_counts=True)
    np.testing.assert_array_equal(values, [1.0, 5.0])
    np.testing.assert_allclose(counts / COUNT, [0.2, 0.8], atol=0.015)


def test_the_fields_bounds_are_the_last_word() -> None:
    drawn = draw(company(), 1, range(COUNT))
    bounded = replace(quantity("normal", mean=0.5, sd=0.5), low=0.0, high=1.0)
    value = drawn.value(bounded)
    assert (value.min(), value.max()) == (0.0, 1.0)


def test_an_impossible_replication_is_named() -> None:
    drawn = draw(company(), 1, range(100))
    spread = quantity("normal", path="x.normal.sd", mean=1.0, sd=1.0)
    with pytest.raises(RunError, match=r"^x: normal: sd is -\d\.\d+; it must be 0 or more"):
        drawn.value(quantity("normal", mean=0.0, sd=spread))
    with pytest.raises(RunError, match="x: lognormal has no finite value in replication"):
        drawn.value(quantity("lognormal", median=1.0, sigma=1e4))
    with pytest.raises(RunError, match="x: normal has no finite value in replication 0"):
        drawn.value(quantity("normal", mean=0.0, sd=1.0, low=90.0, high=91.0))


def test_a_driver_reference_is_the_drivers_value() -> None:
    scenario = company(COUPLED, other_income="{driver: cycle}", depreciation="{driver: cycle}")
    drawn = draw(scenario, 1, range(100))
    cycle = drawn.value(scenario.drivers["cycle"])
    for series in (scenario.company.other_income, scenario.company.depreciation):
        np.testing.assert_array_equal(drawn.monthly(series)[:, 5], cycle)
    bounded = Quantity("x", DriverReference("cycle"), high=3.0)
    np.testing.assert_array_equal(drawn.value(bounded), np.minimum(cycle, 3.0))


def test_achieved_rank_correlations() -> None:
    values = every_value(draw(company(COUPLED), 1, range(COUNT)))
    cash, research, selling = (
        values[f"company.{n}"] for n in ("opening_cash", "research", "selling")
    )
    assert ranks(cash, research) == pytest.approx(0.7, abs=0.02)
    assert ranks(selling, research) == pytest.approx(-0.4, abs=0.02)
    assert ranks(selling, cash) == pytest.approx(0.0, abs=0.03)
    assert ranks(values["company.administration"], research) == pytest.approx(0.0, abs=0.03)


def test_correlation_leaves_each_distribution_as_it_was() -> None:
    values = every_value(draw(company(COUPLED), 1, range(COUNT)))
    assert stats.kstest(values["company.selling"], stats.uniform(1, 2).cdf).pvalue > 1e-3
    oracle = stats.beta(1 + 4 / 3, 1 + 8 / 3, 1, 3)
    assert stats.kstest(values["company.research"], oracle.cdf).pvalue > 1e-3


@pytest.mark.parametrize("rank", [1, -1])
def test_perfect_correlation_is_exact(rank: int) -> None:
    more = f"correlations: [{{between: [company.selling, company.depreciation], rank: {rank}}}]"
    values = every_value(draw(company(more), 1, range(5000)))
    first, second = values["company.selling"], values["company.depreciation"]
    np.testing.assert_array_equal(np.argsort(first)[::rank], np.argsort(second))


def test_who_is_not_coupled_keeps_every_bit() -> None:
    plain = every_value(draw(company(), 1, range(500)))
    coupled = every_value(draw(company(COUPLED), 1, range(500)))
    moved = {path for path, value in plain.items() if np.any(value != coupled[path])}
    # the first of the group, in the order of paths, keeps its stream as it is
    assert moved == {"company.research", "company.selling"}


def test_a_new_uncertain_input_or_another_order_changes_no_other() -> None:
    plain = every_value(draw(company(), 1, range(500)))
    more = every_value(draw(company("drivers: {new: {uniform: [0, 1]}}"), 1, range(500)))
    turned = company(reverse=True)
    other = every_value(draw(turned, 1, range(500)))
    assert set(more) - set(plain) == {"drivers.new"}
    assert set(other) == set(plain)
    for path, value in plain.items():
        np.testing.assert_array_equal(value, more[path])
        np.testing.assert_array_equal(value, other[path])


LOADED = """
drivers: {cycle: {gamma: {mean: 3, sd: 1}}, market: {normal: {mean: 9, sd: 1}}}
"""


def test_drivers_make_the_correlations_that_loadings_imply() -> None:
    scenario = company(
        LOADED,
        selling="{uniform: [1, 3], loadings: {cycle: 0.6}}",
        administration="{gamma: {mean: 3, sd: 1}, loadings: {cycle: 0.5, market: -0.7}}",
    )
    values = every_value(draw(scenario, 1, range(COUNT)))
    cycle, market = values["drivers.cycle"], values["drivers.market"]
    selling, administration = values["company.selling"], values["company.administration"]

    def rank(correlation: float) -> float:
        return float(6 / np.pi * np.arcsin(correlation / 2))

    assert ranks(selling, cycle) == pytest.approx(rank(0.6), abs=0.02)
    assert ranks(selling, market) == pytest.approx(0, abs=0.03)
    assert ranks(administration, market) == pytest.approx(rank(-0.7), abs=0.02)
    assert ranks(selling, administration) == pytest.approx(rank(0.6 * 0.5), abs=0.02)
    assert stats.kstest(selling, stats.uniform(1, 2).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(
        cycle, every_value(draw(company(LOADED), 1, range(COUNT)))["drivers.cycle"]
    )


def test_correlation_couples_the_own_parts_of_loaded_inputs() -> None:
    more = (
        f"{LOADED}correlations: [{{between: [company.selling, company.administration], rank: 0.5}}]"
    )
    scenario = company(
        more,
        selling="{uniform: [1, 3], loadings: {cycle: 0.6}}",
        administration="{gamma: {mean: 3, sd: 1}, loadings: {cycle: 0.6}}",
    )
    values = every_value(draw(scenario, 1, range(COUNT)))
    own = 2 * np.sin(np.pi / 6 * 0.5)
    expected = 6 / np.pi * np.arcsin((0.36 + 0.64 * own) / 2)
    found = ranks(values["company.selling"], values["company.administration"])
    assert found == pytest.approx(expected, abs=0.02)


def test_full_loading_is_the_driver_in_other_units() -> None:
    scenario = company(LOADED, selling="{uniform: [1, 3], loadings: {cycle: 1}}")
    values = every_value(draw(scenario, 1, range(1000)))
    expected = 1 + 2 * uniforms(1, "drivers.cycle", range(1000))
    np.testing.assert_array_equal(values["company.selling"], expected)


def test_lots_share_a_driver_within_a_replication() -> None:
    scenario = company(LOADED)
    drawn = draw(scenario, 1, range(4000))
    lots = drawn.by_index(quantity("normal", "lot", loadings={"cycle": 0.6}, mean=0, sd=1), 12)
    assert lots.std() == pytest.approx(1.0, abs=0.02)
    assert stats.kstest(lots[:, 3], "norm").pvalue > 1e-3
    # two lots of one replication have 0.6 x 0.6 in common, and nothing with the next replication
    assert np.corrcoef(lots[:, 0], lots[:, 7])[0, 1] == pytest.approx(0.36, abs=0.05)
    assert np.corrcoef(lots[1:, 0], lots[:-1, 7])[0, 1] == pytest.approx(0.0, abs=0.06)
    assert ranks(lots.mean(axis=1), drawn.value(scenario.drivers["cycle"])) > 0.85
    np.testing.assert_array_equal(
        drawn.by_index(quantity("normal", "lot", loadings={"cycle": 1.0}, mean=0, sd=1), 5)[:, 4],
        drawn.by_index(quantity("normal", "lot", loadings={"cycle": 1.0}, mean=0, sd=1), 5)[:, 0],
    )


EVERYTHING = company(
    LOADED
    + """
correlations:
  - {between: [company.opening_cash, company.research.ramp.start], rank: 0.7}
  - {between: [company.depreciation, company.research.ramp.start], rank: -0.4}
""",
    opening_cash="{lognormal: {mean: {uniform: [9, 11]}, sd: 2}}",
    selling="{2024: {weibull: {shape: 1.3, scale: 4}}, 2025: {p10: 1, p50: 2, p90: 7}}",
    administration=(
        "{start: {gamma: {mean: 3, sd: 1}, loadings: {cycle: 0.5}},"
        " growth: {normal: {mean: 3%, sd: 1%}}}"
    ),
    research=(
        "{ramp: {from: 2024-03-01, to: 2025-07-01,"
        " start: {pert: [1, 2, 4]}, end: 9, shape: logistic}}"
    ),
    other_income=(
        "{steps: [{from: 2024-01-01, value: {beta: {mean: 0.2, sd: 0.1}}},"
        " {from: 2024-08-20, value: {poisson: 30}}]}"
    ),
)


@pytest.mark.parametrize("cut", [1, 3, 64])
def test_a_replication_does_not_depend_on_its_company(cut: int) -> None:
    """Every value of every kind has the same bits alone, in chunks and in the whole block."""
    count = 130
    lots = [
        quantity("gamma", "lot", mean=9.0, sd=2.0),
        quantity("weibull", "patient", path="y", shape=1.2, scale=60.0),
        quantity("lognormal", "lot", loadings={"cycle": 0.4}, path="z", mean=9.0, sd=2.0),
    ]
    c = EVERYTHING.company
    series = [c.selling, c.administration, c.research, c.other_income, c.depreciation]

    def everything(drawn: Drawn) -> list[Floats]:
        values = [value for _, value in sorted(every_value(drawn).items())]
        rows = [drawn.by_index(lot, 37) for lot in lots]
        return values + [drawn.monthly(item) for item in series] + rows

    whole = everything(draw(EVERYTHING, 3, range(count)))
    chunks = [
        everything(draw(EVERYTHING, 3, range(first, min(first + cut, count))))
        for first in range(0, count, cut)
    ]
    for index, array in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate([chunk[index] for chunk in chunks]), array)


def test_the_order_of_asking_does_not_matter() -> None:
    forward = draw(EVERYTHING, 3, range(20))
    backward = draw(EVERYTHING, 3, range(20))
    asked = uncertain(EVERYTHING)
    first = {q.path: forward.value(q) for q in asked}
    second = {q.path: backward.value(q) for q in reversed(asked)}
    for path, value in first.items():
        np.testing.assert_array_equal(value, second[path])


def test_threads_may_share_one_instance() -> None:
    drawn = draw(EVERYTHING, 3, range(2000))
    asked = [q for q in uncertain(EVERYTHING) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(drawn.value, asked))
    alone = draw(EVERYTHING, 3, range(2000))
    for quantity_, value in zip(asked, found, strict=True):
        np.testing.assert_array_equal(value, alone.value(quantity_))


def test_a_path_taken_by_another_quantity_is_not_confused() -> None:
    drawn = draw(company(), 1, range(3))
    np.testing.assert_array_equal(drawn.value(Quantity("x", 1.0)), np.ones(3))
    np.testing.assert_array_equal(drawn.value(Quantity("x", 2.0)), np.full(3, 2.0))


def test_plain_uniforms() -> None:
    drawn = draw(company(), 8, range(5, 9))
    np.testing.assert_array_equal(drawn.uniform("a#b"), uniforms(8, "a#b", range(5, 9)))
    np.testing.assert_array_equal(drawn.uniform("a#b", 3), uniforms(8, "a#b", range(5, 9), 3))


def test_repairs_are_told() -> None:
    more = """
correlations:
  - {between: [company.opening_cash, company.research], rank: 0.9}
  - {between: [company.selling, company.research], rank: 0.9}
"""
    assert draw(company(), 1, range(1)).notices == ()
    (notice,) = draw(company(more), 1, range(1)).notices
    assert "company.opening_cash ~ company.selling 0 (not given) -> 0." in notice
