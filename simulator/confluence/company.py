"""What Saltmarsh Instruments keeps in Confluence."""

from __future__ import annotations

from pathlib import Path

from simulator.atlassian.markup import to_storage
from simulator.atlassian.records import Record, records
from simulator.confluence.objects import OPERATIONS
from simulator.confluence.state import ConfluenceState
from simulator.world import World

_PAGES = Path(__file__).with_name("pages.txt")
_SPACES = (
    # key, name, creator, who reads, who writes
    ("HR", "People", "orla", "everyone", "people-team"),
    ("ENG", "Engineering", "tomas", "engineering product", "engineering"),
    ("OPS", "Operations", "dagny", "engineering support", "platform cloud on-call"),
    ("FIN", "Finance", "ingrid", "leadership", "finance"),
    ("LEGAL", "Legal", "quentin", "everyone", "legal"),
    ("SALES", "Sales", "sven", "product support leadership", "sales"),
    ("FIELD", "Field operations", "padraig", "everyone", "field-ops quality"),
    ("SEC", "Security", "wanda", "everyone", "security"),
    ("HELP", "Help centre", "zoe", "anonymous", "product support"),
    ("BOARD", "Board", "maeve", "board", ""),
    ("BW", "Brightwell", "kaya", "contractors", "product"),
    ("OLD", "Wiki 2021", "maeve", "everyone", ""),
)
_WRITING = ("create", "delete", "archive", "restrict_content")


def build(world: World) -> None:
    """Spaces, pages, blog posts, and what has happened to them."""
    state = ConfluenceState.of(world)
    for group in ("everyone", "board", "contractors"):
        state.give_access(group=group)
    state.make_admin(person="wanda")
    state.allow_anonymous()
    for key, name, creator, readers, writers in _SPACES:
        state.create_space(key=key, name=name, creator=creator, at="2023-03-01T09:00:00Z")
        for group in f"{readers} {writers}".split():
            _open(state, key, group, writes=group in writers.split())
    state.create_space(
        key="~ada", name="Ada Byrne", creator="ada", kind="personal", at="2023-03-02T09:00:00Z"
    )
    titles: dict[str, str] = {}
    for record in records(_PAGES):
        _write(state, record, titles)
    state.archive_space(space="OLD")
    _history(state, titles)


def _open(state: ConfluenceState, key: str, group: str, *, writes: bool) -> None:
    kind = "anonymous" if group == "anonymous" else "group"
    subject = "" if kind == "anonymous" else group
    state.grant_space(space=key, type=kind, subject=subject)
    if kind == "group":
        for target in ("comment", "attachment"):
            state.grant_space(
                space=key, type=kind, subject=subject, operation="create", target=target
            )
    for operation, target in OPERATIONS if writes else ():
        if operation in _WRITING:
            state.grant_space(
                space=key, type=kind, subject=subject, operation=operation, target=target
            )


def _write(state: ConfluenceState, record: Record, titles: dict[str, str]) -> None:
    space, title, author, parent, day = record.heads
    at, body, status = f"{day}T10:00:00Z", to_storage(record.body), record.note("status", "current")
    if parent == "blog":
        title = record.note("title")
        made = state.create_blogpost(space=space, title=title, author=author, body=body, at=at)
    else:
        made = state.create_page(
            space=space,
            title=title,
            author=author,
            body=body,
            parent=titles.get(parent, ""),
            status="draft" if status == "draft" else "current",
            at=at,
        )
    titles[title] = made
    for label in record.words("labels"):
        state.label(content=made, label=label)
    for name, value in record.notes:
        if name in ("restrict", "update"):
            for one in value.split():
                kind, _, subject = one.partition(":")
                operation = "read" if name == "restrict" else "update"
                state.restrict(
                    content=made, type=kind, subject=subject, operation=operation, by=author
                )
        elif name == "comment":
            who, _, said = value.partition(": ")
            state.comment(content=made, author=who, body=to_storage(said), at=f"{day}T15:00:00Z")
        elif name == "inline":
            selected, _, rest = value.partition(" :: ")
            who, _, said = rest.partition(": ")
            state.comment(
                content=made,
                author=who,
                body=to_storage(said),
                selection=selected,
                at=f"{day}T16:00:00Z",
            )
        elif name == "attach":
            file, media, data = (part.strip(" ") for part in value.split("|"))
            state.attach(
                content=made,
                name=file,
                author=author,
                data=data.replace("\\n", "\n"),
                media=media,
                at=at,
            )
    if status == "archived":
        state.archive(content=made)


def _history(state: ConfluenceState, titles: dict[str, str]) -> None:
    """Later edits, a rename, a page in the trash and an answer to a comment."""
    page = state.contents[titles["On-call handbook"]]
    state.edit(
        content=page.id,
        body=page.body + "<p>Swaps are fine; tell the bot, not the chat.</p>",
        by="jonas",
        message="Swaps",
        at="2026-04-15T11:20:00Z",
    )
    page = state.contents[titles["Calibrating an SM-4"]]
    state.edit(
        content=page.id,
        body=page.body.replace("three times", "three times, the last time hot"),
        by="marta",
        message="Revision 7",
        at="2026-05-11T08:05:00Z",
    )
    gone = state.create_page(
        space="ENG",
        title="Lunch vote",
        author="gael",
        body="<p>Soup or pizza?</p>",
        at="2026-05-02T11:00:00Z",
    )
    state.trash(content=gone)
    design = state.comments_on(titles["Architecture of Tideline"])
    state.resolve_comment(comment=design[-1].id)
    travel = titles["Travel policy 2026"]
    first = state.comments_on(travel)[0]
    state.comment(
        content=travel,
        author="padraig",
        body="<p>And the allowance is paid on top.</p>",
        parent=first.id,
        at="2026-01-09T09:30:00Z",
    )
    nora = state.create_page(
        space="FIN",
        title="Closing the year 2024",
        author="nora",
        body=to_storage(
            "Stock is counted on the second of January in Galway and Vigo, hulls by two people. "
            "Deferred income is 61,240 euro. The auditors come in the third week."
        ),
        at="2025-01-03T10:00:00Z",
    )
    state.set_property(content=nora, key="reviewed", value={"by": "rosa", "year": 2025})
