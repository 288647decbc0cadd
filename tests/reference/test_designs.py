"""Designs make the mean of a company's value more precise, and say by how much themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma, kstest, spearmanr

from cartsim.economics import valuation
from cartsim.montecarlo.block import blocks, compute_facts
from cartsim.montecarlo.run import run
from cartsim.montecarlo.summary import statistics
from cartsim.sampling.design import design, dimensions
from cartsim.sampling.drawn import draw
from cartsim.sampling.sobol import scrambled
from cartsim.scenario.load import load_text
from cartsim.scenario.model import Scenario
from cartsim.units import Floats

SEEDS = range(8)
REPLICATIONS = 2048
FINANCE_ONLY = """
cartsim: 1
title: a company without products
run: {{start: 2024-01-01, years: 2, design: {design}}}
currency: CNY
company:
  opening_cash: {{lognormal: {{mean: 10, sd: 2}}}}
  research: {{pert: [1, 2, 4]}}
  selling: {{uniform: [1, 3]}}
  administration: {{gamma: {{mean: 3, sd: 1}}}}
  other_income: {{normal: {{mean: 0, sd: 1}}}}
  depreciation: {{exponential: {{mean: 2}}}}
  discount_rate: {{uniform: [6%, 14%]}}
  tax: {{rate: 25%}}
products: {{}}
"""


COUPLED = (
    FINANCE_ONLY
    + """
correlations:
  - {{between: [company.research, company.selling], rank: 0.7}}
  - {{between: [company.selling, company.administration], rank: -0.4}}
"""
)


def finance_only(name: str) -> Scenario:
    return load_text(FINANCE_ONLY.format(design=name)).model


def npv(scenario: Scenario, seed: int) -> Floats:
    parts = []
    for rows in blocks(REPLICATIONS):
        facts = compute_facts(scenario, seed, rows, "fast")
        parts.append(valuation.npv(scenario, facts.drawn, facts.statement))
    return np.concatenate(parts)


def error_and_told(name: str) -> tuple[float, float]:
    """The spread of the mean over seeds, and the standard error that a run tells of itself."""
    batches = design(name, ()).batches(range(REPLICATIONS))
    means, told = [], []
    for seed in SEEDS:
        _, (mean, se, *_) = statistics(npv(finance_only(name), seed)[None, :], batches)
        means.append(float(mean[0]))
        told.append(float(se[0]))
    return float(np.std(means, ddof=1)), float(np.sqrt(np.mean(np.square(told))))


def test_sobol_points_and_latin_hypercubes_are_worth_many_replications() -> None:
    by_chance, told = error_and_told("independent")
    # eight seeds know a spread to within a factor of two
    assert told / 2 < by_chance < 2 * told
    for name, times in (("latin_hypercube", 2), ("sobol", 10)):
        error, own = error_and_told(name)
        assert own / 2.5 < error < 2.5 * own, name
        assert own * times < told, name


@pytest.mark.parametrize("name", ["independent", "latin_hypercube", "sobol"])
def test_every_input_keeps_its_distribution(name: str) -> None:
    scenario = finance_only(name)
    drawn = draw(scenario, 5, range(REPLICATIONS))
    first = drawn.monthly(scenario.company.selling)[:, 0]
    assert kstest(first, "uniform", args=(1, 2)).pvalue > 1e-3
    other = drawn.monthly(scenario.company.other_income)[:, 0]
    assert kstest(other, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(first, other)[0, 1]) < 4 / np.sqrt(REPLICATIONS)


@pytest.mark.parametrize("name", ["independent", "latin_hypercube", "sobol"])
def test_correlation_keeps_distributions_and_is_what_was_asked(name: str) -> None:
    scenario = load_text(COUPLED.format(design=name)).model
    number = 16 * 1024
    drawn, company = draw(scenario, 3, range(number)), scenario.company
    found = [
        drawn.monthly(series)[:, 0]
        for series in (company.research, company.selling, company.administration)
    ]
    assert kstest(found[1], "uniform", args=(1, 2)).pvalue > 1e-3
    assert kstest(found[2], gamma(9, scale=1 / 3).cdf).pvalue > 1e-3
    tolerance = 4 / np.sqrt(number)
    asked = {(0, 1): 0.7, (1, 2): -0.4, (0, 2): 0.0}
    for (a, b), rank in asked.items():
        assert abs(spearmanr(found[a], found[b]).statistic - rank) < tolerance
    # no more alike from block to block than by chance; scramblings are so over seeds only, as two
    # of them are the same points with other digits
    for values in found if name != "sobol" else []:
        neighbours = np.corrcoef(values[:-128], values[128:])[0, 1]
        assert abs(neighbours) < tolerance


@pytest.mark.parametrize("name", ["independent", "latin_hypercube", "sobol"])
def test_any_cut_of_the_replications_gives_the_same_bits(name: str) -> None:
    placed = design(name, ["a", "b", "c"])
    whole = placed.uniforms(3, "b", range(5000))
    for cut in (range(0, 1), range(127, 129), range(300, 2500), range(4999, 5000)):
        assert np.array_equal(placed.uniforms(3, "b", cut), whole[cut.start : cut.stop])
    assert 0 < whole.min() < whole.max() < 1


def test_a_latin_hypercube_has_one_value_in_each_cell() -> None:
    found = design("latin_hypercube", ()).uniforms(8, "a.b", range(4 * 128)).reshape(4, 128)
    cells = np.sort((found * 128).astype(int), axis=1)
    assert (cells == np.arange(128)).all()


def test_scrambled_points_fill_every_box_of_equal_size() -> None:
    index = np.arange(256)
    first, second = (scrambled(1, f"p{d}#sobol0", d, index) for d in (0, 1))
    for rows in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        boxes = np.zeros((rows, 256 // rows), dtype=int)
        place = (first * rows).astype(int), (second * (256 // rows)).astype(int)
        np.add.at(boxes, place, 1)
        assert (boxes == 1).all()


def test_an_input_that_is_added_moves_few_others() -> None:
    paths = [f"company.costs.{i}" for i in range(40)]
    before, after = dimensions(paths), dimensions([*paths, "company.new"])
    assert len(set(after.values())) == 41
    assert sum(before[path] != after[path] for path in paths) <= 3


def test_a_company_without_products_has_a_run() -> None:
    found = run(load_text(FINANCE_ONLY.format(design="sobol")), 4, executor="serial")
    assert found.statistic("revenue", "2024") == 0
    assert found.statistic("operating_result", "2024") < 0
