"""cartsim: an open simulator of the economics of bringing CAR-T therapies to market.

The names below are loaded when they are first used, so that ``import cartsim`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cartsim.report.result import RunResult as Result
    from cartsim.report.result import run as run
    from cartsim.scenario.load import load as load
    from cartsim.scenario.loaded import Loaded as Scenario

__version__ = "0.1.0"
__all__ = ["Result", "Scenario", "__version__", "load", "run"]

_PLACES = {
    "load": ("cartsim.scenario.load", "load"),
    "Scenario": ("cartsim.scenario.loaded", "Loaded"),
    "run": ("cartsim.report.result", "run"),
    "Result": ("cartsim.report.result", "RunResult"),
}
"""Where each public name is defined."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'cartsim' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
