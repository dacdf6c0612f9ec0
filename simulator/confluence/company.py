"""What Saltmarsh Instruments keeps in Confluence."""

from __future__ import annotations

from simulator.atlassian.markup import to_storage
from simulator.confluence.state import ConfluenceState
from simulator.world import World


def build(world: World) -> None:
    """Spaces and pages."""
    state = ConfluenceState.of(world)
    state.give_access(group="everyone")
    state.create_space(key="ENG", name="Engineering", creator="tomas")
    state.grant_space(space="ENG", type="group", subject="engineering")
    page = state.create_page(space="ENG", title="T", author="ada", body=to_storage("## hey\nyou"))
    state.restrict(content=page, type="user", subject="ada")
    state.restrict(content=page, type="group", subject="platform")
    for n in range(7):
        p = state.create_page(space="ENG", title=f"T{n}", author="ada", body="<p>x</p>", parent=page)
        state.comment(content=p, author="bruno", body="<p>c</p>")
        state.comment(content=p, author="bruno", body="<p>c</p>", selection="x")
        state.attach(content=p, name="a b.txt", author="ada", data="hello", media="text/plain")
        state.label(content=p, label="runbook")
    state.create_blogpost(space="ENG", title="News", author="ada", body="<p>n</p>")
    state.create_page(space="ENG", title="D", author="ada", body="<p>x</p>", status="draft")
