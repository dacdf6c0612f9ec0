import github
import pytest

from simulator.embedded import serve
from simulator.github.api import API
from simulator.world import World
from tests.simulator.github.published import PUBLISHED, judge


@pytest.fixture(autouse=True)
def published(monkeypatch):
    """Every answer of a test is held against GitHub's description."""
    wrong, answer = [], API.call

    def watched(world, method, target, headers, body=b"", base=""):
        reply = answer(world, method, target, headers, body, base)
        path = target.partition("?")[0]
        damaged = any(f.kind in ("truncated_json",) for f in world.faults.log)
        if PUBLISHED is not None and not damaged and base:
            wrong.extend(judge(method, path, reply.status, reply.headers, reply.body))
        return reply

    monkeypatch.setattr(API, "call", watched)
    yield wrong
    assert not wrong, "\n".join(dict.fromkeys(wrong[:20]))


@pytest.fixture(scope="module")
def running():
    with serve(World.company()) as server:
        yield server


@pytest.fixture
def client(running):
    """PyGithub as someone: address and token, and the SDK's own politeness turned off."""

    def make(person="dagny", **options):
        token = f"service-{person}" if person == "github" else running.token(person)
        return github.Github(
            base_url=f"{running.url}/github",
            auth=github.Auth.Token(token),
            **{"retry": None, "seconds_between_requests": None, "seconds_between_writes": None}
            | options,
        )

    return make
