"""One issue: its fields, changelog, transitions and properties."""

from __future__ import annotations

from simulator.atlassian.bodies import Body
from simulator.jira.api import (
    bean,
    error,
    expands,
    issue_for,
    me,
    mirror,
    no_issue,
    on,
    sight,
)
from simulator.jira.render import NAVIGABLE, ONLY_ALL, Renderer
from simulator.wire import Call, Reply, reply_json


@on("GET", "/issue/{issue}", "issues.get")
def get_issue(call: Call) -> Reply:
    """One issue by id or key, an old key included."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    render = Renderer(call, eyes)
    everything = (*NAVIGABLE, *ONLY_ALL, *eyes.state.fields)
    fields = render.wanted(call.query.get("fields", []), everything)
    row = render.issue(issue, fields, expands(call))
    if call.arg("properties"):
        names = call.arg("properties").split(",")
        every = "*all" in names
        row["properties"] = {k: v for k, v in issue.properties.items() if every or k in names}
    return reply_json(row)


@on("GET", "/issue/{issue}/changelog", "issues.changelog")
def changelog(call: Call) -> Reply:
    """The changes of an issue, oldest first."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    return bean(call, issue.changelog, Renderer(call, eyes).history, 100, 100)


@on("GET", "/issue/{issue}/transitions", "transitions.list")
def list_transitions(call: Call) -> Reply:
    """What the caller may do with an issue's status."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    may = eyes.may("TRANSITION_ISSUES", eyes.state.projects[issue.project], issue)
    rows = Renderer(call, eyes).transitions() if may else []
    return reply_json({"expand": "transitions", "transitions": rows})


@on("POST", "/issue/{issue}/transitions", "transitions.do")
def do_transition(call: Call) -> Reply:
    """Into another status."""
    eyes, given = sight(call), Body.of(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    if not eyes.may("TRANSITION_ISSUES", eyes.state.projects[issue.project], issue):
        return error(call, 400, "It seems that you have tried to perform an illegal operation.")
    wanted = given.part("transition").text("id")
    for one in Renderer(call, eyes).transitions():
        if one["id"] == wanted:
            eyes.state.transition(issue=issue.id, status=one["to"]["id"], by=me(call))
            return Reply(204)
    return error(call, 400, f"Transition id '{wanted}' is not valid for this issue.")


@on("GET", "/issue/{issue}/properties", "properties.list")
def list_properties(call: Call) -> Reply:
    """The keys of an issue's properties."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    root = f"{mirror(call)}/issue/{issue.id}/properties"
    rows = [{"key": key, "self": f"{root}/{key}"} for key in issue.properties]
    return reply_json({"keys": rows})


@on("GET", "/issue/{issue}/properties/{key}", "properties.get")
def get_property(call: Call) -> Reply:
    """One property."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    key = call.params["key"]
    if key not in issue.properties:
        return error(call, 404, f"The property with key '{key}' does not exist.")
    return reply_json({"key": key, "value": issue.properties[key]})


@on("PUT", "/issue/{issue}/properties/{key}", "properties.set")
def set_property(call: Call) -> Reply:
    """Set a property."""
    eyes, key = sight(call), call.params["key"]
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    if not eyes.may("EDIT_ISSUES", eyes.state.projects[issue.project], issue):
        return error(call, 403, "You do not have permission to edit issues in this project.")
    value = call.json()
    if value is None:
        return error(call, 400, "The property value must be valid, non-empty JSON.")
    fresh = key not in issue.properties
    eyes.state.set_property(issue=issue.id, key=key, value=value)
    return reply_json({}, 201 if fresh else 200)


@on("DELETE", "/issue/{issue}/properties/{key}", "properties.delete")
def remove_property(call: Call) -> Reply:
    """Remove a property."""
    eyes, key = sight(call), call.params["key"]
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None or key not in issue.properties:
        return no_issue(call)
    if not eyes.may("EDIT_ISSUES", eyes.state.projects[issue.project], issue):
        return error(call, 403, "You do not have permission to edit issues in this project.")
    eyes.state.set_property(issue=issue.id, key=key)
    return Reply(204)


@on("GET", "/label", "labels.list")
def list_labels(call: Call) -> Reply:
    """Every label of the site."""
    eyes = sight(call)
    labels = {label for issue in eyes.state.issues.values() for label in issue.labels}
    return bean(call, sorted(labels), lambda label: label, 1000, 1000)
