"""The README tells the truth: its commands run, and the demo prints what it shows.

``BAILIWICK_WRITE_README=1`` writes what the demo printed into the README instead.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from access import Source
from catalog import containers, documents
from catalog.database import Catalog

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = re.compile(
    r"(?<=<!-- demo -->\n)```\n(.*?)```\n(?=<!-- /demo -->)|(?<=<!-- demo -->\n)(?=<!-- /demo -->)",
    re.S,
)
RUN_ELSEWHERE = {
    ".venv/bin/python -m pipelines.materialize": "tests/e2e/test_people.py",
    ".venv/bin/dg dev -w workspace.yaml": "tests/pipelines",
}
"""Commands that other tests run, since they need settings of their own or never end."""


def _commands(page: Path) -> list[str]:
    """Commands in the code blocks of a page: lines of code blocks."""
    found = []
    fence: str | None = None
    for line in page.read_text().replace("\\\n", " ").splitlines():
        if line.strip().startswith("```"):
            fence = line.strip()[3:] if fence is None else None
        elif fence in {"", "sh", "console"}:
            command = line.split("  #")[0].strip()
            if re.match(r"(\.venv/bin/|make |bailiwick )", command):
                found.append(command)
    return found


def _untimed(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d\b", "YYYY-MM-DD HH:MM", text)
    return re.sub(r"Done in \d+ s", "Done in N s", text)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A finished demo: its home, and what it printed."""
    home = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "service", "demo", "--home", str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return home, done.stdout


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
    """The demo's output, of the questions the first."""
    parts = re.split(r"\n(?=\S+ \S+ asks: )", printed)
    first = parts[1].split("asks: ")[1].splitlines()[0]
    kept = [parts[0], *(part for part in parts[1:] if part.split("asks: ")[1].startswith(first))]
    last = printed.rstrip().splitlines()[-1]
    return "\n".join(part.rstrip() + "\n" for part in kept) + f"\n[two more questions]\n\n{last}\n"


@pytest.mark.slow
def test_a_second_demo_embeds_nothing(demo):
    home, _ = demo
    again = subprocess.run(
        [sys.executable, "-m", "service", "demo", "--home", str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert "0 texts embedded" in again.stdout


def _all_commands():
    return sorted({command for page in PAGES for command in _commands(page)})


@pytest.mark.slow
@pytest.mark.parametrize("command", _all_commands())
def test_every_command_in_the_docs_runs(demo, command):
    if command in RUN_ELSEWHERE:
        assert (ROOT / RUN_ELSEWHERE[command]).exists()
        return
    words = shlex.split(command)
    if words[0] == "make":
        assert subprocess.run([*words, "--dry-run"], cwd=ROOT, capture_output=True).returncode == 0
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
