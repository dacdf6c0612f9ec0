"""Every address that can be read answers, as published."""

import re

import pytest

from simulator.atlassian.accounts import account_id, group_id
from simulator.jira.api import API
from simulator.jira.state import JiraState

READ = sorted({path for method, path, _ in API.endpoints if method == "GET" and "/api/3" in path})
STATUS = {"/api/3/search": 410, "/api/3/attachment/content/{file}": 303}


@pytest.mark.parametrize("path", READ)
def test_answers_as_published(path, running, client, published):
    state = JiraState.of(running.world)
    issue = next(one for one in state.issues.values() if one.properties)
    if "comment" in path:
        issue = next(one for one in state.issues.values() if one.comments)
    scheme = next(iter(state.securities.values()))
    filled = {
        "issue": state.key(issue),
        "comment": next(iter(issue.comments), ""),
        "key": next(iter(issue.properties), ""),
        "project": "PLAT",
        "role": next(iter(state.roles)),
        "scheme": scheme.id if "security" in path else next(iter(state.schemes)),
        "level": next(iter(scheme.levels)),
        "file": next(iter(state.attachments)),
    }
    given = {
        "jql": "project = PLAT",
        "permissions": "BROWSE_PROJECTS,ADMINISTER",
        "projectKey": "PLAT",
        "accountId": account_id("ada"),
        "expand": "all,groups,applicationRoles,permissions,lead,description,insight,issueTypes",
        "query": "a",
    }
    if path.endswith(("/group", "/group/member")):
        given["groupId"] = group_id("engineering")
    real = re.sub(r"\{(\w+)\}", lambda hole: filled[hole[1]], path)
    answer = client().request(
        "GET", f"rest{real}", params=given, advanced_mode=True, allow_redirects=False
    )
    assert answer.status_code == STATUS.get(path, 200), answer.text
    assert len(published.checked) == 1
    assert not published.unknown
