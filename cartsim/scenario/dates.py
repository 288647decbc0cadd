"""Dates as a scenario writes them."""

from __future__ import annotations

import re
from datetime import date

YEAR = re.compile(r"[0-9]{4}")
"""A calendar year as a key."""
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_date(text: str) -> date:
    """An ISO calendar date; raises ``ValueError`` with what is allowed."""
    try:
        if not _ISO.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2024-03-01") from None
