"""``bailiwick unresolved``: readers in grants who are nobody, and accounts claimed twice."""

from __future__ import annotations

import click

from access import Principal, utc_now
from catalog import identities
from catalog.identities import Contested
from service.render import echo, echo_json, table
from workspace.workspace import Workspace


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def unresolved(as_json: bool) -> None:
    """Accounts and groups that grants name and nobody is, so that they admit nobody.

    An account is linked to a person by the directory file or by the source; the members of a
    group come from either too. An account that two people claim alike is neither's. Names are
    what the source calls a reader today, to find whose it is; they prove nothing.
    """
    with Workspace().established() as workspace, workspace.catalog.reading() as connection:
        nobody = identities.unresolved(connection, workspace.policy, utc_now())
        claimed = identities.contested(connection)
    if as_json:
        echo_json({"unresolved": nobody, "contested": claimed})
        return
    rows = [(*_named(each.principal), each.clauses, each.reason) for each in nobody]
    rows += [(*_named(each.principal), "-", _claimed(each)) for each in claimed]
    echo(
        table(("source", "kind", "id", "name", "clauses", "why nobody"), rows)
        if rows
        else "every reader named in a grant is somebody"
    )


def _named(principal: Principal) -> tuple[object, ...]:
    return principal.source, principal.kind, principal.id, principal.name or "-"


def _claimed(account: Contested) -> str:
    claims = (f"{claim.person.subject} ({claim.evidence})" for claim in account.claims)
    return f"claimed by {', '.join(claims)}"
