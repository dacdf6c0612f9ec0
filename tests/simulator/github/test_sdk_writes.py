"""The official SDK writes what tools will write, and takes it back."""

import github
import pytest

from simulator.embedded import serve
from simulator.world import World

ORG = "saltmarsh"


@pytest.fixture(scope="module")
def running():
    """A world of its own, for it is changed."""
    with serve(World.company()) as server:
        yield server


def refused(act):
    with pytest.raises(github.GithubException) as caught:
        act()
    return caught.value.status, caught.value.data


def test_an_issue(client):
    repo = client("bruno").get_repo(f"{ORG}/ingest")
    made = repo.create_issue("From a tool", body="Text", labels=["bug"], assignees=["ada"])
    assert (made.title, made.user.login) == ("From a tool", "bcarvalho")
    assert [a.login for a in made.assignees] == ["ada"]
    comment = made.create_comment("First")
    comment.edit("Second")
    assert [c.body for c in made.get_comments()] == ["Second"]
    made.add_to_labels("question", "brand new")
    made.remove_from_labels("bug")
    assert {label.name for label in made.get_labels()} == {"question", "brand new"}
    made.set_labels("bug")
    assert [label.name for label in made.get_labels()] == ["bug"]
    made.edit(title="Other", state="closed", state_reason="not_planned")
    again = repo.get_issue(made.number)
    assert (again.title, again.state, again.state_reason) == ("Other", "closed", "not_planned")
    again.edit(state="open")
    comment.delete()
    assert list(again.get_comments()) == []


def test_readers_may_report_but_not_label(running, client):
    theirs = running.world.do(
        "github.create_issue", repo=f"{ORG}/buoy-sdk", title="Ours", author="ada"
    )
    repo = client("otto").get_repo(f"{ORG}/buoy-sdk")
    made = repo.create_issue("A question", labels=["bug"], assignees=["zoe"])
    assert made.labels == []
    assert made.assignees == []
    assert refused(lambda: made.add_to_labels("bug"))[0] == 403
    assert refused(lambda: repo.get_issue(theirs).edit(title="Mine now"))[0] == 403
    word = next(iter(repo.get_issue(1).get_comments()))
    assert refused(lambda: word.edit("Mine now"))[0] == 403
    assert (
        refused(lambda: repo.create_git_ref("refs/heads/x", repo.get_branch("main").commit.sha))[0]
        == 403
    )
    assert refused(lambda: repo.create_file("x.md", "x", "x"))[0] == 403
    assert refused(lambda: repo.create_issue(""))[0] == 422


def test_a_label(client):
    repo = client("bruno").get_repo(f"{ORG}/ingest")
    assert repo.create_label("tool", "00ff00", "Made by a tool").color == "00ff00"
    status, data = refused(lambda: repo.create_label("tool", "00ff00"))
    assert status == 422
    assert data["errors"][0]["code"] == "already_exists"


def test_a_branch_a_commit_and_a_draft(client):
    repo = client("bruno").get_repo(f"{ORG}/ingest")
    main = repo.get_branch("main").commit.sha
    repo.create_git_ref("refs/heads/tool/fix", main)
    status, data = refused(lambda: repo.create_git_ref("refs/heads/tool/fix", main))
    assert (status, data["message"]) == (422, "Reference already exists")
    assert refused(lambda: repo.create_git_ref("refs/heads/y", "0" * 40))[0] == 422

    def pull():
        return repo.create_pull(base="main", head="tool/fix", title="Fix", body="Why", draft=True)

    status, data = refused(pull)
    assert (status, data["errors"][0]["message"]) == (422, "No commits between main and tool/fix")
    made = repo.create_file("docs/tool.md", "Add", "one\n", branch="tool/fix")
    assert made["content"].path == "docs/tool.md"
    assert made["commit"].author.name == "Bruno Carvalho"
    status, data = refused(
        lambda: repo.create_file("docs/tool.md", "Again", "x", branch="tool/fix")
    )
    assert status == 422
    assert "sha" in data["message"]
    stale = made["content"].sha
    repo.update_file("docs/tool.md", "Change", "two\n", stale, branch="tool/fix")
    status, _ = refused(
        lambda: repo.update_file("docs/tool.md", "Lost", "3", stale, branch="tool/fix")
    )
    assert status == 409
    draft = pull()
    assert draft.draft
    assert draft.commits == 2
    status, data = refused(pull)
    assert status == 422
    assert data["errors"][0]["message"] == f"A pull request already exists for {ORG}:tool/fix."
    assert refused(lambda: repo.create_pull(base="main", head="none", title="t"))[0] == 422
    draft.mark_ready_for_review()
    assert not repo.get_pull(draft.number).draft
    draft.convert_to_draft()
    assert repo.get_pull(draft.number).draft
    now = repo.get_contents("docs/tool.md", ref="tool/fix")
    repo.delete_file("docs/tool.md", "Back", now.sha, branch="tool/fix")
    draft.edit(title="Withdrawn", state="closed")
    repo.get_git_ref("heads/tool/fix").delete()
    assert "tool/fix" not in {b.name for b in repo.get_branches()}
    assert repo.get_pull(draft.number).title == "Withdrawn"


def test_an_archived_repository_is_read_only(client):
    repo = client("samir").get_repo(f"{ORG}/field-app")
    status, data = refused(lambda: repo.create_file("x.md", "x", "x"))
    assert (status, data["message"]) == (403, "Repository was archived so is read-only.")


def test_the_app_writes_as_a_bot(client):
    repo = client("github").get_repo(f"{ORG}/ingest")
    made = repo.create_issue("By the app")
    assert (made.user.login, made.user.type) == ("saltmarsh-sync[bot]", "Bot")


def test_writes_are_verbs(running, client):
    before = len(running.world.log)
    client("bruno").get_repo(f"{ORG}/ingest").get_issue(1).create_comment("Logged")
    assert [line["verb"] for line in running.world.log[before:]] == ["github.comment"]


def test_locked_conversations(running, client):
    world, where = running.world, f"{ORG}/handbook"
    number = world.do("github.create_issue", repo=f"{ORG}/buoy-sdk", title="Hot", author="ada")
    world.do("github.lock_issue", repo=f"{ORG}/buoy-sdk", number=number)
    issue = client("otto").get_repo(f"{ORG}/buoy-sdk").get_issue(number)
    assert issue.locked
    assert refused(lambda: issue.create_comment("More"))[0] == 403
    client("freya").get_repo(f"{ORG}/buoy-sdk").get_issue(number).create_comment("Enough")
    world.do("github.lock_discussion", repo=where, number=1)
    talk = client("ada").get_repo(where).get_discussion(1, "id locked")
    with pytest.raises(github.GithubException):
        talk.add_comment("More")
