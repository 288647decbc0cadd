"""Every notebook runs from its first to its last cell in a kernel of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECONDS = 180
RUN = f"""
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], 4)
nbclient.NotebookClient(notebook, timeout={SECONDS}, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


def test_there_are_notebooks_for_each_question() -> None:
    assert len(NOTEBOOKS) >= 8


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_shows_pictures(notebook: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "notebooks").mkdir()
    copy = Path(shutil.copy(notebook, tmp_path / "notebooks"))
    done = subprocess.run(
        [sys.executable, "-c", RUN, copy.name],
        cwd=copy.parent,
        capture_output=True,
        text=True,
        timeout=SECONDS + 60,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    cells = json.loads(copy.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    warned = ["".join(o["text"]) for o in outputs if o.get("name") == "stderr"]
    assert not warned, warned
    shown = [set(output.get("data", {})) for output in outputs]
    pictures = sum("image/png" in kinds for kinds in shown)
    widgets = sum("application/vnd.jupyter.widget-view+json" in kinds for kinds in shown)
    assert pictures >= 2 or (pictures and widgets)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_without_outputs_and_explains_itself(notebook: Path) -> None:
    cells = json.loads(notebook.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    text = [cell for cell in cells if cell["cell_type"] == "markdown"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    assert "".join(text[0]["source"]).startswith("# ")
    assert sum(len("".join(cell["source"]).split()) for cell in text) > 60
