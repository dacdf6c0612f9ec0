"""What the emulator can't make: GitHub's rarer answers, over real sockets."""

from __future__ import annotations

import base64
import time

import pytest

from access import PrincipalKind
from connectors.interface import CursorExpired, MissingScope, SourceUnavailable
from corpus import Cursor, Failed, Reacl, Upsert
from tests.connectors.little_github import (
    BOX,
    NOT_FOUND,
    Hub,
    blob,
    connected,
    issue,
    named,
    principals,
    read,
    readers,
)
from tests.fixtures.wire import Answer, Asked

PRIVATE = {
    named(PrincipalKind.USER, "7"),
    named(PrincipalKind.USER, "8"),
    named(PrincipalKind.GROUP, "org/acme/team/5"),
}
ANYONE = named(PrincipalKind.ANYONE, "discoverable")
TENANT = named(PrincipalKind.TENANT, "org/acme")


def test_a_private_repository_is_its_collaborators_and_teams() -> None:
    clause = readers(Hub())
    assert clause.key == "repository/1"
    assert principals(clause) == PRIVATE


def test_accounts_and_teams_are_called_by_their_logins() -> None:
    names = {each.id: each.name for each in principals(readers(Hub()))}
    assert names == {"7": "u7", "8": "u8", "org/acme/team/5": "acme/eng"}


def test_public_is_said_and_never_inferred() -> None:
    assert principals(readers(Hub({"visibility": "public"}))) == {*PRIVATE, ANYONE}
    assert principals(readers(Hub({"visibility": None, "private": False}))) == PRIVATE


def test_internal_is_for_the_enterprises_members() -> None:
    hub = Hub({"visibility": "internal"})
    assert principals(readers(hub)) == {*PRIVATE, TENANT}
    enterprise = named(PrincipalKind.TENANT, "enterprise/big")
    assert principals(readers(hub, enterprise="big")) == {*PRIVATE, TENANT, enterprise}


@pytest.mark.parametrize("visibility", ["private", "internal", None])
def test_without_push_access_readers_are_unknown(visibility: str | None) -> None:
    refused = Answer({"message": "Must have push access to view repository collaborators."}, 403)
    clause = readers(Hub({"visibility": visibility}, {"/collaborators": refused}))
    assert not clause.known
    assert "HTTP 403" in clause.reason


def test_a_public_repository_is_known_without_push_access() -> None:
    clause = readers(Hub({"visibility": "public"}, {"/collaborators": Answer({}, 403)}))
    assert ANYONE in principals(clause)


def test_a_throttled_403_is_waited_for_and_not_taken_for_a_lost_right() -> None:
    slept: list[float] = []
    secondary = {"message": "You have exceeded a secondary rate limit. Please wait."}
    before = [
        Answer(secondary, 403, {"Retry-After": "7"}),
        Answer(secondary, 403),
    ]
    with connected(Hub(before=before), slept) as (connector, _):
        pages = list(connector.permissions(BOX, None))
    assert principals(pages[0].clauses[0]) == PRIVATE
    assert slept == [7.0, 60.0]


def test_a_used_up_limit_is_waited_for_until_its_reset() -> None:
    slept: list[float] = []
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 30)}
    with connected(Hub(before=[Answer({}, 403, headers)]), slept) as (connector, _):
        list(connector.permissions(BOX, None))
    assert 25 < slept[0] < 33
    headers["x-ratelimit-reset"] = str(int(time.time()) + 3000)
    with (
        connected(Hub(before=[Answer({}, 403, headers)])) as (connector, _),
        pytest.raises(SourceUnavailable, match="tried again in"),
    ):
        list(connector.permissions(BOX, None))


def test_single_sign_on_is_a_missing_scope() -> None:
    sso = Answer({}, 403, {"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso"})
    with (
        connected(Hub(before=[sso])) as (connector, _),
        pytest.raises(MissingScope, match="sign-on"),
    ):
        list(connector.containers())


def test_a_truncated_tree_is_walked_folder_by_folder() -> None:
    folder = {"path": "docs", "mode": "040000", "type": "tree", "sha": "S"}
    root = [blob("README.md"), folder]
    hub = Hub(
        answers={
            "/git/trees/main": Answer({"sha": "T", "tree": [blob("README.md")], "truncated": True}),
            "/git/trees/T": Answer({"sha": "T", "tree": root, "truncated": False}),
            "/git/trees/S": Answer({"sha": "S", "tree": [blob("deep.md")], "truncated": False}),
        }
    )
    assert {"1/file/README.md", "1/file/docs/deep.md"} < read(hub).keys()
    with connected(hub) as (connector, _):
        assert [p.complete for p in connector.listing(BOX)] == [False, True]


def test_a_folder_cut_short_proves_nothing() -> None:
    cut = Answer({"sha": "T", "tree": [blob("README.md")], "truncated": True})
    hub = Hub(answers={"/git/trees/main": cut, "/git/trees/T": cut})
    with connected(hub) as (connector, _):
        assert not any(p.complete for p in connector.listing(BOX))


def test_which_files_are_documents() -> None:
    tree = [
        blob("README"),
        blob("src/app.py"),
        blob("docs/guide.PDF"),
        blob("docs/logo.png"),
        blob("Docs/x.yaml"),
        blob("notes.txt", mode="120000"),
        blob("CHANGELOG.MD"),
        {"path": "sub", "type": "commit", "mode": "160000", "sha": "c"},
    ]
    hub = Hub(answers={"/git/trees/main": Answer({"sha": "T", "tree": tree})})
    files = {d.title for d in read(hub).values() if d.kind == "file"}
    assert files == {"README", "docs/guide.PDF", "Docs/x.yaml", "CHANGELOG.MD"}


def test_an_empty_repository_has_no_files_and_says_so() -> None:
    hub = Hub(answers={"/git/trees/main": Answer({"message": "Git Repository is empty."}, 409)})
    assert set(read(hub)) == {"1/issue/1"}
    with connected(hub) as (connector, _):
        assert [p.complete for p in connector.listing(BOX)] == [False, True]


CONFLICT = Answer({"message": "Conflict"}, 409)
EMPTY = Answer({"message": "Git Repository is empty."}, 409)


@pytest.mark.parametrize(
    "answers",
    [
        {"/git/trees/main": CONFLICT},
        {"/git/trees/main": Answer({"sha": "T", "truncated": True}), "/git/trees/T": EMPTY},
    ],
    ids=["another conflict", "empty below the root"],
)
def test_another_conflict_is_no_empty_repository(answers) -> None:
    with connected(Hub(answers=answers)) as (connector, _), pytest.raises(MissingScope):
        list(connector.listing(BOX))


def test_hidden_files_are_no_empty_repository() -> None:
    hub = Hub(answers={"/git/trees/main": NOT_FOUND})
    with connected(hub) as (connector, _), pytest.raises(MissingScope, match="contents"):
        list(connector.listing(BOX))


def test_disabled_issues_are_none() -> None:
    hub = Hub(answers={"/issues": Answer({"message": "Issues are disabled for this repo"}, 410)})
    assert set(read(hub)) == {"1/file/README.md"}
    with connected(hub) as (connector, _):
        assert [p.complete for p in connector.listing(BOX)] == [False, True]


def test_a_crawl_goes_on_within_the_commit_that_it_began_with() -> None:
    first = Answer({"sha": "T", "tree": [blob("a.md"), blob("b.md"), blob("c.md")]})
    hub = Hub(answers={"/git/trees/main": first, "/git/trees/T": first})
    with connected(hub, page_size=1) as (connector, _):
        page = next(connector.changes(BOX, None, lambda _: {}))
        hub.answers["/git/trees/main"] = Answer({"sha": "U", "tree": [blob("z.md")]})
        rest = [c for p in connector.changes(BOX, page.cursor, lambda _: {}) for c in p.changes]
        ids = [c.document.id for c in rest if isinstance(c, Upsert)]
        assert ids == ["1/file/b.md", "1/file/c.md", "1/issue/1"]
        hub.answers["/git/trees/T"] = NOT_FOUND
        with pytest.raises(CursorExpired):
            list(connector.changes(BOX, page.cursor, lambda _: {}))


def test_paging_follows_the_links_query_and_never_its_host() -> None:
    class Linked(Hub):
        def __call__(self, asked: Asked) -> Answer:
            if asked.path == "/repos/acme/app/issues":
                if asked.query.get("after") == "X":
                    return Answer([issue(2)])
                link = '<https://evil.example/steal?after=X&per_page=1>; rel="next"'
                return Answer([issue(1)], headers={"Link": link})
            return super().__call__(asked)

    assert {"1/issue/1", "1/issue/2"} < read(Linked()).keys()


def test_a_repeated_page_is_an_error_and_no_loop() -> None:
    link = '<https://api.github.com/x?page=2>; rel="next"'
    hub = Hub(answers={"/issues": Answer([issue(1)], headers={"Link": link})})
    with connected(hub) as (connector, _):
        with pytest.raises(SourceUnavailable, match="repeated page token"):
            list(connector.listing(BOX))
        with pytest.raises(SourceUnavailable, match="repeated page token"):
            list(connector.changes(BOX, None, lambda _: {}))


def test_a_renamed_repository_is_found_by_its_number_and_a_usurper_is_not_read() -> None:
    moved = {
        "id": 1,
        "full_name": "acme/new",
        "owner": {"login": "acme"},
        "visibility": "private",
        "default_branch": "main",
    }
    hub = Hub({"id": 2}, {"/repositories/1": Answer(moved)})
    with connected(hub) as (connector, wire), pytest.raises(MissingScope):
        list(connector.listing(BOX))
    assert "/repos/acme/new/git/trees/main" in wire.paths()
    assert "/repos/acme/app/git/trees/main" not in wire.paths()
    with connected(Hub({"id": 2})) as (connector, _), pytest.raises(SourceUnavailable):
        list(connector.changes(BOX, None, lambda _: {}))


def test_a_document_holds_comments_and_reviews_in_order() -> None:
    note = {"user": {"login": "bob"}, "body": "second", "created_at": "2026-01-03T00:00:00Z"}
    review = {
        "user": None,
        "body": "third",
        "state": "APPROVED",
        "submitted_at": "2026-01-04T00:00:00Z",
    }
    line = {**note, "body": "first", "path": "a.py", "created_at": "2026-01-02T00:00:00Z"}
    hub = Hub(
        answers={
            "/issues": Answer([issue(4, comments=1, pull_request={})]),
            "/issues/4/comments": Answer([note]),
            "/pulls/4/reviews": Answer([review]),
            "/pulls/4/comments": Answer([line]),
        }
    )
    document = read(hub)["1/issue/4"]
    assert document.kind == "pull_request"
    assert document.content.data is not None
    text = document.content.data.decode()
    assert text.startswith(
        "# secret title 4\n\nPull request #4, open, opened by ava on 2026-01-01."
    )
    assert text.index("first") < text.index("second") < text.index("third")
    assert "## Review (approved) by ghost on 2026-01-04" in text


def test_one_document_that_fails_is_one_failure() -> None:
    broken = issue(1, comments=3)
    hub = Hub(
        answers={"/issues": Answer([broken, issue(2)]), "/issues/1/comments": Answer({}, 500)}
    )
    with connected(hub) as (connector, _):
        changes = [c for p in connector.changes(BOX, None, lambda _: {}) for c in p.changes]
        assert [type(c) for c in changes] == [Upsert, Reacl, Failed, Upsert]
        assert "secret" not in str(changes[2])
        stored = dict.fromkeys(["1/issue/1"], "old")
        changes = [c for p in connector.changes(BOX, None, lambda _: stored) for c in p.changes]
        assert [type(c) for c in changes] == [Upsert, Reacl, Failed, Upsert]


def test_what_is_stored_costs_no_download() -> None:
    listed = Answer([issue(1, comments=3)])
    with connected(Hub(answers={"/issues": listed})) as (connector, wire):
        stored = {k: v for page in connector.listing(BOX) for k, v in page.versions.items()}
        pages = list(connector.changes(BOX, None, lambda _: stored))
    assert {type(c) for p in pages for c in p.changes} == {Reacl}
    assert not [p for p in wire.paths() if "/blobs/" in p or "/comments" in p]


def test_limits_and_large_file_storage() -> None:
    pointer = base64.b64encode(b"version https://git-lfs.github.com/spec/v1\noid x").decode()
    tree = [blob("big.md", size=5000), blob("docs/lfs.pdf")]
    hub = Hub(
        answers={
            "/git/trees/main": Answer({"sha": "T", "tree": tree}),
            "/git/blobs/sha-docs/lfs.pdf": Answer({"encoding": "base64", "content": pointer}),
        }
    )
    found = read(hub, max_bytes=1000)
    assert found["1/file/big.md"].content.skipped == "larger than the limit"
    assert found["1/file/docs/lfs.pdf"].content.skipped == "kept in Git LFS"


def test_members_of_teams_and_organisation() -> None:
    hub = Hub(
        answers={
            "/orgs/acme/members": Answer([{"id": 7}, {"id": 8}]),
            "/orgs/acme/teams": Answer([{"id": 5, "slug": "eng"}, {"id": 6, "slug": "ops"}]),
            "/orgs/acme/teams/eng/members": Answer([{"id": 7}]),
        }
    )
    with connected(hub) as (connector, _):
        pages = list(connector.memberships())
    groups = {group: members for page in pages for group, members in page.groups.items()}
    seven, eight = named(PrincipalKind.USER, "7"), named(PrincipalKind.USER, "8")
    assert groups == {
        TENANT: {seven, eight},
        named(PrincipalKind.GROUP, "org/acme/team/5"): {seven},
        named(PrincipalKind.GROUP, "org/acme/team/6"): None,
    }


def test_repositories_are_chosen_by_pattern() -> None:
    rows = [
        {"id": n, "full_name": name, "owner": {"login": "acme"}}
        for n, name in enumerate(["acme/App", "acme/app-old", "acme/site"])
    ]
    hub = Hub(answers={"/orgs/acme/repos": Answer(rows)})
    with connected(hub, repositories=("acme/app*",), exclude_repositories=("*-old",)) as (c, _):
        assert [box.name for box in c.containers()] == ["acme/App"]


def test_a_cursor_of_another_connector_is_expired() -> None:
    with connected(Hub()) as (connector, _), pytest.raises(CursorExpired):
        list(connector.changes(BOX, Cursor('{"v":1,"phase":"crawl","token":""}'), lambda _: {}))
