"""The official SDK reads everything."""

from datetime import UTC, datetime

import github
import pytest

ORG = "saltmarsh"


def logins(found):
    return {user.login for user in found}


def test_the_organisation(client):
    org = client().get_organization(ORG)
    assert (org.login, org.name) == (ORG, "Saltmarsh Instruments")
    assert org.default_repository_permission == "none"
    assert {r.name for r in org.get_repos()} == {
        "handbook",
        "buoy-firmware",
        "ingest",
        "dashboard",
        "infra",
        "buoy-sdk",
        "security-notes",
        "field-app",
    }
    assert {r.visibility for r in org.get_repos(type="public")} == {"public"}
    assert next(iter(org.get_repos(sort="full_name"))).name == "buoy-firmware"
    assert client("freya").get_organization(ORG).default_repository_permission is None


def test_members_and_outsiders(client):
    org = client().get_organization(ORG)
    members = logins(org.get_members())
    assert {"tomas", "bcarvalho", "kurt"} <= members
    assert not {"pilar", "petra", "bruno"} & members
    assert logins(org.get_members(role="admin")) == {"tomas", "dagny"}
    assert logins(org.get_outside_collaborators()) == {"petra", "samir"}
    # Strangers see only those who want to be seen.
    assert logins(client("petra").get_organization(ORG).get_members()) == {"zoe", "emil"}
    with pytest.raises(github.GithubException) as refused:
        list(client("freya").get_organization(ORG).get_outside_collaborators())
    assert refused.value.status == 403
    ada = client().get_user("ada")
    assert org.has_in_members(ada)
    assert ada.get_organization_membership(ORG).role == "member"
    with pytest.raises(github.GithubException):
        client("petra").get_user("ada").get_organization_membership(ORG)
    assert not org.has_in_members(client().get_user("petra"))
    assert client("ada").get_organization(ORG).get_repo("handbook").name == "handbook"


def test_people(client):
    me = client("ada").get_user()
    assert (me.login, me.type) == ("ada", "User")
    named = client("ada").get_user("zoe")
    assert named.email == "zoe@saltmarsh.example"
    assert client("ada").get_user("emil").email is None
    assert client("ada").get_user_by_id(named.id).login == "zoe"
    assert client("ada").get_user("bcarvalho").name == "Bruno Carvalho"
    for gone in ("bruno", "nora", "nobody"):
        with pytest.raises(github.UnknownObjectException):
            client("ada").get_user(gone)
    with pytest.raises(github.GithubException) as refused:
        _ = client("github").get_user().login
    assert refused.value.status == 403


def test_my_repositories_are_those_with_explicit_rights(client):
    def names(person, **given):
        return {r.full_name for r in client(person).get_user().get_repos(**given)}

    assert names("petra") == {"saltmarsh/dashboard"}
    assert names("maeve") == set()
    assert names("samir", affiliation="collaborator") == {"saltmarsh/ingest", "saltmarsh/field-app"}
    assert "saltmarsh/handbook" in names("freya")
    assert "saltmarsh/infra" not in names("freya")
    assert {o.login for o in client("ivo").get_user().get_orgs()} == {"saltmarsh", "saltmarsh-labs"}


def test_teams(client):
    org = client().get_organization(ORG)
    teams = {team.slug: team for team in org.get_teams()}
    assert "security" in teams
    engineering = org.get_team_by_slug("engineering")
    assert {"tomas", "freya", "chidi-ok"} <= logins(engineering.get_members())
    assert logins(teams["on-call"].get_members(role="maintainer")) == {"dagny"}
    children = {team.slug for team in engineering.get_teams()}
    assert children == {"platform", "firmware", "cloud", "quality"}
    assert teams["on-call"].parent.slug == "cloud"
    assert {r.name for r in teams["on-call"].get_repos()} == {
        "infra",
        "dashboard",
        "ingest",
        "handbook",
    }
    assert engineering.members_count == len(list(engineering.get_members()))
    assert org.get_team(engineering.id).name == "Engineering"
    assert engineering.get_team_membership("freya").role == "member"
    seen = {team.slug for team in client("freya").get_organization(ORG).get_teams()}
    assert seen == set(teams) - {"security"}
    with pytest.raises(github.UnknownObjectException):
        client("freya").get_organization(ORG).get_team_by_slug("security")
    with pytest.raises(github.GithubException):
        list(client("petra").get_organization(ORG).get_teams())


def test_collaborators_by_affiliation(client):
    repo = client().get_repo(f"{ORG}/dashboard")
    everyone = {u.login: u for u in repo.get_collaborators()}
    assert {"petra", "kaya", "tomas", "una", "chidi-ok"} <= set(everyone)
    assert not {"samir", "freya"} & set(everyone)
    assert everyone["kaya"].permissions.maintain
    assert not everyone["kaya"].permissions.admin
    assert everyone["una"].role_name == "triage"
    assert logins(repo.get_collaborators(affiliation="outside")) == {"petra"}
    field = client().get_repo(f"{ORG}/field-app")
    assert logins(field.get_collaborators(affiliation="direct")) == {"samir", "padraig"}
    assert logins(field.get_collaborators(affiliation="outside")) == {"samir"}
    assert repo.has_in_collaborators("petra")
    assert not repo.has_in_collaborators("otto")
    assert repo.get_collaborator_permission("petra") == "write"
    assert {t.slug for t in repo.get_teams()} == {"product", "cloud", "support"}
    # Petra may push, but is no member.
    for person in ("una", "petra"):
        with pytest.raises(github.GithubException) as refused:
            list(client(person).get_repo(f"{ORG}/dashboard").get_collaborators())
        assert refused.value.status == 403
        assert "push access" in refused.value.data["message"]


def test_base_permission_counts_as_collaboration(client):
    repo = client("hana").get_repo("saltmarsh-labs/salinity-model")
    assert logins(repo.get_collaborators()) == {"hana", "ivo", "jonas", "ada-lab"}


def test_invisible_is_not_found(client):
    for person in ("freya", "petra", "otto", "ada-lab"):
        with pytest.raises(github.UnknownObjectException):
            client(person).get_repo(f"{ORG}/security-notes")
    with pytest.raises(github.BadCredentialsException):
        client("kurt").get_repo(f"{ORG}/handbook")


def test_files(client):
    repo = client("freya").get_repo(f"{ORG}/buoy-firmware")
    assert repo.get_readme().decoded_content.startswith(b"# buoy-firmware")
    file = repo.get_contents("src/sampler.c")
    assert b"Thirty-two samples" in file.decoded_content
    assert {f.path for f in repo.get_contents("docs")} == {
        "docs/bootloader.md",
        "docs/calibration.md",
        "docs/radio-868.md",
    }
    assert {f.name for f in repo.get_contents("")} == {"README.md", "Makefile", "src", "docs"}
    assert repo.get_contents("src/sequence.c", ref="sequence-in-flash").type == "file"
    for missing in ("nothing.md", "docs/radio.md", "src/sequence.c"):
        with pytest.raises(github.UnknownObjectException):
            repo.get_contents(missing)
    blob = repo.get_git_blob(file.sha)
    assert blob.encoding == "base64"
    assert blob.size == file.size


def test_trees(client):
    repo = client("freya").get_repo(f"{ORG}/buoy-firmware")
    tree = repo.get_git_tree("main", recursive=True)
    assert not tree.raw_data["truncated"]
    kinds = {e.path: e.type for e in tree.tree}
    assert kinds["src"] == "tree"
    assert kinds["src/sampler.c"] == "blob"
    assert {e.path for e in repo.get_git_tree("main").tree} == {
        "README.md",
        "Makefile",
        "src",
        "docs",
    }
    assert repo.get_git_tree(tree.sha).sha == tree.sha


def test_history(client):
    repo = client("freya").get_repo(f"{ORG}/buoy-firmware")
    commits = list(repo.get_commits())
    dates = [c.commit.committer.date for c in commits]
    assert dates == sorted(dates, reverse=True)
    touched = list(repo.get_commits(path="src/sampler.c"))
    assert [c.commit.message.split("\n")[0] for c in touched][-1] == "Create sampler.c"
    late = list(repo.get_commits(since=datetime(2026, 1, 1, tzinfo=UTC)))
    assert 0 < len(late) < len(commits)
    assert list(repo.get_commits(until=datetime(2020, 1, 1, tzinfo=UTC))) == []
    assert {c.author.login for c in repo.get_commits(author="nils")} == {"nils"}
    whole = repo.get_commit(touched[0].sha)
    assert "src/sampler.c" in {f.filename for f in whole.files}
    assert whole.stats.total == whole.stats.additions + whole.stats.deletions
    assert repo.get_git_commit(whole.sha).tree.sha
    with pytest.raises(github.GithubException):
        repo.get_commit("0" * 40)
    assert commits[0].commit.author.email.endswith("@users.noreply.github.com")


def test_comparing_tells_renames(client):
    repo = client("freya").get_repo(f"{ORG}/buoy-firmware")
    rename = next(c for c in repo.get_commits() if c.commit.message.startswith("Rename docs/radio"))
    found = repo.compare(rename.parents[0].sha, rename.sha)
    assert (found.status, found.ahead_by, found.behind_by) == ("ahead", 1, 0)
    [file] = found.files
    assert (file.status, file.previous_filename) == ("renamed", "docs/radio.md")
    assert file.filename == "docs/radio-868.md"
    back = repo.compare("main", rename.sha)
    assert back.status == "behind"
    assert repo.compare("main", "main").status == "identical"
    split = repo.compare("main", "sequence-in-flash")
    assert [f.filename for f in split.files] == ["src/sequence.c"]
    assert len(list(split.get_commits())) == split.total_commits == 1


def test_branches_and_refs(client):
    repo = client("freya").get_repo(f"{ORG}/buoy-firmware")
    names = {b.name for b in repo.get_branches()}
    assert names == {"main", "settle-after-wiper", "sequence-in-flash"}
    main = repo.get_branch("main")
    assert main.commit.sha == repo.get_git_ref("heads/main").object.sha
    assert not main.protected
    assert {r.ref for r in repo.get_git_matching_refs("heads/se")} == {
        "refs/heads/settle-after-wiper",
        "refs/heads/sequence-in-flash",
    }
    assert len(list(repo.get_git_refs())) == 3
    with pytest.raises(github.UnknownObjectException):
        repo.get_git_ref("heads/none")
    assert next(iter(repo.get_languages())) == "C"
    # PyGithub asks for contents/ with a slash; other clients leave it out.
    _, rows = client("freya").requester.requestJsonAndCheck("GET", f"{repo.url}/contents")
    assert {row["name"] for row in rows} == {"Makefile", "README.md", "docs", "src"}


def test_issues(client):
    repo = client("freya").get_repo(f"{ORG}/buoy-firmware")
    opened = list(repo.get_issues())
    assert {i.state for i in opened} == {"open"}
    every = list(repo.get_issues(state="all", sort="created", direction="asc"))
    assert [i.number for i in every if i.pull_request] == [4, 5]
    late = list(repo.get_issues(state="all", since=datetime(2026, 3, 1, tzinfo=UTC)))
    assert {i.number for i in late} == {3, 4, 5}
    assert {i.number for i in repo.get_issues(labels=["field"])} == {3}
    issue = repo.get_issue(3)
    assert issue.user.login == "viktor"
    assert issue.assignees[0].login == "freya"
    assert {label.name for label in issue.labels} == {"bug", "field"}
    comments = list(issue.get_comments())
    assert [c.user.login for c in comments] == ["freya", "nils"]
    assert issue.comments == 2
    assert repo.get_issue(1).state_reason == "completed"
    assert issue.get_comment(comments[0].id).body == comments[0].body
    everything = {c.id for c in repo.get_issues_comments()}
    assert {c.id for c in comments} <= everything
    recent = repo.get_issues_comments(since=datetime(2026, 5, 1, tzinfo=UTC))
    assert {c.user.login for c in recent} == {"emil"}
    assert {label.name for label in repo.get_labels()} >= {"bug", "field"}
    assert repo.get_label("bug").color == "d73a4a"
    assert list(issue.get_labels())
    assert [e.event for e in repo.get_issue(1).get_events()] == ["closed"]
    with pytest.raises(github.UnknownObjectException):
        repo.get_issue(99)
    assert not issue.update()  # a conditional request: 304


def test_what_deleted_people_wrote_is_the_ghosts(running, client):
    world = running.world
    world.directory.add_person(id="gert", name="Gert Gone")
    number = world.do("github.create_issue", repo=f"{ORG}/buoy-sdk", title="Bye", author="gert")
    world.directory.delete_person(person="gert")
    assert client("ada").get_repo(f"{ORG}/buoy-sdk").get_issue(number).user.login == "ghost"


def test_turned_off_issues_are_gone(client):
    repo = client("samir").get_repo(f"{ORG}/field-app")
    assert repo.archived
    assert list(repo.get_issues(state="all")) == []
    with pytest.raises(github.GithubException) as gone:
        repo.get_issue(1)
    assert gone.value.status == 410


def test_pull_requests(client):
    repo = client("freya").get_repo(f"{ORG}/buoy-firmware")
    assert [p.number for p in repo.get_pulls()] == [5]
    assert [p.number for p in repo.get_pulls(state="closed", base="main")] == [4]
    assert [p.number for p in repo.get_pulls(head=f"{ORG}:sequence-in-flash")] == [5]
    pull = repo.get_pull(4)
    assert pull.merged
    assert pull.is_merged()
    assert not repo.get_pull(5).is_merged()
    assert pull.merged_by.login == "emil"
    assert repo.get_pull(5).draft
    [file] = pull.get_files()
    assert (file.filename, file.status) == ("src/sampler.c", "modified")
    assert "optics_wiper_ran" in file.patch
    assert pull.changed_files == 1
    assert len(list(pull.get_commits())) == pull.commits == 1
    reviews = list(pull.get_reviews())
    assert (reviews[0].user.login, reviews[0].state) == ("gael", "CHANGES_REQUESTED")
    assert pull.get_review(reviews[0].id).body == reviews[0].body
    lines = list(pull.get_review_comments())
    assert [c.user.login for c in lines] == ["gael", "freya"]
    assert lines[1].in_reply_to_id == lines[0].id
    assert lines[0].diff_hunk.startswith("@@")
    assert "optics_wiper_ran" in lines[0].diff_hunk.split("\n")[-1]
    assert file.patch.split("\n")[lines[0].position] == lines[0].diff_hunk.split("\n")[-1]
    assert pull.get_review_comment(lines[0].id).path == "src/sampler.c"
    assert [c.id for c in pull.get_single_review_comments(reviews[0].id)] == [lines[0].id]
    assert {c.id for c in repo.get_pulls_review_comments()} == {c.id for c in lines}
    users, teams = repo.get_pull(5).get_review_requests()
    assert logins(users) == {"emil"}
    assert list(teams) == []
    assert [c.user.login for c in repo.get_pull(5).get_issue_comments()] == ["emil"]
    with pytest.raises(github.UnknownObjectException):
        repo.get_pull(1)


def test_a_draft_review_is_its_authors(client):
    def states(person):
        pull = client(person).get_repo(f"{ORG}/dashboard").get_pull(3)
        return {r.state for r in pull.get_reviews()}

    assert states("kaya") == {"APPROVED", "PENDING"}
    assert states("liam") == {"APPROVED"}


def test_renamed_repositories_redirect(client):
    repo = client("ada").get_repo(f"{ORG}/gateway-ingest")
    assert repo.full_name == f"{ORG}/ingest"
    assert client("ada").get_repo(repo.id).name == "ingest"
    lazy = client("ada", lazy=True).get_repo(f"{ORG}/gateway-ingest")
    assert lazy.get_issue(1).title.startswith("Readings delayed")
    with pytest.raises(github.UnknownObjectException):
        client("petra").get_repo(f"{ORG}/gateway-ingest")


def test_the_app_sees_everything(running, client):
    names = {r.full_name for r in client("github").get_organization(ORG).get_repos()}
    assert f"{ORG}/security-notes" in names
    _, found = client("github").requester.requestJsonAndCheck("GET", "/installation/repositories")
    assert found["total_count"] == len(running.world.states["github"].repos)


def test_rate_limit(client):
    gh = client("ada")
    before = gh.get_rate_limit().rate
    assert before.limit == 5000
    gh.get_repo(f"{ORG}/handbook")
    assert gh.rate_limiting[0] < 5000
    assert gh.get_rate_limit().rate.remaining == before.remaining - 1
    assert gh.rate_limiting_resettime > 0
    assert "repo" in gh.oauth_scopes


def test_searching(client):
    def numbers(person, query, **given):
        found = client(person).search_issues(query, **given)
        return {(i.repository.name, i.number) for i in found}

    assert numbers("freya", "wiper is:issue repo:saltmarsh/buoy-firmware") == {("buoy-firmware", 3)}
    assert numbers("freya", '"tide" is:issue author:otto') == set()
    assert numbers("freya", "is:issue author:otto state:closed") == {("buoy-sdk", 1)}
    assert numbers("otto", "people is:issue org:saltmarsh") == set()
    assert numbers("wanda", "people is:issue org:saltmarsh") >= {("security-notes", 1)}
    assert numbers("freya", "is:pr is:draft org:saltmarsh") == {("buoy-firmware", 5), ("ingest", 4)}
    assert numbers("freya", "is:issue -label:bug repo:saltmarsh/buoy-firmware", sort="updated") == {
        ("buoy-firmware", 2)
    }
    # What is turned off is not found either.
    assert numbers("samir", "photographs is:issue") == set()
    for query in ("is:issue repo:saltmarsh/infra", "words alone", "is:issue shoe:7"):
        with pytest.raises(github.GithubException) as refused:
            list(client("freya").search_issues(query))
        assert refused.value.status == 422
