"""Whatever is sent gets an answer in the vendor's shape, and breaks nothing."""

import json
import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.atlassian.accounts import account_id, group_id
from simulator.confluence.state import ConfluenceState
from simulator.jira.state import JiraState
from simulator.world import World
from tests.simulator.atlassian_worlds import CONFLUENCE, JIRA, ask, confluence_sees, jira_sees

NAMES = """
accountId add ancestors body comment container content description expand fields group groupId
groups holder id identifier issueIdsOrKeys issues issuerestriction issuerestrictions issuetype
jql key label labels maxResults name nextPageToken number operation parameter parent parentId
permission permissions priority project projectPermissions projectrole projects properties
reconcileIssues remove reporter representation restrictions results role security space spaceId
status storage subject summary target text title transition type update user value version
visibility
""".split()  # noqa: SIM905
WORDS = """
page comment current draft read update space user group role doc paragraph text storage
atlas_doc_format PLAT ENG PLAT-1 Task Bug Medium
""".split()  # noqa: SIM905
ASKED = """
jql cql startAt maxResults limit start cursor nextPageToken expand status version accountId id
name title type startDate from to offset fields permissions projectKey issueKey spaceKey sort
body-format
""".split()  # noqa: SIM905
scalar = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**16),
    st.text(max_size=5),
    st.sampled_from(
        [*WORDS, account_id("ada"), group_id("platform"), "-99999999999d", "٣", "\x00"]
    ),
)
value = st.recursive(
    scalar,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    ),
    max_leaves=12,
)
query = st.dictionaries(
    st.sampled_from(ASKED),
    st.one_of(
        st.text(max_size=6),
        st.sampled_from(
            (
                "(" * 300,
                "updated > -9999999999999d",
                "created = 99999999999999999999",
                'lastmodified in ("2026-01-01")',
                "type is empty",
                "eyJmcm9tIjogLTV9",
                "bm90aGluZw",
                "9" * 30,
                "*all,-x",
                "body.storage.x.y,restrictions.read",
            )
        ),
    ),
    max_size=3,
)


@pytest.fixture(scope="module")
def world():
    return World.company()


@pytest.mark.parametrize("who", ["ada", "tomas"])
@pytest.mark.parametrize("api", [CONFLUENCE, JIRA], ids=lambda api: api.vendor)
def test_nothing_breaks(api, who, world):
    routes = sorted({(method, path) for method, path, _ in api.endpoints})
    content = ConfluenceState.of(world).contents
    page = next(one.id for one in content.values() if one.title == "Coding conventions")
    filled = {
        "id": page,
        "issue": "PLAT-1",
        "project": "PLAT",
        "key": "ENG",
        "type": "page",
        "operation": "read",
        "scheme": next(iter(JiraState.of(world).schemes)),
        "comment": next(iter(ConfluenceState.of(world).comments)),
        "role": next(iter(JiraState.of(world).roles)),
    }

    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(route=st.sampled_from(routes), odd=st.one_of(st.none(), scalar), args=query, body=value)
    def check(route, odd, args, body):
        method, path = route

        def fill(hole):
            return quote(filled.get(hole[1], "1") if odd is None else str(odd) or "x", safe="")

        target = re.sub(r"\{(\w+)\}", fill, path)
        target += "?" + "&".join(f"{key}={quote(one)}" for key, one in args.items())
        headers = {"authorization": f"Bearer person-{who}", "x-atlassian-token": "no-check"}
        reply = api.call(world, method, target, headers, json.dumps(body).encode(), "http://sim")
        assert reply.status < 500
        if reply.status >= 400:
            assert isinstance(json.loads(reply.body), dict)

    check()
    assert confluence_sees(world, "tomas")
    assert jira_sees(world, "tomas")
    status, _ = ask(CONFLUENCE, world, "ada", f"/rest/api/content/{page}?expand=body.storage")
    assert status in (200, 404)
