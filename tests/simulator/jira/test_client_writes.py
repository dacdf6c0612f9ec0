"""The official client writes to Jira, and meets a bad day."""

import requests

from simulator.atlassian.accounts import account_id
from simulator.atlassian.markup import to_adf
from tests.simulator.atlassian_client import status_of
from tests.simulator.atlassian_schema import document_format


def test_writes(client, state, running):
    ada, petra = client("person-ada"), client("person-petra")
    body = {
        "project": {"key": "PLAT"},
        "issuetype": {"name": "Bug"},
        "summary": "From the outside",
        "description": to_adf("A **bold** line for @ada"),
        "labels": ["new"],
    }
    made = ada.create_issue(data={"fields": body, "properties": [{"key": "k", "value": 1}]})
    key = made["key"]
    got = ada.get_issue(key, properties="*all")
    assert got["fields"]["reporter"]["accountId"] == account_id("ada")
    assert got["properties"] == {"k": 1}
    assert status_of(lambda: petra.create_issue(data={"fields": body})) == 400
    assert status_of(lambda: ada.create_issue(data={"fields": body | {"summary": ""}})) == 400
    assert status_of(lambda: ada.create_issue(data={"fields": body | {"labels": ["a b"]}})) == 400
    said = ada.add_comment(key, data={"body": to_adf("hello")})
    ada.update_comment(key, said["id"], data={"body": to_adf("changed")})
    document_format().validate(ada.get_comment(key, said["id"])["body"])
    only = {"type": "role", "value": "Developers"}
    ada.add_comment(key, data={"body": to_adf("psst"), "visibility": only})
    assert status_of(lambda: ada.add_comment(key, data={"body": "plain"})) == 400
    assert client("person-ada", 2).add_comment(key, data={"body": "plain"})["body"] == "plain"
    change = {"update": {"labels": [{"add": "two"}, {"remove": "new"}]}}
    ada.edit_issue(key, data=change | {"fields": {"summary": "Renamed"}})
    assert ada.get_issue(key)["fields"]["labels"] == ["two"]
    steps = ada.get_transitions(key)["transitions"]
    done = next(one["id"] for one in steps if one["name"] == "Done")
    ada.do_transition(key, data={"transition": {"id": done}})
    assert ada.get_issue(key)["fields"]["resolutiondate"]
    assert status_of(lambda: ada.do_transition(key, data={"transition": {"id": "999"}})) == 400
    ada.set_issue_property(key, "p", data={"a": [1]})
    assert ada.get_issue_property(key, "p")["value"] == {"a": [1]}
    ada.delete_issue_property(key, "p")
    sent = ada.request(
        "POST",
        f"rest/api/3/issue/{key}/attachments",
        headers={"X-Atlassian-Token": "no-check"},
        files={"file": ("n.bin", b"\x00\x01\r\n\x02", "application/octet-stream")},
    ).json()
    file = sent[0]["id"]
    held = ada.get(f"rest/api/3/attachment/content/{file}", not_json_response=True)
    assert held == b"\x00\x01\r\n\x02"
    assert ada.get_attachment(file)["size"] == 5
    level = next(
        k for s in state.securities.values() for k, one in s.levels.items() if one.name == "Nobody"
    )
    ada.edit_issue(key, data={"fields": {"security": {"id": level}}})
    assert status_of(lambda: ada.get_issue(key)) == 404
    assert client().get_issue(key)["fields"]["security"]["name"] == "Nobody"
    client().delete_issue(key)
    assert status_of(lambda: client().get_issue(key)) == 404
    records = client().get_audit_records(filter=key)["records"]
    assert [one["objectItem"]["typeName"] for one in records] == ["ISSUE_DELETE"]
    assert status_of(lambda: client("person-chidi").delete_issue("PLAT-2")) == 403
    assert (
        status_of(lambda: client("person-sven").add_comment("FW-1", data={"body": to_adf("x")}))
        == 404
    )


def test_restricting_an_issue(client, state):
    emil = client("person-emil")
    admins = emil.get_project_roles("HER")["Administrator"].rpartition("/")[2]
    asked = {"issuerestriction": {"issuerestrictions": {"projectrole": [admins]}}}
    assert client("person-gael").get_issue("HER-1")["key"] == "HER-1"
    emil.edit_issue("HER-1", data={"fields": asked})
    assert status_of(lambda: client("person-gael").get_issue("HER-1")) == 404
    emil.edit_issue("HER-1", data={"fields": {"issuerestriction": {"issuerestrictions": {}}}})
    assert client("person-gael").get_issue("HER-1")["key"] == "HER-1"


def test_searches_lag_behind_writes(client, running, state):
    service, faults = client(), running.world.faults
    faults.add("search_lag", vendor="jira", seconds=90)
    key = state.create_issue(project="FW", summary="Lagging", reporter="gael")
    number = state.issue(key).id
    jql = 'summary ~ "Lagging"'
    assert service.enhanced_jql(jql)["issues"] == []
    fresh = service.search_and_reconsile_issues_using_jql(jql=jql, reconcile_issues=[number])
    assert [row["id"] for row in fresh["issues"]] == [number]
    assert service.get_issue(key)["id"] == number
    running.world.time.advance(seconds=91)
    assert len(service.enhanced_jql(jql)["issues"]) == 1
    state.edit_issue(issue=key, priority="High")
    recent = jql + " and updated >= -1m"
    assert service.enhanced_jql(recent)["issues"] == []
    faults.clear()
    assert len(service.enhanced_jql(recent)["issues"]) == 1


def test_bad_days_look_like_jiras(client, running):
    faults, root = running.world.faults, f"{running.url}/rest/api/3"
    signed = {"auth": ("any", "service-jira"), "timeout": 5}
    faults.add("rate_limit", vendor="jira", endpoint="search.jql", seconds=30, as_date=True)
    told = requests.get(f"{root}/search/jql?jql=project=FW", **signed)
    assert told.status_code == 429
    assert told.headers["Retry-After"].endswith("GMT")
    faults.add("expired_cursor", vendor="jira")
    page = requests.get(f"{root}/search/jql?jql=project=FW&maxResults=2", **signed).json()
    again = {"jql": "project=FW", "nextPageToken": page["nextPageToken"]}
    assert requests.get(f"{root}/search/jql", params=again, **signed).status_code == 400
    assert requests.get(f"{root}/search/jql", params=again, **signed).status_code == 200
    faults.add("cut_short", vendor="jira", endpoint="search.jql")
    page = requests.get(f"{root}/search/jql?jql=project=FW&maxResults=2", **signed).json()
    assert page["isLast"] is True
    faults.add("forbidden", vendor="jira", match="FW-1")
    assert requests.get(f"{root}/issue/FW-1", **signed).status_code == 403
    faults.clear()
