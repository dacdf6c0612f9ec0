"""Real Git against the simulator."""

import os
import shutil
import subprocess

import httpx
import pytest

from simulator.embedded import serve
from simulator.github.state import GithubState
from simulator.world import World

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
ORG = "saltmarsh"


@pytest.fixture(scope="module")
def running():
    with serve(World.company()) as server:
        yield server


def git(*args, cwd=None, fails=False):
    env = os.environ | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": "/nonexistent",
    }
    done = subprocess.run(
        ["git", *args], cwd=cwd, env=env, capture_output=True, text=True, timeout=60
    )
    if not fails:
        assert done.returncode == 0, done.stderr
    return done


def address(running, person, name):
    host = running.url.removeprefix("http://")
    return f"http://x-access-token:{running.token(person)}@{host}/github.com/{ORG}/{name}.git"


def test_a_wiki_is_cloned_and_fetched(running, tmp_path):
    git("clone", "-q", address(running, "freya", "handbook.wiki"), "wiki", cwd=tmp_path)
    wiki = tmp_path / "wiki"
    assert {p.name for p in wiki.glob("*.md")} == {
        "Home.md",
        "On-call-rota.md",
        "Word-list.md",
        "Lab-safety.md",
    }
    assert "calibration bath" in (wiki / "Lab-safety.md").read_text()
    git("fsck", "--strict", cwd=wiki)
    running.world.do(
        "github.write_page", repo=f"{ORG}/handbook", title="New page", text="new\n", by="ada"
    )
    running.world.do("github.move_page", repo=f"{ORG}/handbook", title="Home", to="Start", by="ada")
    git("pull", "-q", cwd=wiki)
    assert (wiki / "New-page.md").read_text() == "new\n"
    renamed = git("log", "-1", "--format=%s %an", "--name-status", "-M", cwd=wiki).stdout
    assert "Renamed Home to Start Ada Byrne" in renamed
    assert "R100\tHome.md\tStart.md" in renamed


def test_a_repository_is_cloned(running, tmp_path):
    git("clone", "-q", address(running, "freya", "buoy-firmware"), "repo", cwd=tmp_path)
    repo = tmp_path / "repo"
    git("fsck", "--strict", cwd=repo)
    state = GithubState.of(running.world)
    held = state.repo(f"{ORG}/buoy-firmware").git
    assert git("rev-parse", "HEAD", cwd=repo).stdout.strip() == held.branches["main"]
    assert git("rev-parse", "HEAD^{tree}", cwd=repo).stdout.strip() == held.head.tree
    branches = git("branch", "-r", "--format=%(refname:short)", cwd=repo).stdout.split()
    assert "origin/sequence-in-flash" in branches


def test_a_shallow_clone_deepens(running, tmp_path):
    git(
        "clone", "-q", "--depth=1", address(running, "freya", "buoy-firmware"), "repo", cwd=tmp_path
    )
    repo = tmp_path / "repo"
    assert git("rev-list", "--count", "HEAD", cwd=repo).stdout.strip() == "1"
    git("fetch", "-q", "--depth=3", cwd=repo)
    assert int(git("rev-list", "--count", "HEAD", cwd=repo).stdout) > 1


def test_who_may_clone(running, tmp_path):
    def attempt(url):
        return git("clone", "-q", url, "x", cwd=tmp_path, fails=True)

    assert "not found" in attempt(address(running, "petra", "handbook.wiki")).stderr
    assert attempt(address(running, "kurt", "handbook.wiki")).returncode != 0
    assert "not found" in attempt(address(running, "samir", "field-app.wiki")).stderr
    assert "not found" in attempt(address(running, "emil", "security-notes.wiki")).stderr
    bare = f"{running.url}/github.com/{ORG}/handbook.wiki.git"
    assert "could not read Username" in attempt(bare).stderr
    # Anybody may clone what is public.
    git("clone", "-q", f"{running.url}/github.com/{ORG}/buoy-sdk.git", "sdk", cwd=tmp_path)
    assert (tmp_path / "sdk" / "saltmarsh" / "frame.py").exists()


def test_raw_files(running):
    base = f"{running.url}/github.com/{ORG}"
    headers = {"Authorization": f"Bearer {running.token('freya')}"}
    found = httpx.get(f"{base}/buoy-firmware/raw/main/src/frame.h", headers=headers)
    assert "FRAME_VERSION" in found.text
    assert httpx.get(f"{base}/buoy-firmware/raw/main/src/frame.h").status_code == 401
    assert httpx.get(f"{base}/buoy-firmware/raw/main/none", headers=headers).status_code == 404
    assert httpx.get(f"{base}/handbook/wiki/Word-list.md", headers=headers).text.startswith(
        "# Word"
    )
    clone_url = httpx.get(f"{running.url}/github/repos/{ORG}/buoy-sdk", headers=headers).json()[
        "clone_url"
    ]
    assert clone_url == f"{base}/buoy-sdk.git"
