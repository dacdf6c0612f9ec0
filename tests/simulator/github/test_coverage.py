"""Nothing is served that the SDK tests do not ask for."""

import inspect
from collections import deque

import github

from simulator.embedded import serve
from simulator.github.api import API
from simulator.world import World
from tests.simulator.github import test_graphql, test_sdk_reads, test_sdk_writes


def test_every_endpoint_is_exercised_by_the_sdk():
    with serve(World.company()) as running:
        running.world.requests = deque()

        def client(person="dagny", **options):
            token = f"service-{person}" if person == "github" else running.token(person)
            quiet = {
                "retry": None,
                "seconds_between_requests": None,
                "seconds_between_writes": None,
            }
            base = f"{running.url}/github"
            return github.Github(base_url=base, auth=github.Auth.Token(token), **(quiet | options))

        fixtures = {"running": running, "client": client}
        for module in (test_sdk_reads, test_sdk_writes, test_graphql):
            for name, test in inspect.getmembers(module, inspect.isfunction):
                if name.startswith("test_"):
                    test(**{key: fixtures[key] for key in inspect.signature(test).parameters})
        asked = {line.endpoint for line in running.world.requests if line.status < 300}
    assert {name for _, _, name in API.endpoints} - asked == set()
