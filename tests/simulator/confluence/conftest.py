import warnings

import pytest

from simulator.confluence.state import ConfluenceState
from simulator.embedded import serve
from simulator.world import World
from tests.simulator.atlassian_schema import Published


@pytest.fixture(scope="module")
def running():
    with serve(World.company()) as server:
        yield server


@pytest.fixture(scope="module")
def ids(running):
    state = ConfluenceState.of(running.world)
    return {content.title: content.id for content in state.contents.values()}


@pytest.fixture
def published():
    return Published("confluence-v1", "confluence-v2")


@pytest.fixture
def client(running, published):
    """Makes official clients: nothing but an address and credentials."""

    def make(who="service-confluence", version=1):
        from atlassian import Confluence

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made = Confluence(
                url=f"{running.url}/wiki",
                username=f"{who}@saltmarsh.example",
                password=who,
                cloud=True,
                api_version=version,
                backoff_and_retry=False,
            )
        made._session.hooks["response"].append(published.check)
        return made

    return make
