"""What start-up costs, as a multiple of the bare interpreter's and of importing NumPy."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "carsgen_zevor_cel.yaml"
CARTSIM = "from cartsim.cli import main; main()"
COMMANDS = {
    "bare interpreter": ["-c", "pass"],
    "import numpy": ["-c", "import numpy"],
    "import cartsim": ["-c", "import cartsim"],
    "cartsim --help": ["-c", CARTSIM, "--help"],
    "cartsim validate": ["-c", CARTSIM, "validate", str(SCENARIO)],
}


def seconds(arguments: list[str], repeats: int = 7) -> float:
    """Median wall time of a command in a fresh interpreter."""
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


@pytest.mark.benchmark
def test_start_up() -> None:
    measured = {name: seconds(arguments) for name, arguments in COMMANDS.items()}
    bare, numpy = measured["bare interpreter"], measured["import numpy"]
    print(f"\n{'':18} {'seconds':>8} {'x bare':>8} {'x numpy':>8}")
    for name, taken in measured.items():
        print(f"{name:18} {taken:8.3f} {taken / bare:8.1f} {taken / numpy:8.1f}")
