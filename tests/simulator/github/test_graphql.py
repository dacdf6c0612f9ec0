"""GraphQL through the official SDK's support for it."""

import github
import httpx
import pytest

from simulator.embedded import serve
from simulator.world import World

ORG = "saltmarsh"
PEOPLE = """query($org: String!, $after: String) { organization(login: $org) {
  samlIdentityProvider { externalIdentities(first: 5, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { guid user { login databaseId } samlIdentity { nameId username emails { value } } }
  } } } }"""
MEMBERS = """query($org: String!) { organization(login: $org) {
  membersWithRole(first: 100) { totalCount edges { role hasTwoFactorEnabled node {
    login databaseId email organizationVerifiedDomainEmails(login: $org) } } } } }"""


@pytest.fixture(scope="module")
def running():
    with serve(World.company()) as server:
        yield server


def ask(client, person, query, **variables):
    return client(person).requester.graphql_query(query, variables)[1]["data"]


def refused(act):
    with pytest.raises(github.GithubException) as caught:
        act()
    return [(e.get("type"), e["message"]) for e in caught.value.data["errors"]]


def test_discussions(client):
    repo = client("ada").get_repo(f"{ORG}/handbook")
    found = list(
        repo.get_discussions("id number title author { login } category { name } isAnswered")
    )
    assert [d.number for d in found] == [3, 2, 1]
    assert {d.author.login for d in found} == {"kaya", "zoe", "tomas"}
    assert found[1].category.name == "Q&A"
    answered = list(repo.get_discussions("number", answered=True))
    assert [d.number for d in answered] == [2]
    one = repo.get_discussion(2, "id databaseId title body answer { id body author { login } }")
    assert one.answer.author.login == "marta"
    comments = list(
        one.get_comments(
            "id body isAnswer author { login } replies(first: 5) { totalCount nodes { id } }"
        )
    )
    assert [c.author.login for c in comments] == ["liam", "marta"]
    with pytest.raises(github.UnknownObjectException):
        repo.get_discussion(99, "id")
    with pytest.raises(github.UnknownObjectException):
        client("petra").requester.graphql_query(
            'query { repository(owner: "saltmarsh", name: "ingest") { id } }', {}
        )


def test_pages_of_comments(running, client):
    world = running.world
    number = world.do(
        "github.start_discussion",
        repo=f"{ORG}/handbook",
        title="Long",
        author="ada",
        labels=["bug"],
    )
    made = [
        world.do("github.remark", repo=f"{ORG}/handbook", number=number, author="ada", body=str(n))
        for n in range(45)
    ]
    world.do(
        "github.remark",
        repo=f"{ORG}/handbook",
        number=number,
        author="una",
        body="r",
        reply_to=made[0],
    )
    talk = (
        client("ada", per_page=10)
        .get_repo(f"{ORG}/handbook")
        .get_discussion(number, "id labels(first: 3) { nodes { name } }")
    )
    assert [c.body for c in talk.get_comments("id body")] == [str(n) for n in range(45)]
    assert [c.body for c in talk.get_comments("id body").reversed] == [
        str(n) for n in reversed(range(45))
    ]
    assert [label.name for label in talk.get_labels()] == ["bug"]
    added = talk.add_comment("From the SDK", output_schema="id body author { login }")
    assert (added.body, added.author.login) == ("From the SDK", "ada")
    reply = talk.add_comment(
        "Deeper", reply_to=added, output_schema="id replyTo { id } discussion { number }"
    )
    assert reply.id != added.id


def test_identities_for_owners(client):
    found, after = [], None
    while True:
        data = ask(client, "dagny", PEOPLE, org=ORG, after=after)
        page = data["organization"]["samlIdentityProvider"]["externalIdentities"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(found) == page["totalCount"] == len({i["guid"] for i in found})
    linked = {i["samlIdentity"]["username"]: i["user"] for i in found}
    assert linked["bruno@saltmarsh.example"]["login"] == "bcarvalho"
    assert linked["kaya@saltmarsh.example"] is None
    names = {i["samlIdentity"]["nameId"] for i in found}
    assert "00u8w4nd4" in names
    assert ask(client, "github", PEOPLE, org=ORG)["organization"]["samlIdentityProvider"]
    for person in ("freya", "petra"):
        data = ask(client, person, PEOPLE, org=ORG)
        assert data["organization"]["samlIdentityProvider"] is None


def test_members_and_verified_addresses(client):
    data = ask(client, "github", MEMBERS, org=ORG)["organization"]["membersWithRole"]
    edges = {e["node"]["login"]: e for e in data["edges"]}
    assert len(edges) == data["totalCount"]
    assert edges["tomas"]["role"] == "ADMIN"
    assert edges["tomas"]["hasTwoFactorEnabled"]
    emails = {k: e["node"]["organizationVerifiedDomainEmails"] for k, e in edges.items()}
    assert emails["emil"] == ["emil@saltmarsh.example"]
    assert emails["freya"] == []  # only a private address
    assert emails["liam"] == []  # not verified
    assert edges["emil"]["node"]["email"] == ""
    outside = ask(client, "petra", MEMBERS, org=ORG)["organization"]["membersWithRole"]
    assert {e["node"]["login"] for e in outside["edges"]} == {"zoe", "emil"}
    assert all(not e["node"]["organizationVerifiedDomainEmails"] for e in outside["edges"])


def test_nodes_and_the_viewer(client):
    gh = client("ada")
    talk = gh.get_repo(f"{ORG}/handbook").get_discussion(1, "id title")
    again = gh.get_repository_discussion(talk.id, "id title")
    assert again.title == talk.title
    with pytest.raises(github.UnknownObjectException):
        client("maeve").get_repository_discussion(talk.id, "id")
    data = ask(
        client,
        "ada",
        '{ viewer { login isViewer } rateLimit { cost remaining } user(login: "zoe") { email } }',
    )
    assert data["viewer"] == {"login": "ada", "isViewer": True}
    assert data["user"]["email"] == "zoe@saltmarsh.example"
    whole = ask(
        client,
        "ada",
        """{ organization(login: "saltmarsh") { viewerIsAMember repositories(first: 50) { nodes {
        nameWithOwner visibility hasDiscussionsEnabled
        discussionCategories(first: 10) { nodes { name } } } } } }""",
    )
    names = [r["nameWithOwner"] for r in whole["organization"]["repositories"]["nodes"]]
    assert f"{ORG}/security-notes" not in names
    assert f"{ORG}/ingest" in names


def test_bad_queries(client, running):
    def query(text):
        return lambda: client("ada").requester.graphql_query(text, {})

    nodes = (
        '{ repository(owner: "saltmarsh", name: "handbook") { discussions%s { nodes { id } } } }'
    )
    assert refused(query(nodes % ""))[0][0] == "MISSING_PAGINATION_BOUNDARIES"
    assert refused(query(nodes % "(first: 101)"))[0][0] == "EXCESSIVE_PAGINATION"
    assert refused(query(nodes % '(first: 1, after: "no")'))[0][0] == "INVALID_CURSOR_ARGUMENTS"
    assert "Cannot query field" in refused(query("{ viewer { shoeSize } }"))[0][1]
    assert "Syntax Error" in refused(query("{ viewer "))[0][1]
    bare = httpx.post(f"{running.url}/github/graphql", json={"query": "{ viewer { login } }"})
    assert bare.status_code == 401


def test_discussions_that_are_turned_off(client):
    repo = client("jonas").get_repo(f"{ORG}/infra")
    assert not repo.has_discussions
    assert list(repo.get_discussions("id")) == []
    with pytest.raises(github.UnknownObjectException):
        repo.get_discussion(1, "id")
