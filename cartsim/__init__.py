"""cartsim: an open simulator of the economics of bringing CAR-T therapies to market.

The names below are loaded when they are first used, so that ``import cartsim`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cartsim.report import sensitivity as sensitivity
    from cartsim.report.comparison import bridge as bridge
    from cartsim.report.comparison import compare as compare
    from cartsim.report.decisions import optimise as optimise
    from cartsim.report.decisions import seek as seek
    from cartsim.report.discovery import discover as discover
    from cartsim.report.information import value_of_information as value_of_information
    from cartsim.report.result import RunResult as Result
    from cartsim.report.result import run as run
    from cartsim.scenario.load import load as load
    from cartsim.scenario.loaded import Loaded as Scenario

__version__ = "0.1.0"
__all__ = [
    "Result",
    "Scenario",
    "__version__",
    "bridge",
    "compare",
    "discover",
    "load",
    "optimise",
    "run",
    "seek",
    "sensitivity",
    "value_of_information",
]

_PLACES = {
    "load": ("cartsim.scenario.load", "load"),
    "Scenario": ("cartsim.scenario.loaded", "Loaded"),
    "run": ("cartsim.report.result", "run"),
    "Result": ("cartsim.report.result", "RunResult"),
    "compare": ("cartsim.report.comparison", "compare"),
    "bridge": ("cartsim.report.comparison", "bridge"),
    "sensitivity": ("cartsim.report", "sensitivity"),
    "value_of_information": ("cartsim.report.information", "value_of_information"),
    "discover": ("cartsim.report.discovery", "discover"),
    "seek": ("cartsim.report.decisions", "seek"),
    "optimise": ("cartsim.report.decisions", "optimise"),
}
"""Where each public name is defined."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'cartsim' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    found = import_module(module)
    if not hasattr(found, attribute):
        return import_module(f"{module}.{attribute}")
    return getattr(found, attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
