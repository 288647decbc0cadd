"""Closed forms on the engine that is written to be read take minutes; one of each is enough for
every day, as engines are compared elsewhere. The rest is in the long suite."""

from __future__ import annotations

from pathlib import Path

import pytest

LONG = ("test_queues.py", "test_stock.py")
LONGEST = ("test_weekly_slots", "test_base_stock_of_many")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen: set[str] = set()
    here = Path(__file__).parent
    for item in items:
        if not isinstance(item, pytest.Function) or item.path.parent != here:
            continue
        call = getattr(item, "callspec", None)
        if item.path.name not in LONG or call is None or call.params.get("engine") != "reference":
            continue
        if item.originalname in seen or item.originalname in LONGEST:
            item.add_marker(pytest.mark.slow)
        seen.add(item.originalname)
