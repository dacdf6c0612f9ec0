"""``bailiwick explain``, ``who-can-read`` and ``what-can-read``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from access import utc_now
from catalog import documents, people
from catalog.entitlements import resolve
from retrieval.audience import audience
from retrieval.explain import ClauseVerdict, Explanation
from retrieval.explain import explain as explain_access
from service.difference import difference, earlier
from service.document_names import known, name_of, typed
from service.render import echo, echo_json, table
from workspace.terminal import line
from workspace.workspace import Workspace

_AS = click.option(
    "--as", "who", required=True, metavar="PERSON", help="Subject or e-mail address."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="For a program.")

_SINCE = click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What this command printed earlier with --json: show what was gained and lost since.",
)


@click.command()
@click.argument("document")
@_AS
@_JSON
def explain(document: str, who: str, as_json: bool) -> None:
    """Why PERSON can, or can't, read DOCUMENT (source:id as search shows it, or its URL)."""
    with Workspace().established() as workspace:
        with workspace.catalog.reading() as connection:
            person = people.find(connection, who).person
            found = known(connection, document)
        explanation = explain_access(workspace.catalog, workspace.policy, person, found.id)
    if as_json:
        echo_json(explanation)
    else:
        echo(_explained(explanation))


@click.command("who-can-read")
@click.argument("document")
@_SINCE
@_JSON
def who_can_read(document: str, since: Path | None, as_json: bool) -> None:
    """Everyone who may read DOCUMENT now."""
    with Workspace().established() as workspace:
        with workspace.catalog.reading() as connection:
            found = known(connection, document)
        readers = audience(workspace.catalog, workspace.policy, found.id)
    if since is not None:
        now = [_encoded(each.person.issuer, each.person.subject) for each in readers]
        before = [_encoded(**each["person"]) for each in earlier(since, "who-can-read")]
        _show_difference(before, now, as_json)
        return
    if as_json:
        echo_json(readers)
        return
    rows = [(each.person.subject, each.name, "guest" if each.guest else "") for each in readers]
    echo(table(("person", "name", ""), rows))


@click.command("what-can-read")
@click.argument("person")
@_SINCE
@_JSON
def what_can_read(person: str, since: Path | None, as_json: bool) -> None:
    """Everything that PERSON may read now."""
    with Workspace().established() as workspace, workspace.catalog.reading() as connection:
        who, now = people.find(connection, person), utc_now()
        entitlements = resolve(connection, who, workspace.policy, now)
        guarded = documents.guarded_by(connection, entitlements.scopes)
        found = [each for each in guarded if not each.forgotten(workspace.policy, now)]
    if since is not None:
        # The release before printed the names alone.
        kept = earlier(since, "what-can-read")
        before = [each if isinstance(each, str) else each["document"] for each in kept]
        _show_difference(before, map(name_of, found), as_json, typed)
    elif as_json:
        echo_json(
            [{"document": name_of(each), "kind": each.kind, "title": each.title} for each in found]
        )
    else:
        rows = [(typed(name_of(each)), each.kind, each.title) for each in found]
        echo(table(("document", "kind", "title"), rows))


def _encoded(issuer: str, subject: str) -> str:
    return f"{issuer}:{subject}"


def _show_difference(
    before: Iterable[str],
    now: Iterable[str],
    as_json: bool,
    name: Callable[[str], str] = str,
) -> None:
    told = difference(before, now)
    if as_json:
        echo_json(told)
        return
    lines = [f"+ {name(each)}" for each in told.gained]
    lines += [f"- {name(each)}" for each in told.lost]
    echo("\n".join(lines) or "no difference")


def _explained(explanation: Explanation) -> str:
    verdict = "can" if explanation.readable else "can't"
    person, document = explanation.person, explanation.document
    name = f"{line(person.name)} ({person.person.subject})"
    lines = [f"{name} {verdict} read {typed(name_of(document))}"]
    if document.title:
        lines.append(f"  {line(document.title)}")
    if explanation.reason:
        lines.append(f"  {explanation.reason}")
    for each in explanation.clauses:
        lines.extend(_clause(each))
    return "\n".join(lines)


def _clause(verdict: ClauseVerdict) -> list[str]:
    clause = verdict.clause
    mark = "admits " if verdict.admits else "refuses"
    lines = [f"  {mark} {clause.source}:{clause.key}: {verdict.reason}"]
    if verdict.through is not None:
        lines.append(f"          by {line(verdict.by)}")
    if verdict.remedy:
        lines.append(f"          to change that: {line(verdict.remedy)}")
    lines.append(f"          synced {clause.synced_at:%Y-%m-%d %H:%M} UTC")
    return lines
