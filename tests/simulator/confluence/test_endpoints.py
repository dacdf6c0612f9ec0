"""Every address that can be read answers, as published."""

import re

import pytest

from simulator.atlassian.accounts import account_id, group_id
from simulator.confluence.api import API
from simulator.confluence.state import ConfluenceState
from tests.simulator.atlassian_schema import UNPUBLISHED

READ = sorted({path for method, path, _ in API.endpoints if method == "GET"})
STATUS = {"/rest/api/content/{id}/child/attachment/{file}/download": 302}


@pytest.mark.parametrize("path", READ)
def test_answers_as_published(path, running, client, published):
    state = ConfluenceState.of(running.world)
    titles = {one.title: one.id for one in state.contents.values()}
    page, blog = titles["Closing the year 2024"], titles["The year ahead"]
    travel = titles["Travel policy 2026"]
    file = state.attachments_on(travel)[0]
    space = state.space("HR")
    filled = {
        "id": page,
        "key": "reviewed" if "property" in path else "HR",
        "type": "page",
        "operation": "read",
        "group": group_id("everyone"),
        "name": file.name,
        "comment": next(iter(state.comments)),
        "file": file.id,
    }
    if "/blogposts/{id}" in path:
        filled["id"] = blog
    if "/spaces/{id}" in path:
        filled["id"] = space.id
    if "/attachments/{id}" in path and "/api/v2" in path:
        filled["id"] = file.id
    if "attachment" in path and "/api/v2" not in path:
        filled["id"] = travel
    if path.endswith(("/user", "/byGroupId/{group}")) and "restriction" in path:
        filled["id"] = titles["Heron supplier quotes" if "user" in path else "Salary bands 2026"]
        filled["group"] = group_id("leadership")
    given = {
        "accountId": account_id("gael"),
        "cql": "type = page",
        "id": group_id("legal") if "by-id" in path else "",
        "name": "legal",
        "limit": 2,
    }
    if path.startswith("/api/v2"):
        given = {"limit": 2}
    real = re.sub(r"\{(\w+)\}", lambda hole: filled[hole[1]], path)
    answer = client().request(
        "GET", real.lstrip("/"), params=given, advanced_mode=True, allow_redirects=False
    )
    assert answer.status_code == STATUS.get(path, 200), answer.text
    told = "/wiki" + path
    if published.unknown:
        assert told in UNPUBLISHED
    else:
        assert len(published.checked) == 1
