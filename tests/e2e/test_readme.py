"""The README tells the truth: its commands run, and the demo prints what it shows.

``BAILIWICK_WRITE_README=1`` writes what the demo printed into the README instead.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from access import Source
from catalog import containers, documents
from catalog.database import Catalog
from connectors.registry import available_sources
from tests.e2e.emulated import emulated, environment
from tests.fixtures import ui
from tests.fixtures.company import without_sources
from tests.fixtures.installation import installation

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = re.compile(
    r"(?<=<!-- demo -->\n)```\n(.*?)```\n(?=<!-- /demo -->)|(?<=<!-- demo -->\n)(?=<!-- /demo -->)",
    re.S,
)
ACTIVATE = ". .venv/bin/activate"
MATERIALIZE = "python -m pipelines.materialize"
DEV = "DAGSTER_HOME=$PWD/.bailiwick/dagster dg dev -w workspace.yaml"
RUN_APART = {
    ACTIVATE: "tests/e2e/test_readme.py::test_the_first_sync_runs_as_it_is_written",
    MATERIALIZE: "tests/e2e/test_readme.py::test_the_first_sync_runs_as_it_is_written",
    DEV: "tests/e2e/test_readme.py::test_the_ui_starts_as_it_is_written",
    "python -m simulator --port 8900 --seed 7 --scale 300": (
        "tests/simulator/test_core.py::test_the_command_that_the_docs_tell_serves_the_company"
    ),
    "bailiwick catalog copy --to postgresql+psycopg2://bailiwick:…@host/bailiwick": (
        "tests/catalog/test_commands.py::test_the_catalog_is_copied_in_one_command"
    ),
    "bailiwick catalog copy --to sqlite:////var/backups/bailiwick/catalog.db": (
        "tests/catalog/test_commands.py::test_the_catalog_is_copied_in_one_command"
    ),
}
"""Commands with a test of their own, since they need other settings or servers or never end."""
OF_OWN = {
    "8900",
    "postgresql+psycopg2://bailiwick:…@host/bailiwick",
    "sqlite:////var/backups/bailiwick/catalog.db",
}
"""Words of theirs for which the tests have their own: a free port, a database of the test."""
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _commands(page: Path) -> list[str]:
    """Commands in the code blocks of a page: lines of code blocks."""
    found = []
    fence: str | None = None
    for line in page.read_text().replace("\\\n", " ").splitlines():
        if line.strip().startswith("```"):
            fence = line.strip()[3:] if fence is None else None
        elif fence in {"", "sh", "console"}:
            command = line.split("  #")[0].strip()
            if re.match(r"(\w+=\S+ )*(\. |make |bailiwick |python |dg )", command):
                found.append(command)
    return found


def _untimed(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d\b", "YYYY-MM-DD HH:MM", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    return re.sub(r"Done in \d+ s", "Done in N s", text)


def _demonstrate(home: Path) -> str:
    """Run the demo, in the folder of an installation of somebody's; gives what it printed."""
    theirs = home.with_name("theirs")
    installation(theirs, "http://127.0.0.1:1")
    done = subprocess.run(
        [sys.executable, "-m", "service", "demo", "--home", str(home)],
        cwd=theirs,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [each.name for each in theirs.iterdir()] == [".env"]
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A finished demo: its home, and what it printed. Made once, for each worker a copy."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    made, printed = shared / "demo", shared / "demo.txt"
    with FileLock(shared / "demo.lock"):
        if not printed.exists():
            printed.write_text(_demonstrate(made))
    home = tmp_path_factory.mktemp("home") / "demo"
    shutil.copytree(made, home)
    return home, printed.read_text()


@pytest.mark.slow
def test_the_demo_prints_what_the_readme_shows(demo):
    _, printed = demo
    text = README.read_text()
    if os.environ.get("BAILIWICK_WRITE_README") == "1":
        README.write_text(SHOWN.sub(lambda _: f"```\n{_short(printed)}```\n", text))
        return
    (shown,) = SHOWN.findall(text)
    assert _untimed(shown) == _untimed(_short(printed))


def _short(printed: str) -> str:
    """The demo's output: of each source a container, and of the questions the first."""
    parts = re.split(r"\n(?=\S+ \S+ asks: )", printed)
    first = parts[1].split("asks: ")[1].splitlines()[0]
    kept = [
        _sample(parts[0]),
        *(part for part in parts[1:] if part.split("asks: ")[1].startswith(first)),
    ]
    last = printed.rstrip().splitlines()[-1]
    return "\n".join(part.rstrip() + "\n" for part in kept) + f"\n[two more questions]\n\n{last}\n"


def _sample(synced: str) -> str:
    """One line for a container of each source, and how many more there are."""
    lines: list[str] = []
    seen: dict[str, int] = {}
    for line in synced.splitlines():
        kind = re.match(r"(?!.*: memberships:)[A-Z]\w+( \w+)?: |[a-z_]+  +", line)
        source = kind[0].strip() if kind and not line.startswith("source ") else ""
        if source:
            seen[source] = seen.get(source, 0) + 1
        if seen.get(source, 0) <= 1:
            lines.append(line)
        elif seen[source] == 2:
            lines.append(source)
    return "\n".join(
        f"[{seen[line] - 1} more of {line.rstrip(':')}]" if line in seen else line for line in lines
    )


@pytest.mark.slow
def test_a_second_demo_embeds_nothing(demo):
    home, _ = demo
    counts = re.findall(r"(\d+) texts embedded", _demonstrate(home))
    with Catalog.at(home) as catalog, catalog.reading() as connection:
        synced = sum(len(containers.load(connection, source)) for source in available_sources())
    assert len(counts) == synced, "one for each container"
    assert set(counts) == {"0"}


def _all_commands():
    return sorted({command for page in PAGES for command in _commands(page)})


def _run_by(test: str) -> str:
    """The text of a test, the commands of the pages put in."""
    path, name = test.split("::")
    text = (ROOT / path).read_text()
    functions = [each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef)]
    (found,) = (ast.get_source_segment(text, each) for each in functions if each.name == name)
    assert found is not None
    return re.sub(r"\b_written\((\w+)\)", lambda written: globals()[written[1]], found)


@pytest.mark.parametrize("command", RUN_APART)
def test_what_is_run_apart_is_written_and_run(command):
    said = _run_by(RUN_APART[_written(command)])
    for word in set(shlex.split(command)[1:]) - OF_OWN:
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said), word


@pytest.mark.slow
@pytest.mark.parametrize("command", [each for each in _all_commands() if each not in RUN_APART])
def test_every_command_in_the_docs_runs(demo, command):
    words = shlex.split(command)
    if words[0] == "make":
        assert subprocess.run([*words, "--dry-run"], cwd=ROOT, capture_output=True).returncode == 0
        return
    if words[:3] == ["python", "-m", "pytest"]:  # of minutes: that there is what it names
        found = [sys.executable, *words[1:], "--collect-only", "-q"]
        assert subprocess.run(found, cwd=ROOT, capture_output=True, timeout=60).returncode == 0
        return
    home, _ = demo
    with Catalog.at(home) as catalog, catalog.reading() as connection:
        container = containers.load(connection, Source.GITHUB)[0]
        row = containers.number(connection, container.source, container.id)
        document = next(iter(documents.present(connection, row)))
    known = {
        "DOCUMENT": document,
        "PERSON": "ada",
        "you@example.com": "ada@saltmarsh.example",
        "SOURCE": container.source.value,
        "CONTAINER": container.id,
    }
    arguments = [known.get(word, word) for word in words[1:]]
    done = subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "BAILIWICK_HOME": str(home),
            "BAILIWICK_SEARCHABLE_ANYONE": "google_drive,github",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A folder as a person's checkout is, with the environment of its `.env`, and no run yet."""
    folder = tmp_path_factory.mktemp("checkout")
    for each in ROOT.iterdir():
        if each.name not in {".bailiwick", ".env", ".git", "directory.yaml"}:
            (folder / each.name).symlink_to(each)
    with emulated() as emulator:
        settings = environment(emulator, folder / ".bailiwick")
        shutil.rmtree(settings.pop("DAGSTER_HOME"))
        del settings["BAILIWICK_HOME"]
        clean = without_sources()
        clean.pop("DAGSTER_DISABLE_TELEMETRY", None)
        yield folder, clean | settings


def test_the_environment_is_entered_once():
    """One convention: the environment's commands by their names, after one line that enters it."""
    lines = [line for page in PAGES for line in page.read_text().splitlines()]
    told = [line for line in lines if ".venv/bin" in line]
    assert [line for line in told if not line.startswith("ExecStart=")] == [ACTIVATE]


def _written(command: str) -> str:
    assert command in {each for page in PAGES for each in _commands(page)}
    return command


@pytest.mark.slow
def test_the_first_sync_runs_as_it_is_written(checkout):
    folder, environment = checkout
    done = subprocess.run(
        f"{_written(ACTIVATE)} && {_written(MATERIALIZE)}",
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "GitHub: acme/pipeline: 9 documents read" in done.stdout
    kept = folder / ".bailiwick" / "dagster"
    assert "enabled: false" in (kept / "dagster.yaml").read_text(), "it reports to nobody"
    assert any(kept.rglob("*.db"))


@pytest.mark.slow
def test_the_ui_starts_as_it_is_written(checkout):
    folder, environment = checkout
    (folder / ".bailiwick" / "dagster").mkdir(parents=True, exist_ok=True)
    port = ui.free_port()
    process = subprocess.Popen(
        f"{_written(ACTIVATE)} && exec env {_written(DEV)} --port {port}",
        shell=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        names = ui.sensors(port, process)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert {"google_drive_containers", "github_containers", "github_permissions"} <= names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page):
    links = [each for each in LINK.findall(page.read_text()) if "://" not in each]
    assert [each for each in links if not (page.parent / each).exists()] == []
