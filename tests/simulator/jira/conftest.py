import pytest

from simulator.embedded import serve
from simulator.jira.state import JiraState
from simulator.world import World
from tests.simulator.atlassian_schema import Published


@pytest.fixture(scope="module")
def running():
    with serve(World.company()) as server:
        yield server


@pytest.fixture(scope="module")
def state(running):
    return JiraState.of(running.world)


@pytest.fixture(scope="module")
def keys(state):
    return {issue.summary: state.key(issue) for issue in state.issues.values()}


@pytest.fixture
def published():
    return Published("jira-platform-v3")


@pytest.fixture
def client(running, published):
    """Makes official clients: nothing but an address and credentials."""

    def make(who="service-jira", version=3):
        from atlassian.jira import JiraCloud

        made = JiraCloud(
            url=running.url,
            username=f"{who}@saltmarsh.example",
            password=who,
            api_version=version,
            backoff_and_retry=False,
        )
        made._session.hooks["response"].append(published.check)
        return made

    return make
