"""What an analysis found, ready to be shown: a headline, a table, a picture, and the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from cartsim.analysis.inputs import Input
from cartsim.analysis.statistic import Event, Statistic
from cartsim.measures import Column
from cartsim.report.wording import currency_name, share
from cartsim.units import readable

if TYPE_CHECKING:
    import pandas as pd

    from cartsim.report.style import Picture

ASSUMED = "*"
"""Behind an input for which nobody vouches."""
ASSUMED_NOTE = f"{ASSUMED} an assumption without a source"
ABBREVIATIONS = {"npv": "NPV", "irr": "IRR"}
SHARES = {"share", "rate/year", "rate/month"}


@dataclass(frozen=True)
class Told:
    """One analysis in words, as a table and as a picture.

    ``rows`` hold texts under ``header``; ``numbers`` the same, and more, as numbers, one dictionary
    a row; ``facts`` what holds for all of them. ``found`` is the analysis itself.
    """

    headline: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    numbers: tuple[Mapping[str, Any], ...] = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)
    found: Any = field(repr=False)
    draw: Callable[[], Picture] = field(repr=False)

    def __str__(self) -> str:
        table = [self.header, *self.rows]
        widths = [max(len(row[i]) for row in table) for i in range(len(self.header))]
        lines = [
            "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in table
        ]
        return "\n".join([self.headline, "", self.title, *lines, *self.notes])

    def plot(self) -> Picture:
        """The picture."""
        return self.draw()

    def frame(self) -> pd.DataFrame:
        """The numbers as a pandas frame, one row for each of the table's."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.numbers])

    def document(self) -> dict[str, Any]:
        """Everything as one JSON document."""
        return {
            "headline": self.headline,
            **{name: plain(value) for name, value in self.facts.items()},
            "rows": [{name: plain(value) for name, value in row.items()} for row in self.numbers],
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        right = 'style="text-align:right;padding:2px 8px;white-space:nowrap"'
        left = 'style="text-align:left;padding:2px 8px;white-space:nowrap"'
        head = "".join(
            f"<th {right if i else left}>{escape(name)}</th>" for i, name in enumerate(self.header)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f"<td {right if i else left}>{escape(cell)}</td>" for i, cell in enumerate(row)
            )
            + "</tr>"
            for row in self.rows
        )
        notes = "<br>".join(map(escape, self.notes))
        return (
            f"<p>{escape(self.headline)}</p><table><caption style='text-align:left'><b>"
            f"{escape(self.title)}</b></caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
            f"</table><p><small>{notes}</small></p>"
        )


def plain(value: Any) -> Any:
    """A value as JSON knows it; undefined and infinite numbers become ``None``."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def is_money(unit: str) -> bool:
    """Whether a measure's unit is an amount of a currency (``CNY``, ``CNY/patient``)."""
    currency = unit.partition("/")[0]
    return len(currency) == 3 and currency.isupper()


def unit_name(unit: str) -> str:
    """A measure's unit in words: ``yuan``, ``yuan a patient``, ``days``."""
    currency, slash, each = unit.partition("/")
    if is_money(unit):
        return currency_name(currency) + (f" a {each}" if slash else "")
    return unit


def amount(value: float, unit: str) -> str:
    """A number in its unit, without naming it: ``81%``, ``-1.20bn``, ``34.2``."""
    if not math.isfinite(value):
        return "-"
    if unit in SHARES:
        return share(value) if abs(value) >= 0.1 or unit == "share" else f"{value:.1%}"
    return readable(value)


def plus_minus(value: float, se: float, unit: str) -> str:
    """A number and its standard error in one scale: ``3.02m ± 0.92m``."""
    if not math.isfinite(value):
        return "-"
    if not math.isfinite(se):
        return amount(value, unit)
    if unit in SHARES:
        return f"{value * 100:.1f}% ± {se * 100:.1f}%"
    for scale, name in ((1e9, "bn"), (1e6, "m")):
        if max(abs(value), se) >= scale:
            # two digits of the error, or three of the number where it has none
            kept, size = (1, se) if se > 0 else (2, max(abs(value), 1.0))
            digits = max(0, kept - math.floor(math.log10(size / scale)))
            if digits > 4:  # an error too small for the number's scale keeps its own
                return f"{readable(value)} ± {readable(se)}"
            return f"{value / scale:,.{digits}f}{name} ± {se / scale:,.{digits}f}{name}"
    return f"{readable(value)} ± {readable(se)}"


def changed(value: float, se: float, unit: str) -> str:
    """A change with its sign and its standard error."""
    text = plus_minus(value, se, unit)
    return f"+{text}" if value > 0 else text


def signed(value: float, unit: str) -> str:
    """A change with its sign: ``+12.0m``."""
    if not math.isfinite(value):
        return "-"
    text = f"{value * 100:.2g} points" if unit in SHARES else readable(value)
    return f"+{text}" if value > 0 else text


def own_unit(found: Input) -> str:
    """The unit of an input in words; shares and rates are shown as percentages."""
    if found.unit == "share":
        return "%"
    if found.unit in SHARES:
        return f"% a {found.unit.partition('/')[2]}"
    unit = found.unit.replace("money", found.money)
    name, slash, each = unit_name(unit).partition("/")
    return f"{name} a {each}" if slash else name


def own_amount(found: Input, value: float) -> str:
    """A value of an input with its unit: ``469m yuan a year``, ``31%``."""
    text, unit = amount(value, found.unit), own_unit(found)
    return text if unit.startswith("%") else f"{text} {unit}"


def in_sentence(name: str) -> str:
    """A scenario's name within a sentence."""
    if name.startswith("as written"):
        return f"the scenario {name}"
    return plainly(name)


def sentence(text: str) -> str:
    """A text that begins as a sentence does."""
    return text[:1].upper() + text[1:]


def plainly(name: str) -> str:
    """A name of a scenario without underscores."""
    return name.replace("_", " ")


def in_words(statistic: Statistic, column: Column) -> str:
    """A statistic in words: ``the mean of revenue in 2026``."""
    what = in_period(column)
    if statistic.event is not None:
        return f"the probability that {event_in_words(statistic.event, column)}"
    kind = {"mean": "the mean", "p50": "the median"}.get(statistic.kind, statistic.kind.upper())
    return f"{kind} of {what}"


def event_in_words(event: Event, column: Column) -> str:
    """An event in words: ``closing cash in 2026 is below 500m yuan``."""
    above = "above" if event.sign == ">" else "below"
    at = amount(event.value, column.unit) if event.value else "0"
    name = "" if column.unit in SHARES or not event.value else f" {unit_name(column.unit)}"
    return f"{in_period(column)} is {above} {at}{name}"


def in_period(column: Column) -> str:
    """``npv over the whole run``, ``revenue in 2026``."""
    bare = column.name.replace("_days", "") if column.unit == "days" else column.name
    name = ABBREVIATIONS.get(bare, bare.replace("_", " "))
    return f"{name} over the whole run" if column.period == "all" else f"{name} in {column.period}"


def said(found: Input) -> str:
    """An input as tables and pictures name it."""
    return found.label + ("" if found.sourced else f" {ASSUMED}")


def assumed_note(found: Sequence[Input]) -> tuple[str, ...]:
    """What the mark means, where it stands."""
    return () if all(each.sourced for each in found) else (ASSUMED_NOTE,)


def source_of(title: str, replications: int, seed: int, how: str = "", assumed: bool = True) -> str:
    """The line below a picture: how to get it again."""
    marked = " Inputs marked * are assumptions without a source." if assumed else ""
    return f"{title}. {how}{replications:,} replications, seed {seed}.{marked}"
