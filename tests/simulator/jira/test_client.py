"""The official client against Jira: only its address and credentials differ."""

from datetime import timedelta

import pytest
import requests

from simulator.atlassian.accounts import account_id, group_id
from simulator.jira.objects import HOLDERS
from simulator.oracle import documents, readable
from tests.simulator.atlassian_client import status_of
from tests.simulator.atlassian_schema import document_format


def values_of(act, size=5, **params):
    """Every value of a paged listing."""
    found, start = [], 0
    while True:
        page = act(start_at=start, max_results=size, **params)
        found += page["values"]
        if page["isLast"]:
            assert len(found) == page["total"]
            return found
        start += len(page["values"])


def test_search_by_token(client, state):
    service = client()
    found = service.enhanced_jql_get_list_of_tickets(
        "created > 2020-01-01 order by key", fields=["summary", "updated", "description"]
    )
    assert {row["id"] for row in found} == set(state.issues)
    assert len(found) == len(state.issues) > 50
    for row in found:
        if row["fields"]["description"]:
            document_format().validate(row["fields"]["description"])
    first = service.search_and_reconsile_issues_using_jql(jql="project = PLAT", max_results=2)
    assert [set(row) for row in first["issues"]] == [{"id"}, {"id"}]
    assert first["isLast"] is False
    token = first["nextPageToken"]
    posted = service.search_and_reconsile_issues_using_jql_post(
        data={"jql": "project = PLAT", "nextPageToken": token, "fields": ["*all"], "maxResults": 3}
    )
    assert len(posted["issues"]) == 3
    other = {"jql": "project = FW", "nextPageToken": token}
    assert status_of(lambda: service.search_and_reconsile_issues_using_jql_post(data=other)) == 400
    assert status_of(lambda: service.enhanced_jql("order by created")) == 400
    assert status_of(lambda: service.get("rest/api/3/search", params={"jql": "project=FW"})) == 410
    counted = service.post("rest/api/3/search/approximate-count", data={"jql": "project = FW"})
    firmware = state.project("FW").id
    assert counted["count"] == sum(one.project == firmware for one in state.issues.values())


@pytest.mark.parametrize(
    ("jql", "count"),
    [
        ("project in (HIRE, 'Heron') and type != Sub-task", 6),
        ("labels = pentest and level = 'Security only'", 1),
        ("key in (SEC-1, SEC-2)", 2),
        ("project = SUP and status = Done and labels is not empty", 4),
        ('text ~ "calibration is optional"', 1),
        ("project = QA and resolved is not empty", 2),
        ('assignee in (currentUser()) and project = "PLAT"', 0),
        ('project = DASH and updated >= "2020-01-01 00:00"', 4),
        ("parent is not empty and project = HIRE", 2),
        ("not project in (PLAT, FW, SEC, SUP, OPEN, HIRE, HER, DASH, QA)", 5),
    ],
)
def test_jql(client, jql, count):
    assert len(client().enhanced_jql(jql)["issues"]) == count


def test_jql_refuses_what_jira_refuses(client):
    service = client()
    for jql in (
        'updated >= "2026-05-18 09:00:30"',
        "colour = red",
        "project = NOPE",
        "project =",
        "project = PLAT order by colour",
    ):
        assert status_of(lambda jql=jql: service.enhanced_jql(jql)) == 400
    # A project that the caller can't see is one that does not exist.
    assert status_of(lambda: client("person-rosa").enhanced_jql("project = HER")) == 400


def test_jql_dates_are_minutes_in_the_callers_zone(client, running, state):
    running.world.clock.set(running.world.now().replace(second=0) + timedelta(hours=1))
    key = state.create_issue(project="FW", summary="Timed", reporter="gael")
    moment = state.issue(key).updated
    assert moment.second == 1
    dublin = f"{moment.astimezone(state.zone(None)):%Y-%m-%d %H:%M}"
    utc = f"{moment:%Y-%m-%d %H:%M}"

    def found(who, op, text):
        jql = f'summary ~ "Timed" and updated {op} "{text}"'
        return len(client(who).enhanced_jql(jql)["issues"])

    assert found("service-jira", ">=", dublin) == 1
    assert found("service-jira", "<=", dublin) == 0
    assert found("service-jira", "<=", utc) == 0
    assert found("person-hana", ">=", utc) == 1
    assert found("person-hana", "<", dublin) == 1
    shown = client("person-freya").get_issue(key, fields=["updated"])["fields"]["updated"]
    assert shown.endswith("+0200")
    assert client("person-hana").get_current_user()["timeZone"] == "UTC"


def test_issue_with_everything(client, keys):
    service = client()
    key = keys["Refund for May, Harbour Board"]
    got = service.get_issue(key, expand=["changelog", "names", "transitions"])
    fields = got["fields"]
    assert fields["security"]["name"] == "Customer confidential"
    assert fields["comment"]["comments"][0]["visibility"]["value"] == "Support team"
    document_format().validate(fields["comment"]["comments"][0]["body"])
    assert got["changelog"]["histories"][0]["items"][0]["toString"] == "In Progress"
    assert got["names"]["security"] == "Security Level"
    rescue = service.get_issue(keys["Rescue endpoint accepts certificates of any age"])
    people = next(f for f in rescue["fields"].values() if _accounts(f) == {"ada", "tomas"})
    assert len(people) == 2
    lunde = service.get_issue(keys["Candidate: A. Lunde"], fields=["issuerestriction", "parent"])
    assert lunde["fields"]["issuerestriction"]["shouldDisplay"] is True
    assert lunde["fields"]["parent"]["key"] == keys["Firmware engineer, Bergen"]
    plain = client(version=2).get_issue(keys["Storm mode wakes on boat wakes"])
    assert plain["fields"]["description"].endswith("A ferry is not a storm.")
    # The project was renamed and the issue moved: old keys lead on.
    assert service.get_issue("DASH-1")["key"] == "MAP-1"
    moved = keys["Load test writes into the wrong bucket"]
    assert moved.startswith("OPEN-")
    log = service.get_change_logs(moved)["values"][-1]["items"][0]
    assert service.get_issue(log["fromString"])["key"] == moved
    shut = keys["Sealed until the hearing"]
    held = service.get_issue_property(shut, "hold")
    assert held == {"key": "hold", "value": {"case": "2026/118"}}
    assert service.get_issue_property_keys(shut)["keys"][0]["key"] == "hold"
    assert status_of(lambda: client("person-quentin").get_issue(shut)) == 404


def _accounts(value):
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return None
    names = {one.get("displayName", "").partition(" ")[0] for one in value}
    return {"ada", "tomas"} if names == {"Ada", "Tomás"} else None


def test_bulk_fetch_and_changelogs(client, keys, state):
    gael = client("person-gael")
    wanted = ["FW-2", "SEC-1", "NOPE-1", "fw-1"]
    got = gael.bulk_fetch_issues(data={"issueIdsOrKeys": wanted, "fields": ["summary"]})
    assert [row["key"] for row in got["issues"]] == ["FW-1", "FW-2"]
    assert {row["id"] for row in got["issueErrors"]} == {"SEC-1", "NOPE-1"}
    logs = gael.get_bulk_changelogs(data={"issueIdsOrKeys": wanted})
    assert {row["issueId"] for row in logs["issueChangeLogs"]} >= {state.issue("FW-1").id}
    state.edit_issue(issue="FW-3", assignee="", labels=[], by="emil")
    values = values_of(lambda **given: client().get_change_logs("FW-3", **given), size=1)
    assert values[-1]["items"][0]["to"] is None
    assert status_of(lambda: client().bulk_fetch_issues(data={"issueIdsOrKeys": []})) == 400


def test_comments_for_some_only(client, keys):
    key = keys["Refund for May, Harbour Board"]
    assert len(client("person-viktor").get_comments(key)["comments"]) == 1
    assert client("person-rosa").get_comments(key)["comments"] == []
    jql = 'text ~ "do not offer more"'
    assert len(client("person-viktor").enhanced_jql(jql)["issues"]) == 1
    assert client("person-rosa").enhanced_jql(jql)["issues"] == []
    said = client("person-viktor").get_comments(key)["comments"][0]
    assert client("person-viktor").get_comment(key, said["id"])["body"]["type"] == "doc"
    assert status_of(lambda: client("person-rosa").get_comment(key, said["id"])) == 404


def test_permission_schemes_with_every_holder(client, state):
    service = client()
    listed = service.get_all_permission_schemes(expand=["all"])["permissionSchemes"]
    holders = [grant["holder"] for scheme in listed for grant in scheme["permissions"]]
    assert {one["type"] for one in holders} == set(HOLDERS)
    group = next(one for one in holders if one["type"] == "group")
    assert group["value"] == group_id(group["parameter"])
    assert all("parameter" not in one for one in holders if one["type"] in ("anyone", "reporter"))
    scheme = service.get_assigned_permission_scheme("PLAT", expand=["permissions"])
    assert scheme["name"] == "Engineering"
    own = service.get_assigned_permission_scheme("HIRE", expand=["permissions"])
    assert own["scope"]["project"]["id"] == state.project("HIRE").id
    assert own["id"] not in {one["id"] for one in listed}
    assert service.get_permission_scheme(scheme["id"], expand=["all"])["permissions"]
    grants = service.get_permission_scheme_grants(scheme["id"])["permissions"]
    body = {
        "permission": "BROWSE_PROJECTS",
        "holder": {"type": "user", "value": account_id("liam")},
    }
    made = service.create_permission_grant(scheme["id"], data=body)
    assert client("person-liam").get_issue("PLAT-1")["key"] == "PLAT-1"
    service.delete_permission_scheme_entity(scheme["id"], made["id"])
    assert status_of(lambda: client("person-liam").get_issue("PLAT-1")) == 404
    assert len(service.get_permission_scheme_grants(scheme["id"])["permissions"]) == len(grants)
    assert status_of(lambda: client("person-liam").get_assigned_permission_scheme("SUP")) == 403
    records = service.get_audit_records(filter="Engineering")["records"]
    assert records[0]["summary"] == "Permission scheme updated"
    assert status_of(lambda: client("person-liam").get_audit_records()) == 403


def test_security_schemes_levels_and_members(client, state):
    service = client()
    names = {
        one["name"]: one for one in service.get_issue_security_schemes()["issueSecuritySchemes"]
    }
    scheme = names["Confidential work"]["id"]
    assert len(service.get_issue_security_scheme(scheme)["levels"]) == 4
    assert service.get_project_issue_security_scheme("SEC")["id"] == scheme
    assert status_of(lambda: service.get_project_issue_security_scheme("FW")) == 404
    members = values_of(
        lambda **given: service.get_issue_security_level_members(scheme, **given), size=2
    )
    levels = values_of(service.get_security_levels, size=2, scheme_id=[str(scheme)])
    assert {row["issueSecurityLevelId"] for row in members} < {int(row["id"]) for row in levels}
    assert {row["holder"]["type"] for row in members} == {
        "group",
        "assignee",
        "reporter",
        "user",
        "userCustomField",
        "groupCustomField",
    }
    other = values_of(service.get_security_level_members, size=3, scheme_id=[str(scheme)])
    assert [row["holder"] for row in other] == [row["holder"] for row in members]
    mapped = values_of(service.search_projects_using_security_schemes, size=2)
    assert {row["projectId"] for row in mapped} == {
        state.project(k).id for k in ("PLAT", "SEC", "SUP")
    }
    assert values_of(service.search_security_schemes, size=1)[0]["projectIds"]
    assert service.get_issue_security_level(levels[0]["id"])["name"] == "Security only"
    assert service.get_security_levels_for_project("PLAT")["levels"]
    assert client("person-ivo").get_security_levels_for_project("FW")["levels"] == []
    assert status_of(lambda: client("person-ivo").get_issue_security_schemes()) == 403


def test_roles_and_actors(client, state):
    service = client()
    roles = service.get_project_roles("PLAT")
    assert set(roles) == {"Developers", "Support team", "Administrators"}
    number = roles["Developers"].rpartition("/")[2]
    actors = service.get_project_role("PLAT", number)["actors"]
    assert {one["actorGroup"]["groupId"] for one in actors} == {
        group_id(one) for one in ("platform", "cloud", "data")
    }
    assert set(service.get_project_roles("HIRE")) == {"Administrator", "Member", "Viewer"}
    viewer = service.get_project_roles("HIRE")["Viewer"].rpartition("/")[2]
    seen = service.get_project_role("HIRE", viewer)["actors"]
    assert {one["actorUser"]["accountId"] for one in seen} == {
        account_id(one) for one in ("freya", "padraig")
    }
    path = f"rest/api/3/project/HIRE/role/{viewer}"
    service.post(path, data={"user": [account_id("kaya")]})
    assert client("person-kaya").get_issue("HIRE-1")["key"] == "HIRE-1"
    service.delete(path, params={"user": account_id("kaya")})
    assert status_of(lambda: client("person-kaya").get_issue("HIRE-1")) == 404
    assert service.get_all_project_roles()
    assert service.get_project_role_by_id(number)["name"] == "Developers"


def test_people_groups_and_hidden_emails(client, running):
    service = client()
    groups = values_of(service.bulk_get_groups, size=6)
    assert len(groups) == len(running.world.directory.groups)
    members = values_of(service.get_users_from_group, size=4, group_id=group_id("engineering"))
    names = {one["displayName"]: one for one in members}
    assert "Kurt Brandt" not in names
    assert "emailAddress" not in names["Ivo Marković"]
    assert names["Ada Byrne"]["emailAddress"] == "ada@saltmarsh.example"
    more = values_of(
        service.get_users_from_group,
        size=9,
        group_id=group_id("engineering"),
        include_inactive_users=True,
    )
    gone = next(one for one in more if one["displayName"] == "Kurt Brandt")
    assert gone["active"] is False
    assert client("person-ivo").get_current_user()["emailAddress"] == "ivo@saltmarsh.example"
    everyone = service.get_all_users(start_at=0, max_results=200)
    assert "Nora Quinn" not in {one["displayName"] for one in everyone}
    assert service.find_users(query="ivo@") == []
    assert len(service.find_users(query="Ivo")) == 1
    assert service.get_user(account_id=account_id("nora"))["displayName"] == "Former user"
    assert service.bulk_get_users(account_id=[account_id("ada")])["total"] == 1
    mine = service.get_user_groups(account_id=account_id("dagny"))
    assert {"everyone", "on-call"} <= {one["name"] for one in mine}
    assert service.find_groups(query="field")["total"] == 3
    assert service.get_group(group_id=group_id("legal"))["name"] == "legal"
    assert client("person-ada").get_my_permissions(permissions="BROWSE_PROJECTS", project_key="FW")
    roles = service.get_all_application_roles()
    assert roles[0]["groups"] == ["everyone", "contractors"]


def test_permission_search_gives_short_pages(client, running):
    service, found, empty = client(), [], 0
    people = [one for one in running.world.directory.people.values() if not one.deleted]
    for start in range(0, len(people), 5):
        page = service.find_users_with_all_permissions(
            permissions="BROWSE_PROJECTS", project_key="HIRE", start_at=start, max_results=5
        )
        found += page
        empty += not page
    assert {one["displayName"] for one in found} == {
        "Orla Keane",
        "Pilar Vázquez",
        "Emil Haugen",
        "Freya Nygaard",
        "Pádraig Walsh",
    }
    assert empty


def test_asking_what_someone_may_do(client, running, state):
    """The service's check for a person says what the person would get."""
    shown = list(documents(running.world, "jira"))
    every = [int(one.id) for one in shown]
    projects = [int(one) for one in state.projects]
    lines = [{"permissions": ["BROWSE_PROJECTS"], "issues": every, "projects": projects}]

    def check(who, asker="service-jira"):
        body = {"accountId": account_id(who), "projectPermissions": lines}
        answer = client(asker).post("rest/api/3/permissions/check", data=body)
        return set(answer["projectPermissions"][0]["issues"])

    for who in ("ada", "bruno", "quentin", "petra", "otto", "kurt", "nora"):
        said = {int(one.id) for one in shown if readable(running.world, who, one)}
        assert check(who) == said
    assert check("ada", "person-ada") == check("ada")
    assert status_of(lambda: check("ada", "person-bruno")) == 403
    mine = client("person-ada").post(
        "rest/api/3/permissions/check", data={"globalPermissions": ["ADMINISTER"]}
    )
    assert mine == {"projectPermissions": [], "globalPermissions": []}


def test_projects(client, state, running):
    service = client()
    found = values_of(service.search_projects, size=3, expand="lead,insight,description")
    assert len(found) == len(state.projects)
    assert {one["style"] for one in found} == {"classic", "next-gen"}
    assert service.get_project("DASH")["key"] == "MAP"
    helga = client("person-helga")
    assert status_of(helga.get_all_projects) == 403
    samir = {one["key"] for one in client("person-samir").get_all_projects()}
    assert samir == {"SUP", "OPEN", "MAP", "QA", "PLAT", "FW", "SEC", "FINR"}
    # Grants to reporters and assignees list a project for everyone; its issues stay hidden.
    assert client("person-samir").enhanced_jql("project = PLAT")["issues"] == []
    assert service.get_server_info()["deploymentType"] == "Cloud"
    for path in ("field", "issuetype", "status", "priority", "label", "user/bulk"):
        assert service.get(f"rest/api/3/{path}") is not None
    told = requests.get(f"{running.url}/_edge/tenant_info", timeout=5).json()
    assert set(told) == {"cloudId"}


def test_people_without_an_account(running, published, keys):
    with requests.Session() as session:
        session.hooks["response"].append(published.check)
        root = f"{running.url}/rest/api/3"
        found = session.get(f"{root}/search/jql?jql=created>2020-01-01&fields=project").json()
        assert {row["fields"]["project"]["key"] for row in found["issues"]} == {"OPEN"}
        assert session.get(f"{root}/issue/PLAT-1").status_code == 401
        assert session.get(f"{root}/myself").status_code == 401
        bad = session.get(f"{root}/myself", auth=("a", "person-kurt"))
        assert bad.status_code == 401
        assert "WWW-Authenticate" in bad.headers
