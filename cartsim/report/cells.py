"""The tables of a run as text cells, before anybody draws them: on a terminal or on a page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np

from cartsim.montecarlo.result import Result
from cartsim.report.wording import currency_name, share
from cartsim.units import Floats, calendar_of

Style = Literal["money", "count", "days", "share", "rate", "unit money"]


@dataclass(frozen=True)
class Cell:
    """A number, and below it its range or error; both may be empty."""

    main: str
    below: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a table; ``total`` lines are those that others add up to."""

    label: str
    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table: title, what its numbers are, one column per period or statistic."""

    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


STATEMENT: tuple[tuple[str, str, bool], ...] = (
    ("product_sales", "Product sales", False),
    ("licence_income", "Licence income", False),
    ("royalty_income", "Royalties, shares", False),
    ("service_income", "Services", False),
    ("revenue", "Revenue", True),
    ("cost_of_goods", "Cost of goods", False),
    ("gross_profit", "Gross profit", True),
    ("research", "Research", False),
    ("selling", "Selling", False),
    ("administration", "Administration", False),
    ("other_income", "Other income", False),
    ("impairment", "Impairment", False),
    ("operating_result", "Operating result", True),
    ("interest", "Interest", False),
    ("foreign_exchange", "Foreign exchange", False),
    ("tax", "Tax", False),
    ("net_result", "Net result", True),
    ("minority_interest", "of which minority", False),
    ("cash_from_operations", "Operating cash", False),
    ("cash_from_investing", "Investing cash", False),
    ("cash_from_financing", "Financing cash", False),
    ("closing_cash", "Closing cash", True),
)
"""Lines of the statement that are shown: measure, label, whether it is a total."""

BALANCE: tuple[tuple[str, str, bool], ...] = (
    ("closing_cash", "Cash", False),
    ("receivables", "Receivables", False),
    ("inventory", "Inventory", False),
    ("long_lived_assets", "Long-lived assets", False),
    ("payables", "Payables", False),
    ("deferred_income", "Deferred income", False),
    ("debt", "Debt", False),
    ("equity", "Equity", True),
)
"""Lines of the balance sheet that are shown: what is owned, then what is owed, then the rest."""

PATIENTS: tuple[tuple[str, str, Style], ...] = (
    ("orders", "Orders", "count"),
    ("apheresis", "Apheresis", "count"),
    ("lots_started", "Lots started", "count"),
    ("lots_failed", "Lots failed", "count"),
    ("doses_made", "Doses made", "count"),
    ("doses_expired", "Doses expired", "count"),
    ("deliveries", "Doses delivered", "count"),
    ("infusions", "Infusions", "count"),
    ("went_elsewhere", "Went elsewhere", "count"),
    ("lost_waiting", "Lost waiting", "count"),
    ("lost_manufacturing", "Lost, no dose made", "count"),
    ("vein_to_vein_days", "Vein to vein, d", "days"),
    ("order_to_infusion_days", "Order to infusion, d", "days"),
    ("cost_per_infused_dose", "Cost per dose infused, k", "unit money"),
)
MEANS = ("orders", "infusions", "revenue", "operating_result", "closing_cash")
"""Measures whose means are shown with their standard errors."""
WHOLE_RUN: tuple[tuple[str, str, Style], ...] = (
    ("npv", "Net present value", "money"),
    ("irr", "Internal rate of return", "rate"),
    ("payback_months", "Payback, months", "count"),
    ("minority_value", "Value of minority", "money"),
    ("peak_funding", "Peak funding need", "money"),
    ("runway_months", "Runway, months", "count"),
    ("out_of_cash", "P(cash runs out)", "share"),
)
PARTIES = {"contract_value": "Contracts,", "partner_value": "Left to"}
SOMETIMES = ("irr", "payback_months", "minority_value")
"""Left out where no replication has one."""
NOTHING = Cell("-")
ROUNDING = 1e-3
"""Amounts below this are what rounding has left of nothing."""


def sheets(result: Result) -> tuple[Sheet, ...]:
    """The tables of a run, in the order in which they are read."""
    return (
        statement(result),
        *balance(result),
        patients(result),
        whole_run(result),
        means(result),
    )


def statement(result: Result) -> Sheet:
    """Income statement and cash by year; lines that are always zero are left out."""
    years = result.periods("year")
    rows, money = _of_lines(result, STATEMENT, years)
    caption = (
        f"{money}; median, below it P5…P95. Costs are positive amounts.{_parts_of_years(result)}"
    )
    return Sheet("Statement by year", caption, years, rows)


def _of_lines(
    result: Result, lines: Sequence[tuple[str, str, bool]], years: tuple[str, ...]
) -> tuple[tuple[Row, ...], str]:
    """The lines that are not always zero, and what their amounts are in."""
    scale = Scale.of(result, [name for name, _, _ in lines], years)
    rows = tuple(
        Row(label, quantile_cells(result, name, years, "money", scale), total)
        for name, label, total in lines
        if not _always_zero(result, name, years)
    )
    currency = result.loaded.model.currency
    return rows, f"{scale.name} {currency_name(currency)} ({currency})"


def _parts_of_years(result: Result) -> str:
    """Of which years the run holds only a part."""
    run = result.loaded.model.run
    first, after = run.start, calendar_of(run.start, run.years).month_first[-1]
    found = []
    if (first.month, first.day) != (1, 1):
        found.append(f"{first.year} from {first:%B} on")
    if after.month != 1:
        found.append(f"{after.year} to the end of {after - timedelta(days=1):%B}")
    return f" The run holds {' and '.join(found)}." if found else ""


def balance(result: Result) -> tuple[Sheet, ...]:
    """The balance sheet at the end of each year, if it holds more than cash and equity."""
    years = result.periods("year")
    rows, money = _of_lines(result, BALANCE, years)
    if {row.label for row in rows} <= {"Cash", "Equity"}:
        return ()
    caption = (
        f"{money}, at the end of each year; median, below it P5…P95. Equity is what is owned less "
        "what is owed."
    )
    return (Sheet("Balance sheet", caption, years, rows),)


def patients(result: Result) -> Sheet:
    """Patients, lots and times by year, and how much of the resources was held."""
    years = result.periods("year")
    wanted: list[tuple[str, str, Style]] = list(PATIENTS)
    wanted += _of_stocks_and_resources(result.measures)
    rows = [
        Row(label, quantile_cells(result, name, years, style), name in {"orders", "infusions"})
        for name, label, style in wanted
        if not _always_zero(result, name, years)
    ]
    caption = (
        "Numbers in the year; d: days, mean over the patients infused in it; k: thousands of "
        f"{currency_name(result.loaded.model.currency)}; median over replications, below it P5…P95."
        f"{_parts_of_years(result)}"
    )
    return Sheet("Patients and lots by year", caption, years, tuple(rows))


def _of_stocks_and_resources(measures: Iterable[str]) -> list[tuple[str, str, Style]]:
    """Rows of each stock and each resource; what two of them would be called is told apart."""
    stocks = [name.partition("@")[2] for name in measures if name.startswith("fill_rate@")]
    found: list[tuple[str, str, Style]] = [
        (f"fill_rate@{stock}", "From stock at once" + (f", {stock}" if stocks[1:] else ""), "share")
        for stock in stocks
    ]
    resources = [
        name.partition(":")[2].partition(".")[::2]
        for name in measures
        if name.startswith("utilisation:")
    ]
    called = [resource for _, resource in resources]
    for plant, resource in resources:
        label = f"{resource.replace('_', ' ').capitalize()} in use"
        if called.count(resource) > 1:
            label += f", {plant.replace('_', ' ')}"
        found.append((f"utilisation:{plant}.{resource}", label, "share"))
    return found


def whole_run(result: Result) -> Sheet:
    """Value, funding and runway: one number per replication."""
    years = result.periods("year")
    contracts = [
        name
        for name in result.measures
        if name.startswith(("contract_value:", "partner_value:")) and not name.endswith(":payers")
    ]
    scale = Scale.of(result, ["npv", "peak_funding", *contracts], ("all",))
    header = ("P5", "median", "P95", "mean", "std. error")
    rows = []
    parties: list[tuple[str, str, Style]] = [
        (name, f"{PARTIES[name.partition(':')[0]]} {name.partition(':')[2]}", "money")
        for name in contracts
    ]
    for name, label, style in (*WHOLE_RUN, *parties):
        if name in SOMETIMES and _nothing(result, name):
            continue
        values = [result.statistic(name, "all", s) for s in ("p5", "p50", "p95", "mean", "se")]
        texts: list[str]
        if style == "share":
            texts = ["", "", "", share(values[3]), f"{values[4]:.1%}" if values[4] > 0 else "-"]
        elif style == "rate":
            texts = [f"{v:.1%}" if math.isfinite(v) else "-" for v in values]
        elif name == "runway_months":
            # Where cash lasts to the end of the run, the runway is at least as long as the run.
            longest = 12 * result.loaded.model.run.years
            texts = [f"{v:.0f}{'+' if v >= longest else ''}" for v in values[:3]]
            texts += [_number(values[3], UNSCALED, 1), _number(values[4], UNSCALED, 2)]
        else:
            own = UNSCALED if style == "count" else scale
            digits = 0 if style == "count" else _digits(values[:4], own)
            texts = [_number(v, own, digits) for v in values[:4]]
            texts.append(_number(values[4], own, digits + 1))
        rows.append(Row(label, tuple(Cell(text) for text in texts)))
        if name == "npv":
            shortfall = expected_shortfall(result.values("npv", "all"))
            worst = _number(shortfall, scale, _digits(values[:4], scale))
            rows.append(Row("Worst 5% of it", tuple(map(Cell, ("", "", "", worst, "")))))
    caption = (
        f"Money in {scale.name.lower()} {currency_name(result.loaded.model.currency)}; value at "
        f"the start, nominal, of the cash flows to the end of {years[-1]}; +: or longer, the run "
        f"ends there.{_of_those(result)}"
    )
    if contracts:
        caption += " Contracts: present value of a party's money under them, before its own costs."
    if any(name.startswith("partner_value:") for name in contracts):
        caption += " Left: the same less the lots that the party makes and its selling."
    return Sheet("Whole run", caption, header, tuple(rows))


def expected_shortfall(values: Floats, part: float = 0.05) -> float:
    """Mean of the worst values: of the lowest ``part`` of them, at least one."""
    number = max(int(np.ceil(part * values.size)), 1)
    return float(np.sort(values)[:number].mean())


def _nothing(result: Result, name: str) -> bool:
    """Whether a measure of the whole run is undefined or 0 in every replication."""
    values = result.values(name, "all")
    return not (np.isfinite(values) & (values != 0)).any()


def _of_those(result: Result) -> str:
    """How many replications have a rate of return, and a payback, where that is not all."""
    found = []
    for name, what in (("irr", "a rate of return"), ("payback_months", "a payback")):
        defined = float(np.isfinite(result.values(name, "all")).mean())
        if 0 < defined < 1:
            found.append(f"{what} in {share(defined)} of the replications")
    several = float((result.values("irr_roots", "all") > 1).mean())
    if several > 0:
        found.append(f"more than one rate of return in {share(several)}")
    return f" There is {', '.join(found)}." if found else ""


def means(result: Result) -> Sheet:
    """Means with their standard errors, so that nobody reads more digits than were computed."""
    years = result.periods("year")
    labels = {name: label for name, label, _ in (*STATEMENT, *PATIENTS)}
    money = [name for name in MEANS if result.column(name, years[0]).unit != "patients"]
    scale = Scale.of(result, money, years)
    rows = []
    for name in MEANS:
        own = scale if name in money else UNSCALED
        cells = []
        for year in years:
            mean, error = result.statistic(name, year), result.statistic(name, year, "se")
            digits = max(_digits([mean], own), 1)
            below = f"±{_number(error, own, digits)}" if math.isfinite(error) else ""
            cells.append(Cell(_number(mean, own, digits), below))
        rows.append(Row(labels[name], tuple(cells)))
    caption = (
        f"Money in {scale.name.lower()} {currency_name(result.loaded.model.currency)}; mean, below "
        f"it ± one standard error from {result.replications:,} replications."
    )
    return Sheet("Means and their standard errors", caption, years, tuple(rows))


def quantile_cells(
    result: Result, name: str, periods: tuple[str, ...], style: Style, scale: Scale | None = None
) -> tuple[Cell, ...]:
    """Median and P5 to P95 of a measure in each period, with as many digits as the row bears."""
    own = scale or UNSCALED
    if style == "unit money":
        own = THOUSANDS
    table = [
        [result.statistic(name, period, q) for q in ("p50", "p5", "p95")] for period in periods
    ]
    digits = 1 if style == "days" else _digits([row[0] for row in table], own)
    if style == "count":
        digits = 0
    cells = []
    for middle, low, high in table:
        if not math.isfinite(middle):
            cells.append(NOTHING)
            continue
        texts = [_text(v, style, own, digits) for v in (middle, low, high)]
        apart = low < high and texts[1] != texts[2]
        cells.append(Cell(texts[0], f"{texts[1]}…{texts[2]}" if apart else ""))
    return tuple(cells)


@dataclass(frozen=True)
class Scale:
    """What a table's amounts are divided by, and what that is called."""

    divisor: float
    name: str

    @classmethod
    def of(cls, result: Result, measures: list[str], periods: tuple[str, ...]) -> Scale:
        """The scale at which the largest amount of a table has at most six digits."""
        largest = max(
            (
                abs(result.statistic(name, period, q))
                for name in measures
                for period in periods
                for q in ("p5", "p95")
            ),
            default=0.0,
        )
        if not largest >= 1e6:
            return THOUSANDS
        return cls(1e9, "Billions of") if largest >= 1e12 else cls(1e6, "Millions of")


THOUSANDS, UNSCALED = Scale(1e3, "Thousands of"), Scale(1.0, "")


def _always_zero(result: Result, name: str, periods: tuple[str, ...]) -> bool:
    return all(
        abs(result.statistic(name, period, q)) < ROUNDING
        for period in periods
        for q in ("p5", "p95", "mean")
    )


def _digits(values: list[float], scale: Scale) -> int:
    sizes = [abs(v) / scale.divisor for v in values if math.isfinite(v)]
    return 1 if sizes and max(sizes) < 100 else 0


def _text(value: float, style: Style, scale: Scale, digits: int) -> str:
    if style == "share":
        return share(value)
    return _number(value, scale if style != "count" else UNSCALED, digits)


def _number(value: float, scale: Scale, digits: int) -> str:
    if not math.isfinite(value):
        return "-"
    text = f"{value / scale.divisor:,.{digits}f}"
    # A rounded -0.0 is written without its sign.
    return text.lstrip("-") if not text.strip("-0.,") else text


def widths(sheet: Sheet) -> Iterator[int]:
    """Characters that each column of a table needs."""
    for index, name in enumerate(sheet.header):
        texts = [t for row in sheet.rows for t in (row.cells[index].main, row.cells[index].below)]
        yield max(map(len, [name, *texts]))
