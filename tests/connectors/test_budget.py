"""Several processes with one credential: together they ask no more than one may."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import Source
from connectors.budget import Budget
from connectors.interface import NotConfigured, SourceUnavailable
from connectors.retry import Again, Retry
from tests.fixtures.wire import Answer, Asked, Wire, serving

ROOT = Path(__file__).parents[2]
RATE, BURST, EACH, WORKERS = 25.0, 5, 15, 3

WORKER = """
import sys
from pathlib import Path
from access import Source
from connectors.registry import open_connector
from connectors.github.settings import GitHubSettings
from connectors.google_drive.settings import GoogleDriveSettings

source, url, folder, times = sys.argv[1:]
shared = dict(_env_file=None, rate=RATE, burst=BURST, attempts=3)
settings = (
    GitHubSettings(token="sesame", organisations=("acme",), api_url=url, **shared)
    if source == "github"
    else GoogleDriveSettings(access_token="sesame", shared_drives=(), api_root=url, **shared)
)
connector = open_connector(Source(source), settings, budgets=Path(folder))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(times)):
    list(connector.containers())
""".replace("RATE", str(RATE)).replace("BURST", str(BURST))


@contextmanager
def workers(source: Source, url: str, folder: Path, each: int) -> Iterator[list[subprocess.Popen]]:
    """Processes that all have begun when the block does; each makes so many requests."""
    with ExitStack() as stack:
        found = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WORKER, source.value, url, str(folder), str(each)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(WORKERS)
        ]
        for one in found:
            stack.callback(one.kill)
        for one in found:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in found:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        yield found


class Vendor:
    """Answers both vendors' first request, and notes when each one came."""

    def __init__(self, throttle_at: int = 0, seconds: int = 0):
        self.came: list[float] = []
        self.throttled = math.inf
        self._throttle_at, self._seconds = throttle_at, seconds
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        with self._lock:
            self.came.append(time.time())
            if len(self.came) == self._throttle_at:
                self.throttled = self.came[-1]
                return Answer({"message": "slow"}, 429, {"Retry-After": str(self._seconds)})
        if asked.path.startswith("/orgs"):
            return Answer([])
        return Answer({"user": {"permissionId": "9", "displayName": "Ava"}})


@pytest.mark.parametrize("source", [Source.GITHUB, Source.GOOGLE_DRIVE])
def test_processes_together_stay_within_the_rate(source: Source, tmp_path: Path) -> None:
    vendor = Vendor()
    with serving(vendor) as wire:
        began = time.time()
        with workers(source, wire.url, tmp_path, EACH) as found:
            assert [each.wait(60) for each in found] == [0] * WORKERS
    assert len(vendor.came) == WORKERS * EACH
    for n, came in enumerate(sorted(vendor.came), 1):
        assert came - began >= (n - BURST) / RATE - 0.01
    assert len(list(tmp_path.iterdir())) == 1, "one credential, one budget"
    (file,) = tmp_path.iterdir()
    assert "sesame" not in file.name
    assert b"sesame" not in file.read_bytes()


def test_what_one_is_told_to_wait_all_wait(tmp_path: Path) -> None:
    vendor = Vendor(throttle_at=10, seconds=3)
    with (
        serving(vendor) as wire,
        workers(Source.GITHUB, wire.url, tmp_path, EACH) as found,
    ):
        assert [each.wait(60) for each in found] == [0] * WORKERS
    assert len(vendor.came) == WORKERS * EACH + 1
    told = vendor.throttled
    # A second for the word to go round on a busy machine; what was under way then may still come.
    assert sum(told + 1 < each < told + 3 for each in vendor.came) < WORKERS
    assert vendor.came[-1] > told + 3


def test_a_process_killed_in_the_middle_holds_nothing(tmp_path: Path) -> None:
    vendor = Vendor()
    with serving(vendor) as wire, workers(Source.GITHUB, wire.url, tmp_path, 1000) as found:
        while len(vendor.came) < BURST + 3:
            time.sleep(0.01)
        for each in found[1:]:
            each.kill()
            each.wait()
        already = len(vendor.came)
        while len(vendor.came) < already + 20:
            assert found[0].poll() is None
            time.sleep(0.01)


def test_a_process_killed_with_the_lock_in_its_hand_holds_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from access import Source\n"
        "from connectors.budget import Budget\n"
        f"b = Budget.of(Path({str(tmp_path)!r}), Source.GITHUB, 'x', 1e9, 1)\n"
        "print('ready', flush=True)\n"
        "while True: b.take()"
    )
    budget = Budget.of(tmp_path, Source.GITHUB, "x", 1e9, 1)
    assert budget is not None
    for n in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(random.Random(n).random() / 50)
            process.kill()
        while budget.take():
            pass


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@given(
    rate=st.floats(0.5, 200),
    burst=st.integers(1, 50),
    steps=st.lists(
        st.one_of(
            st.floats(0, 3).map(lambda s: ("pass", s)),
            st.just(("ask", 0.0)),
            st.floats(0, 5).map(lambda s: ("pause", s)),
        ),
        max_size=60,
    ),
)
def test_no_window_has_more_than_rate_and_burst_and_none_a_request_in_a_pause(
    tmp_path_factory: pytest.TempPathFactory,
    rate: float,
    burst: int,
    steps: list[tuple[str, float]],
) -> None:
    clock, until = Clock(), 0.0
    path = tmp_path_factory.mktemp("budget") / "file"
    budgets = [Budget(Source.GITHUB, path, rate, burst, clock) for _ in range(2)]
    taken: list[float] = []
    for n, (kind, seconds) in enumerate(steps):
        budget = budgets[n % 2]
        if kind == "pass":
            clock.now += seconds
        elif kind == "pause":
            budget.pause(seconds)
            until = max(until, clock.now + seconds)
        else:
            wait = budget.take()
            if wait == 0:
                assert clock.now >= until - 1e-4
                taken.append(clock.now)
            else:
                clock.now += wait + 1e-4
                assert budget.take() == 0, "whoever waits as long as told is let in"
                taken.append(clock.now)
    for first, began in enumerate(taken):
        for n, ended in enumerate(taken[first:], 1):
            assert n <= burst + rate * (ended - began) + 0.01


@pytest.mark.parametrize("content", [b"", b"abc", b"\xff" * 8, b"\x00" * 6 + b"\xf0\x7f"])
def test_a_file_that_something_wrote_over_stops_nobody(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert Budget(Source.GITHUB, path, 1.0, 1).take() == 0


def test_a_clock_that_was_set_back_stops_nobody_for_days(tmp_path: Path) -> None:
    clock = Clock()
    budget = Budget(Source.GITHUB, tmp_path / "file", 1.0, 1, clock)
    assert budget.take() == 0
    clock.now -= 30 * 86_400
    assert budget.take() == 0


def test_other_credentials_have_other_budgets(tmp_path: Path) -> None:
    one, other = (Budget.of(tmp_path, Source.GITHUB, name, 1.0, 1) for name in ("a", "b"))
    assert one is not None
    assert other is not None
    one.pause(60)
    assert other.take() == 0
    assert one.take() > 50


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    budget = Budget.of(tmp_path / "file", Source.GITHUB, "a", 1.0, 1)
    assert budget is not None
    with pytest.raises(NotConfigured, match="budget"):
        budget.take()


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(NotConfigured, match=f"No space left.*{tmp_path}"):
        Budget(Source.GITHUB, tmp_path / "full", 1.0, 1).take()


def retried(budget: Budget, request: Callable[[], str], slept: list[float]) -> str:
    return Retry(Source.GITHUB, 3, 10.0, slept.append, lambda: 1.0, budget).call(
        request, lambda _: Again("throttled", 429, 3600.0, throttled=True)
    )


def test_a_pause_longer_than_allowed_stops_the_others_without_a_request(tmp_path: Path) -> None:
    budget = Budget(Source.GITHUB, tmp_path / str(os.getpid()), 1.0, 1)
    asked: list[int] = []

    def refused() -> str:
        asked.append(1)
        raise OSError

    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="in 3600 seconds"):
            retried(budget, refused, [])
    assert len(asked) == 1


def test_threads_of_one_process_share_the_budget_too(tmp_path: Path) -> None:
    budget = Budget(Source.GITHUB, tmp_path / "file", 50.0, 2)
    retry = Retry(Source.GITHUB, 3, 10.0, budget=budget)
    vendor = Vendor()
    with serving(vendor) as wire:
        began = time.time()
        _ask_from_threads(retry, wire)
    assert vendor.came[-1] - began >= (20 - 2) / 50 - 0.01


def _ask_from_threads(retry: Retry, wire: Wire) -> None:
    from urllib.request import urlopen

    def ask() -> None:
        for _ in range(5):
            retry.call(lambda: urlopen(f"{wire.url}/orgs").read(), lambda error: error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
