"""``cartsim price``: how patients and sales answer to the list price."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from cartsim.cli.options import scenario_options
from cartsim.cli.output import console, json_option, print_json
from cartsim.errors import UsageError


@click.command(
    epilog="\b\nExample:\n  cartsim price scenarios/carsgen_zevor_cel.yaml --lowest 200k "
    "--highest 2m"
)
@scenario_options
@click.option("--market", metavar="PRODUCT.MARKET", help="Which; the only one if not given.")
@click.option("--lowest", help="First price tried.  [default: a tenth of the scenario's]")
@click.option("--highest", help="Last price tried.  [default: twice the scenario's]")
@click.option(
    "--points",
    type=click.IntRange(3, 1_000),
    default=61,
    show_default=True,
    help="Prices tried, at equal ratios.",
)
@click.option("--period", help="Calendar year; the last one of the run if not given.")
@click.option("--replications", type=int, help="How many; the scenario's number if not given.")
@click.option("--seed", type=int, help="The scenario's seed if not given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/price"),
    show_default=True,
    help="Folder for the figure and the table.",
)
@json_option
def command(
    file: str,
    variant: str | None,
    overrides: dict[str, str],
    market: str | None,
    lowest: str | None,
    highest: str | None,
    points: int,
    period: str | None,
    replications: int | None,
    seed: int | None,
    out: Path,
    json_: bool,
) -> None:
    """Show how patients and sales of a market answer to its list price.

    Only the demand is computed, so capacity, waits and costs play no part: patients are those for
    whom a treatment would be ordered, sales are at list price less tax and deductions. All prices
    meet the same draws.
    """
    from cartsim.analysis.price import market_of, price_curve, price_grid
    from cartsim.cli.progress import RunProgress
    from cartsim.report.price import COLUMNS, headline, price_picture, table
    from cartsim.scenario.load import load

    loaded = load(file, variant, overrides)
    named = market_of(loaded.model, market)
    now = price_curve(loaded, named, [1.0], period=period, replications=64, seed=seed).now
    first = _price(lowest, "--lowest") if lowest else now / 10
    last = _price(highest, "--highest") if highest else now * 2
    if not 0 < first < last:
        raise UsageError("the lowest price must be above 0 and below the highest")
    total = (loaded.model.run.replications if replications is None else replications) * points
    with RunProgress(total, "prices of replications") as progress:
        curve = price_curve(
            loaded,
            named,
            price_grid(first, last, points),
            period=period,
            replications=replications,
            seed=seed,
            progress=progress,
        )
    rows = list(table(curve))
    out.mkdir(parents=True, exist_ok=True)
    with (out / "price.csv").open("w", newline="", encoding="utf-8") as file_:
        writer = csv.writer(file_)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    settings = loaded.model.run
    source = (
        f"{loaded.model.title}. {len(curve.orders):,} replications, seed "
        f"{settings.seed if seed is None else seed}, scenario {loaded.hash[:8]}."
    )
    price_picture(curve, source).savefig(out / "price.png", dpi=150)
    if json_:
        document = {
            "headline": headline(curve),
            "market": curve.market,
            "period": curve.period,
            "currency": curve.currency,
            "price_now": curve.now,
            "price_with_largest_sales": float(curve.prices[curve.best]),
            "elasticity_now": curve.elasticity(curve.now),
            "prices": [dict(zip(COLUMNS, row, strict=True)) for row in rows],
        }
        print_json(document)
        return
    screen = console()
    screen.print(headline(curve), markup=False)
    screen.print()
    screen.print(_table(curve.currency, rows))
    screen.print("Mean ± one standard error. Expected orders; capacity and waits play no part.")
    screen.print(f"Saved in {out}: price.png, price.csv", markup=False, soft_wrap=True)


def _price(text: str, option: str) -> float:
    from cartsim.scenario.numbers import parse_number

    try:
        return parse_number(text, "money")
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _table(currency: str, rows: list[tuple[float, ...]]) -> object:
    """A dozen of the prices; the file has them all."""
    from rich.table import Table

    from cartsim.report.wording import currency_name
    from cartsim.units import readable

    money = currency_name(currency)
    shown = Table(box=None)
    for head in (f"price, {money}", "patients a year", "P5 to P95", f"sales a year, {money}"):
        shown.add_column(head, justify="right")
    every = max(len(rows) // 12, 1)
    for row in rows[::every]:
        shown.add_row(
            readable(row[0]),
            f"{row[1]:,.0f} ±{row[2]:,.1f}",
            f"{row[3]:,.0f} to {row[4]:,.0f}",
            f"{readable(row[5])} ±{readable(row[6])}",
        )
    return shown
