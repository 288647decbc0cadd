"""Other libraries: those that only some analyses need, and what all of them are handed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cartsim.errors import UsageError


def library_seed(seed: int) -> int:
    """A seed as other libraries take them: below 2**31."""
    return seed % 2**31


def needed(module: str, package: str, extra: str = "analysis") -> Any:
    """A module of an optional library; raises ``UsageError`` with how to install it."""
    try:
        return import_module(module)
    except ImportError:
        raise UsageError(
            f"this needs {package}, which is not installed: pip install 'cartsim[{extra}]'"
        ) from None
