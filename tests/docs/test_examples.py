"""Every fenced example of the documentation and of the README is run or loaded.

A page's examples run in their order in one empty folder that holds a copy of ``scenarios/``; Python
blocks share their names. A comment line before a block says what is special about it:

- ``<!-- file: NAME -->``: this YAML is written to NAME and must be a valid scenario;
- ``<!-- file with problems: NAME -->``: written to NAME, and must not be valid;
- ``<!-- exit: 2 -->``: the commands of this block end with that code;
- ``<!-- command: NAME -->``: run by ``.ci/run``;
- ``<!-- skip: REASON -->``: not run.

Output shown under a ``$ cartsim`` line must appear in the command's output, line by line; ``...``
leaves lines out.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cartsim.cli import main
from cartsim.errors import ScenarioError
from cartsim.scenario.load import load

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[a-z ]+): (?P<text>[^\n]*?) -->\n\n?)?"
    r"^```(?P<language>[^\n`]*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Example:
    """A fenced block: where it stands, its language, its text and the comment before it."""

    where: str
    language: str
    body: str
    mark: str
    note: str


def examples(page: Path) -> list[Example]:
    """The fenced blocks of a page, but for directives and plain text."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        language = match["language"].strip()
        if language == "text" or language.startswith("{"):
            continue
        line = text.count("\n", 0, match.start("language")) + 1
        where = f"{page.relative_to(ROOT)}:{line}"
        found.append(
            Example(where, language, match["body"], match["mark"] or "", match["text"] or "")
        )
    return found


def check_scenario(example: Example) -> None:
    Path(example.note).write_text(example.body, encoding="utf-8")
    if example.mark == "file with problems":
        with pytest.raises(ScenarioError):
            load(example.note)
    else:
        load(example.note)


def check_console(example: Example) -> None:
    expected = int(example.note) if example.mark == "exit" else 0
    lines = example.body.replace("\\\n", " ").splitlines()
    commands = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    assert commands, f"{example.where}: no line begins with $"
    for number, following in zip(commands, [*commands[1:], len(lines)], strict=True):
        program, *arguments = shlex.split(lines[number][2:])
        assert program == "cartsim", f"{example.where}: cannot run {program}"
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert result.exit_code == expected, f"{example.where}\n{lines[number]}\n{result.output}"
        output = " ".join(result.output.split())
        for shown in lines[number + 1 : following]:
            if shown.strip() not in {"", "..."}:
                assert " ".join(shown.split()) in output, f"{example.where}\n{result.output}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_examples_work(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = examples(page)
    if not found:
        return
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    for example in found:
        if example.mark == "skip":
            assert len(example.note) > 10, f"{example.where}: a skip needs its reason"
        elif example.mark == "command":
            continue
        elif example.language == "python":
            exec(compile(example.body, example.where, "exec"), names)
        elif example.language == "console":
            check_console(example)
        elif example.language == "json":
            json.loads(example.body)
        elif example.language == "yaml" and example.mark.startswith("file"):
            check_scenario(example)
        else:
            pytest.fail(f"{example.where}: say how this {example.language!r} block is checked")


def test_the_examples_are_found() -> None:
    found = [example for page in PAGES for example in examples(page)]
    fences = sum(
        len(re.findall(r"^```(?!text)[a-z]+$", page.read_text(encoding="utf-8"), re.MULTILINE))
        for page in PAGES
    )
    assert len(found) == fences > 10


def test_ci_runs_the_commands_of_the_readme() -> None:
    commands = [example.body.strip() for example in examples(PAGES[0]) if example.mark == "command"]
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine")
    shown = subprocess.run(
        [bash, str(ROOT / ".ci" / "run"), "--list"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines() == commands
    assert len(commands) == 2


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_front_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert not missing, f"{page} points at {missing}"
