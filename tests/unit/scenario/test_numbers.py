from __future__ import annotations

import pytest

from cartsim.scenario.numbers import parse_number


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("20", "places", 20.0),
        ("1_234_567", "money", 1234567.0),
        ("-562m", "money", -562e6),
        ("1.15m", "money", 1_150_000.0),
        ("180k", "money", 180_000.0),
        ("3bn", "money/year", 3e9),
        ("39.43m", "money", 39_430_000.0),
        ("1.5e6", "money", 1.5e6),
        ("8%", "share", 0.08),
        ("97.5%", "share", 0.975),
        (".5", "share", 0.5),
        ("+0.5", "share", 0.5),
        ("2%", "rate/month", 0.02),
        ("7", "days", 7.0),
        ("7d", "days", 7.0),
        ("36h", "days", 1.5),
        ("0", "money", 0.0),
    ],
)
def test_numbers_as_people_write_them_are_exact(text: str, unit: str, value: float):
    assert parse_number(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", "money"),
        ("m", "money"),
        ("1,000", "money"),
        ("1 000", "money"),
        ("1__0", "money"),
        ("_1", "money"),
        ("1_", "money"),
        ("1.", "money"),
        ("0x10", "money"),
        ("1e", "money"),
        ("e5", "money"),
        ("1.2.3", "money"),
        ("--1", "money"),
        ("8%", "money"),
        ("8%", "places"),
        ("8%", "days"),
        ("8m", "share"),
        ("8m", "days"),
        ("7d", "money"),
        ("7w", "days"),
        ("1M", "money"),
        ("1mm", "money"),
        ("nan", "money"),
        (".inf", "money"),
        ("1e999", "money"),
        ("true", "share"),
        ("\u0661", "money"),
        ("1e99999999999999999999", "money"),
    ],
)
def test_anything_else_is_an_error_and_never_a_guess(text: str, unit: str):
    with pytest.raises(ValueError, match=r"is not|does not fit"):
        parse_number(text, unit)
