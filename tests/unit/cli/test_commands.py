"""The commands: what they print where, and how they end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.montecarlo.small_run import SMALL

from cartsim.cli import COMMANDS, main
from cartsim.cli.progress import RunProgress, line
from cartsim.cli.shipped import shipped
from cartsim.montecarlo.identity import run_key
from cartsim.montecarlo.stored import StoredBlock
from cartsim.scenario.extends import library_folder, library_names
from cartsim.scenario.load import load

WRONG = SMALL.replace("opening_cash: 30m", "opening_csh: 30m").replace(
    "success: 90%", "success: 900%"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a good and a wrong scenario."""
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(SMALL)
    Path("wrong.yaml").write_text(WRONG)
    return tmp_path


def cartsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def run_small(*more: str) -> Result:
    return cartsim("run", "good.yaml", "--replications", "3", "--executor", "serial", *more)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_an_example_that_is_a_command_line(command: str) -> None:
    shown = cartsim(command, "--help")
    assert shown.exit_code == 0
    _, _, example = shown.output.rpartition("Example:")
    words = " ".join(example.split())
    assert words.startswith(f"cartsim {command}")
    options = set(re.findall(r"--[a-z]+", words))
    assert options <= set(re.findall(r"--[a-z]+", shown.output.partition("Example:")[0]))


def test_help_lists_every_command_in_order() -> None:
    shown = cartsim("--help").output
    assert re.findall(r"^  (\w+) {2,}[A-Z]", shown.partition("Commands:")[2], re.M) == list(
        COMMANDS
    )
    assert "cartsim run" in shown


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from cartsim.cli import main\n"
        "for command in ([], ['run'], ['validate']):\n"
        "    main([*command, '--help'], standalone_mode=False)\n"
        "heavy = {'numpy', 'pydantic', 'rich', 'matplotlib', 'pandas', 'yaml', 'scipy'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout


def test_validate_says_that_a_file_is_good() -> None:
    shown = cartsim("validate", "good.yaml")
    assert (shown.exit_code, shown.output) == (0, "good.yaml: no problems\n")
    assert json.loads(cartsim("validate", "good.yaml", "--json").stdout) == {"problems": []}


def test_validate_prints_every_problem_at_its_place() -> None:
    shown = cartsim("validate", "good.yaml", "wrong.yaml")
    assert shown.exit_code == 2
    lines = shown.stdout.splitlines()
    assert lines[0] == "good.yaml: no problems"
    assert lines[-1] == f"{len(lines) - 2} problems"
    assert re.fullmatch(
        r"wrong\.yaml:8:3: company\.opening_csh: unknown key 'opening_csh' "
        r"\(did you mean 'opening_cash'\?\)",
        next(text for text in lines if "unknown key" in text),
    )
    assert any("steps.production.success" in text and ":26:" in text for text in lines)


def test_validate_json_has_the_agreed_keys() -> None:
    shown = cartsim("validate", "wrong.yaml", "missing.yaml", "--json")
    assert shown.exit_code == 2
    problems = json.loads(shown.stdout)["problems"]
    assert all(
        list(problem) == ["file", "line", "column", "path", "message", "hint"]
        for problem in problems
    )
    assert {problem["file"] for problem in problems} == {"wrong.yaml", "missing.yaml"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "wrong.yaml"],
        ["run", "missing.yaml"],
        ["run", "."],
        ["run", "good.yaml", "--variant", "der"],
        ["run", "good.yaml", "--set", "company.opening_cash=abc"],
        ["run", "good.yaml", "--set", "company.opening_cash"],
        ["run", "good.yaml", "--set", "nowhere=1"],
        ["run", "good.yaml", "--set", "company.opening_cash=1", "--set", "company.opening_cash=2"],
        ["run", "good.yaml", "--replications", "0"],
        ["run", "good.yaml", "--replications", "many"],
        ["run", "good.yaml", "--workers", "0"],
        ["run", "good.yaml", "--engine", "steam"],
        ["run", "good.yaml", "--executor", "cloud"],
        ["run", "good.yaml", "--out", "good.yaml"],
        ["run"],
        ["validate"],
        ["explain", "good.yaml", "company.cash"],
        ["explain", "missing.yaml", "company.opening_cash"],
        ["diff", "good.yaml"],
        ["diff", "good.yaml", "missing.yaml"],
        ["init", "good.yaml"],
        ["init", "new.yaml", "--from", "nothing"],
        ["init", "no/such/folder.yaml"],
        ["schema", "--out", "no/such/folder.json"],
        ["trace", "missing.yaml"],
        ["rnu", "good.yaml"],
    ],
    ids=" ".join,
)
def test_bad_input_ends_with_2_and_no_traceback(arguments: list[str]) -> None:
    shown = cartsim(*arguments)
    assert shown.exit_code == 2
    assert isinstance(shown.exception, SystemExit)
    assert shown.stderr.strip()
    assert "Traceback" not in shown.output
    assert shown.stdout == ""
    assert not list(Path().glob("runs/*/outcomes/*"))


def test_bad_input_as_json_is_one_document() -> None:
    shown = cartsim("run", "wrong.yaml", "--json")
    assert shown.exit_code == 2
    assert {p["path"] for p in json.loads(shown.stdout)["problems"]} >= {"company.opening_csh"}
    other = cartsim("run", "good.yaml", "--engine", "steam", "--json")
    assert "steam" in json.loads(other.stdout)["error"]


def test_run_prints_headline_tables_and_files() -> None:
    shown = run_small()
    assert shown.exit_code == 0, shown.output
    text = shown.stdout
    assert text.startswith("In 2024, Smallco gets ")
    places = [
        text.index(part)
        for part in ("Statement by year", "Patients and lots", "Whole run", "Means", "Saved in")
    ]
    assert places == sorted(places)
    loaded = load("good.yaml")
    kept = Path("runs") / f"good-{loaded.hash[:8]}-11"
    assert f"Saved in {kept}" in text
    assert {path.name for path in kept.iterdir()} - {".lock"} == {
        "assumptions.csv",
        "figures",
        "manifest.json",
        "outcomes",
        "scenario.yaml",
        "summary.json",
    }
    assert {path.name for path in (kept / "figures").iterdir()} == {
        "bridge_2024.png",
        "convergence.png",
        "fan.png",
        "funnel.png",
        "gantt.png",
        "resources.png",
        "result_2024.png",
    }
    assert "inputs are assumptions without a source" in " ".join(text.split())


def test_a_terminal_without_the_signs_is_no_error() -> None:
    command = [sys.executable, "-m", "cartsim", "run", "good.yaml", "--replications", "2"]
    done = subprocess.run(
        [*command, "--executor", "serial"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    # on a slow machine the run tells how long it took
    assert done.returncode == 0, done.stderr
    assert b"rror" not in done.stderr
    assert done.stdout.isascii()
    assert b"(P5?P95 " in done.stdout


def test_run_json_is_one_document_and_nothing_else() -> None:
    shown = run_small("--json", "--out", "kept", "--variant", "dear", "--seed", "5")
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    assert list(document) == [
        *("scenario", "variant", "hash", "seed", "replications", "engine", "version", "measures"),
    ]
    assert (document["variant"], document["seed"], document["replications"]) == ("dear", 5, 3)
    assert document == json.loads(Path("kept/summary.json").read_text())
    assert set(document["measures"][0]) == {
        *("name", "period", "unit", "mean", "se", "p5", "p25", "p50", "p75", "p95")
    }
    assert stored_blocks("kept")[0].replications == range(3)


def test_overrides_reach_the_run() -> None:
    shown = run_small("--json", "--set", "company.opening_cash={value: 1bn, source: x}")
    measures = json.loads(shown.stdout)["measures"]
    (cash,) = [m for m in measures if (m["name"], m["period"]) == ("opening_cash", "2024")]
    assert cash["mean"] == 1e9


def test_what_the_reader_must_know_is_said() -> None:
    shown = run_small("--set", "company.opening_cash={p5: 10m, p95: 90m}")
    assert "note: company.opening_cash" in shown.stdout.replace("\n", " ")


def test_explain_tells_where_a_value_came_from() -> None:
    path = "products.cel.route.steps.production.costs.materials"
    shown = cartsim("explain", "good.yaml", path)
    assert shown.exit_code == 0
    assert f"{path} = {{pert: [58k, 92k, 180k]}}" in shown.output
    assert "good.yaml:28:30" in shown.output
    assert "a public range" in shown.output
    assert "money" in shown.output
    told = json.loads(cartsim("explain", "good.yaml", path, "--json").stdout)
    assert (told["source"], told["unit"], told["default"]) == ("a public range", "money", False)


def test_explain_says_when_there_is_no_source_and_what_was_replaced() -> None:
    shown = cartsim(
        "explain", "good.yaml", "company.opening_cash", "--set", "company.opening_cash=1m"
    )
    assert "none: an assumption" in shown.output
    assert "30m at good.yaml:8:17" in shown.output
    default = cartsim("explain", "good.yaml", "company.selling")
    assert "the default" in default.output


def test_diff_of_a_variant_and_of_two_files() -> None:
    shown = cartsim("diff", "good.yaml", "--variant", "dear")
    assert shown.exit_code == 0
    assert "products.cel.markets.home.price.list" in shown.output
    assert shown.output.endswith("1 difference\n")
    Path("other.yaml").write_text(SMALL.replace("20m", "25m"))
    told = json.loads(cartsim("diff", "good.yaml", "other.yaml", "--json").stdout)["differences"]
    assert [entry["path"] for entry in told] == ["company.administration"]
    assert told[0]["right_position"].startswith("other.yaml:9:")
    assert cartsim("diff", "good.yaml", "good.yaml").output == "no differences\n"


def test_schema_is_json_on_standard_output_or_in_a_file() -> None:
    document = json.loads(cartsim("schema").stdout)
    assert document["$schema"].startswith("https://json-schema.org/")
    shown = cartsim("schema", "--out", "s.json")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert json.loads(Path("s.json").read_text()) == document


@pytest.mark.parametrize("name", sorted(shipped()))
def test_init_writes_a_valid_commented_scenario(name: str) -> None:
    shown = cartsim("init", "mine", "--from", name)
    assert shown.exit_code == 0
    assert Path("mine.yaml").read_text().startswith("# ")
    assert cartsim("validate", "mine.yaml").exit_code == 0


def test_the_starter_runs_in_every_variant_and_as_its_comments_say() -> None:
    assert cartsim("init").exit_code == 0
    starter = Path("scenario.yaml").read_text()
    before, marks, after = starter.partition("# contracts:")
    block, blank, rest = after.partition("\n\n")
    marked = before + "contracts:" + block.replace("\n# ", "\n") + blank + rest
    assert marks
    assert marked.count("\n  partner:") == 1
    Path("partnered.yaml").write_text(marked)
    for file, variants in (
        ("scenario.yaml", load("scenario.yaml").variants),
        ("partnered.yaml", ()),
    ):
        for variant in (None, *variants):
            more = ["--variant", variant] if variant else []
            shown = cartsim("run", file, "--replications", "2", "--executor", "serial", *more)
            assert shown.exit_code == 0, shown.output


def test_init_overwrites_only_when_told_to() -> None:
    Path("mine.yaml").write_text("precious")
    shown = cartsim("init", "mine.yaml")
    assert shown.exit_code == 2
    assert "mine.yaml exists; --force overwrites it" in shown.stderr
    assert Path("mine.yaml").read_text() == "precious"
    assert cartsim("init", "mine.yaml", "--force").exit_code == 0
    assert Path("mine.yaml").read_text() != "precious"


def test_an_unexpected_error_ends_with_1_and_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("out of luck")

    monkeypatch.setattr("cartsim.montecarlo.task.compute_block", fails)
    shown = run_small()
    assert shown.exit_code == 1
    assert "replication 0 failed: ValueError: out of luck" in shown.stderr
    assert "cartsim trace good.yaml --seed 11 --replication 0" in shown.stderr
    monkeypatch.setattr("cartsim.scenario.load.validate", fails)
    shown = cartsim("validate", "good.yaml")
    assert shown.exit_code == 1
    assert "ValueError: out of luck" in shown.stderr
    assert "CARTSIM_TRACEBACK=1" in shown.stderr
    assert "Traceback" not in shown.output


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal to a group of processes")
@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_an_interrupt_ends_with_130_and_one_word(executor: str) -> None:
    command = [sys.executable, "-m", "cartsim", "run", "good.yaml", "--replications", "100000"]
    started = subprocess.Popen(
        [*command, "--executor", executor, "--workers", "2", "--out", "kept"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=dict(os.environ),
        # a shell that runs the tests in the background has told them to ignore interrupts
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    limit = time.monotonic() + 30
    while not list(Path().glob("kept/outcomes/block-*.parquet")) and time.monotonic() < limit:
        time.sleep(0.05)
    os.killpg(started.pid, signal.SIGINT)
    out, said = started.communicate(timeout=20)
    assert (started.returncode, out) == (130, "")
    assert said.splitlines()[-1] == "interrupted"
    assert "Traceback" not in said
    finished = sorted(Path().glob("kept/outcomes/block-*.parquet"))  # the second may be first
    assert finished
    for file in finished:
        number = int(file.name.split(".")[0].removeprefix("block-"))
        block = StoredBlock.found(file, run_key(json.loads(Path("kept/manifest.json").read_text())))
        assert block is not None
        assert block.replications == range(128 * number, 128 * (number + 1))
    assert not Path("kept/summary.json").exists()


def test_a_run_that_was_interrupted_goes_on_and_is_verified() -> None:
    assert run_small("--out", "kept").exit_code == 0
    grown = cartsim(
        *("run", "good.yaml", "--replications", "140", "--executor", "serial", "--out", "kept")
    )
    assert grown.exit_code == 0, grown.output
    shown = cartsim("replay", "kept", "--executor", "serial")
    assert shown.exit_code == 0, shown.output
    assert "140 replications in 2 blocks are as they were stored" in shown.stdout
    next(iter(Path("kept/outcomes").iterdir())).write_bytes(b"")
    shown = cartsim("replay", "kept", "--executor", "serial", "--json")
    assert shown.exit_code == 1
    document = json.loads(shown.stdout)
    assert not document["verified"]
    assert any("damaged" in problem for problem in document["problems"])


def test_another_seed_does_not_go_into_the_same_folder() -> None:
    assert run_small("--out", "kept").exit_code == 0
    shown = run_small("--out", "kept", "--seed", "3")
    assert shown.exit_code == 2
    assert "its seed is 11, not 3" in shown.stderr
    assert run_small("--out", "kept", "--seed", "3", "--fresh").exit_code == 0


def test_a_plan_tells_and_writes_nothing() -> None:
    shown = run_small("--plan", "--out", "kept")
    assert shown.exit_code == 0, shown.output
    assert re.search(
        r"About (a|\d+) seconds? for 3 replications with 1 worker: 1 block,", shown.stdout
    )
    assert "Disk: about" in shown.stdout
    assert not Path("kept").exists()
    document = json.loads(run_small("--plan", "--json").stdout)
    assert (document["replications"], document["blocks"], document["done"]) == (3, 1, 0)
    assert document["disk_bytes"] > 1000
    assert document["block_seconds"] > 0


def test_a_run_until_it_is_precise() -> None:
    goal = ("--until", "closing_cash[2024]:se=3%", "--executor", "serial")
    shown = cartsim("run", "good.yaml", *goal, "--out", "kept", "--json")
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    (cash,) = (
        row
        for row in document["measures"]
        if (row["name"], row["period"]) == ("closing_cash", "2024")
    )
    assert cash["se"] <= 0.03 * abs(cash["mean"])
    assert document["replications"] % 2048 == 0
    few = cartsim("run", "good.yaml", "--until", "se=0.001%", "--replications", "10", *goal[2:])
    assert few.exit_code == 1
    assert "replications are needed" in few.stdout
    wrong = cartsim("run", "good.yaml", "--until", "se<1%")
    assert wrong.exit_code == 2
    assert "'se<1%' is not [MEASURE[PERIOD]:]se[(STATISTIC)]=TARGET" in wrong.stderr


@pytest.mark.parametrize("kinds", ["year", "half", "all"])
def test_a_run_that_keeps_fewer_periods_is_shown_by_year(kinds: str) -> None:
    shown = run_small("--periods", kinds, "--out", "kept")
    assert shown.exit_code == 0, shown.output
    assert "Statement by year" in shown.stdout
    periods = {
        row["period"] for row in json.loads(Path("kept/summary.json").read_text())["measures"]
    }
    assert {"2024", "all"} <= periods
    assert not any("Q" in period for period in periods)
    assert cartsim("run", "good.yaml", "--periods", "yr").exit_code == 2


@pytest.mark.parametrize("design", ["latin_hypercube", "sobol"])
def test_a_design_is_part_of_the_scenario(design: str) -> None:
    shown = run_small("--design", design, "--json")
    assert shown.exit_code == 0, shown.output
    same = run_small("--set", f"run.design={design}", "--json", "--out", "again")
    assert json.loads(shown.stdout)["measures"] == json.loads(same.stdout)["measures"]
    assert (
        json.loads(shown.stdout)["measures"] != json.loads(run_small("--json").stdout)["measures"]
    )


def test_precision_splits_the_spread() -> None:
    shown = cartsim("precision", "good.yaml", "--replications", "200", "--json", "--workers", "1")
    assert shown.exit_code == 0, shown.output
    found = {row["measure"]: row for row in json.loads(shown.stdout)["measures"]}
    assert set(found) == {
        *("orders", "infusions", "revenue", "operating_result", "closing_cash", "npv")
    }
    assert all(0 <= found[name]["low"] <= found[name]["high"] <= 1 for name in ("orders", "npv"))
    table = cartsim("precision", "good.yaml", "--replications", "40", "--measure", "npv")
    assert table.exit_code == 0, table.output
    assert "not known" in table.stdout
    wrong = cartsim("precision", "good.yaml", "--measure", "nvp", "--replications", "2")
    assert wrong.exit_code == 2
    assert "did you mean 'npv'?" in wrong.stderr


def stored_blocks(folder: str) -> list[StoredBlock]:
    """The blocks of a run's folder, checked."""
    key = run_key(json.loads(Path(folder, "manifest.json").read_text()))
    found = [StoredBlock.found(file, key) for file in sorted(Path(folder, "outcomes").iterdir())]
    return [block for block in found if block is not None]


def test_progress_is_silent_for_short_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(10) as progress:
        progress(10, 10)
    assert capsys.readouterr() == ("", "")


def test_progress_tells_rate_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("cartsim.cli.progress.time.monotonic", lambda: now)
    with RunProgress(2_000) as progress:
        for seconds, done in ((1, 100), (6, 600), (7, 700), (20, 2_000)):
            now = 100.0 + seconds
            progress(done, 2_000)
    out, said = capsys.readouterr()
    assert out == ""
    assert said.splitlines() == [
        "600 of 2,000 replications, 100.0 a second, 14 s left",
        "2,000 of 2,000 replications, 100.0 a second, 0 s left",
        "2,000 replications in 20 s",
    ]
    assert line(1, 4, 0.5) == "1 of 4 replications, 2.0 a second, 2 s left"


class TestLibrary:
    def test_every_part_says_what_it_is_and_where_it_goes(self) -> None:
        found = json.loads(cartsim("library", "--json").output)
        assert [part["name"] for part in found] == library_names()
        places = {"a product", "a product's market", "a plant", "a contract"}
        assert {part["under"] for part in found} == places
        assert all(part["about"].endswith(".") and len(part["about"]) > 20 for part in found)

    def test_the_list_names_the_parts_below_their_place(self) -> None:
        shown = cartsim("library").output
        assert shown.index("under a contract") < shown.index("deal_newco")
        assert shown.index("under a plant") < shown.index("plant_400_starts_china")

    @pytest.mark.parametrize("name", ["deal_newco", "library/deal_newco"])
    def test_a_part_is_shown_as_it_is_written(self, name: str) -> None:
        written = (library_folder() / "deal_newco.yaml").read_text(encoding="utf-8")
        assert cartsim("library", name).output == written

    def test_an_unknown_part(self) -> None:
        shown = cartsim("library", "deal_newcoo")
        assert shown.exit_code == 2
        assert "the library has no 'deal_newcoo' (did you mean 'deal_newco'?)" in shown.output
