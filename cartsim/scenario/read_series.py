"""Numbers that vary in time: by calendar year, in steps, along a ramp, or growing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from cartsim.scenario.dates import YEAR, read_date
from cartsim.scenario.part import nearest
from cartsim.scenario.tree import Map, Node, Scalar, Sequence
from cartsim.scenario.values import (
    ByYear,
    Flat,
    Form,
    Growth,
    Quantity,
    Ramp,
    Series,
    Steps,
)

if TYPE_CHECKING:
    from cartsim.scenario.read_quantity import QuantityReader

RAMP_KEYS = ("from", "to", "start", "end", "shape")


def read_series(reader: QuantityReader, node: Node, path: str) -> Series:
    """The series that a node describes; what cannot be read is reported and flat."""
    annotated = reader.annotation(node, path)
    inner = annotated.node
    form: Form | None = None
    flat = not isinstance(inner, Map)
    if isinstance(inner, Map):
        years = [key for key in inner if YEAR.fullmatch(key)]
        if years:
            form = _by_year(reader, inner, path)
        elif "steps" in inner:
            form = _steps(reader, inner, path)
        elif "ramp" in inner:
            form = _ramp(reader, inner, path)
        elif "start" in inner or "growth" in inner:
            form = _growth(reader, inner, path)
        else:
            flat = True
    if flat:
        form = Flat(reader.quantity(node, path))
    if form is None:
        form = Flat(Quantity(path, 0.0, reader.unit))
    series = Series(path, form, reader.unit, annotated.source, annotated.note, inner.position)
    return series if flat else _vouched(series)


def _vouched(series: Series) -> Series:
    """Entries without a source or note of their own have those of their series."""
    if not series.source and not series.note:
        return series

    def vouched(quantity: Quantity) -> Quantity:
        if quantity.source or quantity.note:
            return quantity
        return replace(quantity, source=series.source, note=series.note)

    form = series.form
    if isinstance(form, ByYear):
        form = ByYear(tuple((year, vouched(value)) for year, value in form.years))
    elif isinstance(form, Steps):
        form = Steps(tuple((day, vouched(value)) for day, value in form.steps))
    elif isinstance(form, Ramp):
        form = replace(form, start=vouched(form.start), end=vouched(form.end))
    elif isinstance(form, Growth):
        form = replace(form, start=vouched(form.start))
    return replace(series, form=form)


def _by_year(reader: QuantityReader, node: Map, path: str) -> ByYear | None:
    entries: list[tuple[int, Quantity]] = []
    for key, item in node.items():
        if not YEAR.fullmatch(key):
            message = f"{str(key)!r} is not a calendar year such as 2024"
            reader.problem(message, path, node.key_position(key))
            continue
        year = int(key)
        if entries and year <= entries[-1][0]:
            message = f"years are not in order: {year} after {entries[-1][0]}"
            reader.problem(message, path, node.key_position(key))
        entries.append((year, reader.quantity(item, f"{path}.{key}")))
    return ByYear(tuple(entries)) if entries else None


def _steps(reader: QuantityReader, node: Map, path: str) -> Steps | None:
    _only(reader, node, ("steps",), path)
    written = node["steps"]
    where = f"{path}.steps"
    if not isinstance(written, Sequence) or not written:
        reader.problem("steps are written [{from: date, value: x}, ...]", where, written.position)
        return None
    entries: list[tuple[date, Quantity]] = []
    for item in written:
        if not isinstance(item, Map) or not {"from", "value"} <= set(item):
            reader.problem("a step is written {from: date, value: x}", where, item.position)
            continue
        known = ("from", "value", "source", "note")
        for key in item:
            if key not in known:
                reader.unknown(str(key), known, "key", where, item)
        day = _day(reader, item["from"], where)
        if day is None:
            continue
        if entries and day <= entries[-1][0]:
            message = f"steps are not in order: {day} after {entries[-1][0]}"
            reader.problem(message, where, item["from"].position)
        rest = Map(((key, item[key]) for key in item if key in known[1:]), item.position)
        value: Node = rest if len(rest) > 1 else item["value"]
        entries.append((day, reader.quantity(value, f"{where}.{day}")))
    return Steps(tuple(entries)) if entries else None


def _ramp(reader: QuantityReader, node: Map, path: str) -> Ramp | None:
    _only(reader, node, ("ramp",), path)
    written = node["ramp"]
    where = f"{path}.ramp"
    if not isinstance(written, Map):
        message = "a ramp is written {from: date, to: date, start: x, end: y}"
        reader.problem(message, where, written.position)
        return None
    for key in written:
        if key not in RAMP_KEYS:
            reader.unknown(str(key), RAMP_KEYS, "key of a ramp", where, written)
    missing = [key for key in RAMP_KEYS[:4] if key not in written]
    for key in missing:
        reader.problem(f"missing key {key!r}", f"{where}.{key}", written.position)
    if missing:
        return None
    begin = _day(reader, written["from"], f"{where}.from")
    finish = _day(reader, written["to"], f"{where}.to")
    start = reader.quantity(written["start"], f"{where}.start")
    end = reader.quantity(written["end"], f"{where}.end")
    shape: Literal["linear", "logistic"] = "linear"
    given = written.get("shape", "linear")
    if given == "logistic":
        shape = "logistic"
    elif given != "linear":
        shown = repr(str(given)) if isinstance(given, Scalar) else "a map or a list"
        hint = nearest(str(given), ("linear", "logistic"))
        reader.problem(f"unknown shape {shown}", f"{where}.shape", given.position, hint)
    if begin is None or finish is None:
        return None
    if finish <= begin:
        message = f"the ramp ends on {finish}, not after it begins on {begin}"
        reader.problem(message, f"{where}.to", written["to"].position)
    return Ramp(begin, finish, start, end, shape)


def _growth(reader: QuantityReader, node: Map, path: str) -> Growth | None:
    _only(reader, node, ("start", "growth"), path)
    missing = [key for key in ("start", "growth") if key not in node]
    for key in missing:
        message = f"missing key {key!r}: growth is written {{start: x, growth: 3%}}"
        reader.problem(message, f"{path}.{key}", node.position)
    if missing:
        return None
    rates = replace(reader, unit="rate/year", low=-1.0, high=10.0)
    growth = read_series(rates, node["growth"], f"{path}.growth")
    return Growth(reader.quantity(node["start"], f"{path}.start"), growth)


def _only(reader: QuantityReader, node: Map, keys: tuple[str, ...], path: str) -> None:
    for key in node:
        if key not in keys:
            message = f"unknown key {str(key)!r} beside {keys[0]!r}"
            reader.problem(message, path, node.key_position(key))


def _day(reader: QuantityReader, node: Node, path: str) -> date | None:
    if not isinstance(node, Scalar):
        reader.problem("expected a date such as 2024-03-01", path, node.position)
        return None
    try:
        return read_date(str(node))
    except ValueError as error:
        reader.problem(str(error), path, node.position)
        return None
