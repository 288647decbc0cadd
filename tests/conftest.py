"""What tests of every folder may ask for."""

from __future__ import annotations

import pytest

from cartsim.simulation import ENGINES, Engine


@pytest.fixture(params=sorted(ENGINES), scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn: what holds for one must hold for all."""
    return ENGINES[request.param]
