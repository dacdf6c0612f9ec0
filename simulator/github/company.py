"""What Saltmarsh Instruments keeps at GitHub: the words are in ``texts/``, one file a repository.

A text file is a row of sections. Each begins with ``@@``, what it is, and its fields; the lines
up to the next section are its body: a ``file`` (or one that was moved: ``move``), an ``issue``
with ``comment``, a ``pull`` with ``change``, ``review``, ``line`` and ``comment``, a
``discussion`` with ``remark``, ``answer`` and ``reply``, a ``wiki`` page.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from simulator.github.state import GithubState
from simulator.world import World

_TEXTS = Path(__file__).parent / "texts"
MAIN, LABS = "saltmarsh", "saltmarsh-labs"
_MEMBERS = (
    "dagny ada bruno chidi emil freya gael hana ivo jonas kaya liam marta nils padraig una "
    "viktor wanda zoe kurt"
)
_TEAMS: dict[str, tuple[str, str, str]] = {
    "engineering": ("", "closed", "tomas"),
    "platform": ("engineering", "closed", "ada bruno chidi dagny"),
    "firmware": ("engineering", "closed", "emil freya gael kurt"),
    "cloud": ("engineering", "closed", "jonas dagny bruno"),
    "on-call": ("cloud", "closed", "dagny jonas chidi"),
    "quality": ("engineering", "closed", "marta nils"),
    "product": ("", "closed", "kaya liam zoe"),
    "support": ("", "closed", "una viktor"),
    "security": ("", "secret", "wanda"),
}
"""Name → parent, privacy and people."""
_REPOS: dict[str, tuple[str, str, str, str]] = {
    "handbook": (MAIN, "internal", "How we build and look after things", "engineering:write"),
    "buoy-firmware": (
        MAIN,
        "private",
        "Firmware of the SB-3 buoy",
        "firmware:write quality:read support:triage",
    ),
    "ingest": (
        MAIN,
        "private",
        "Gateways' frames to readings",
        "platform:write engineering:read security:write",
    ),
    "dashboard": (
        MAIN,
        "private",
        "What customers see",
        "product:maintain cloud:write support:triage",
    ),
    "infra": (MAIN, "private", "The cloud, as code", "cloud:maintain"),
    "buoy-sdk": (
        MAIN,
        "public",
        "Read frames from Saltmarsh buoys",
        "firmware:write product:write",
    ),
    "security-notes": (MAIN, "private", "Findings that are not fixed yet", "security:admin"),
    "field-app": (MAIN, "private", "The crews' old application", ""),
    "salinity-model": (LABS, "private", "Salinity six hours ahead", ""),
    "drift-study": (LABS, "internal", "How fast readings drift", ""),
}
"""Name → organisation, visibility, description, teams with their roles."""
_OUTSIDE = (
    (f"{MAIN}/dashboard", "petra", "write", False),
    (f"{MAIN}/dashboard", "samir", "read", True),
    (f"{MAIN}/ingest", "samir", "read", False),
    (f"{MAIN}/field-app", "samir", "maintain", False),
    (f"{MAIN}/field-app", "padraig", "read", False),
    (f"{MAIN}/infra", "wanda", "triage", False),
    (f"{MAIN}/buoy-firmware", "otto", "read", True),
    (f"{MAIN}/buoy-sdk", "nora", "read", False),
)
"""Repository, person, level, and whether they are still only invited."""


@dataclass(slots=True)
class Section:
    """One section of a text file."""

    kind: str
    words: list[str]
    fields: dict[str, str]
    body: str = ""
    below: list[Section] = field(default_factory=list)
    """Sections that belong to it."""


_TOP = ("file", "move", "issue", "pull", "discussion", "wiki")


def sections(text: str) -> Iterator[Section]:
    """The top sections of a text, with what belongs to them."""
    at: Section | None = None
    for part in f"\n{text}".split("\n@@ ")[1:]:
        head, _, body = part.partition("\n")
        kind, *rest = shlex.split(head)
        fields = dict(word.split("=", 1) for word in rest if "=" in word)
        words = [word for word in rest if "=" not in word]
        found = Section(kind, words, fields, body.strip("\n"))
        if kind in _TOP:
            if at is not None:
                yield at
            at = found
        elif at is not None:
            at.below.append(found)
    if at is not None:
        yield at


class _Writer:
    """Writes one text file's sections into a repository."""

    def __init__(self, state: GithubState, repo: str):
        self.state, self.repo = state, repo

    def write(self, text: str) -> None:
        found = list(sections(text))
        files = [s for s in found if s.kind in ("file", "move")]
        for section in sorted(files, key=lambda s: s.fields["at"]):
            self._file(section)
        for section in sorted(found, key=lambda s: s.fields["at"]):
            if section.kind == "issue":
                self._issue(section)
            elif section.kind == "pull":
                self._pull(section)
            elif section.kind == "discussion":
                self._discussion(section)
            elif section.kind == "wiki":
                self.state.write_page(
                    repo=self.repo,
                    title=section.fields["title"],
                    text=f"{section.body}\n",
                    by=section.fields["by"],
                    at=section.fields["at"],
                )

    def _file(self, section: Section) -> None:
        by, at = section.fields["by"], section.fields["at"]
        text = f"{section.body}\n"
        self.state.write_file(repo=self.repo, path=section.words[0], text=text, by=by, at=at)
        if section.kind == "move":
            old, new = section.words
            later = at.replace("T11:", "T15:")
            self.state.move_file(repo=self.repo, path=old, to=new, by=by, at=later)

    def _issue(self, section: Section) -> None:
        given = section.fields
        number = self.state.create_issue(
            repo=self.repo,
            title=given["title"],
            author=given["by"],
            body=section.body,
            labels=_split(given.get("labels")),
            assignees=_split(given.get("assignees")),
            at=given["at"],
        )
        at = self._comments(section, number) or given["at"]
        if given.get("state") == "closed":
            self.state.close_issue(repo=self.repo, number=number, by=given["by"], at=at)

    def _comments(self, section: Section, number: int) -> str:
        at = ""
        for below in section.below:
            if below.kind == "comment":
                at = below.fields["at"]
                self.state.comment(
                    repo=self.repo,
                    number=number,
                    author=below.fields["by"],
                    body=below.body,
                    at=at,
                )
        return at

    def _pull(self, section: Section) -> None:
        given, state, repo = section.fields, self.state, self.repo
        by, at, branch = given["by"], given["at"], given["branch"]
        state.create_branch(repo=repo, branch=branch)
        for below in section.below:
            if below.kind == "change":
                path, text = below.words[0], f"{below.body}\n"
                if "replace" in below.fields:
                    text = self._read(path).replace(below.fields["replace"], below.fields["with"])
                message = below.fields["message"]
                state.write_file(
                    repo=repo, path=path, text=text, by=by, branch=branch, message=message, at=at
                )
        number = state.open_pull(
            repo=repo,
            title=given["title"],
            author=by,
            head=branch,
            body=section.body,
            draft=given.get("draft") == "yes",
            reviewers=_split(given.get("reviewers")),
            labels=_split(given.get("labels")),
            at=at,
        )
        self._reviews(section, number)
        self._comments(section, number)
        if given.get("state") == "merged":
            state.merge(repo=repo, number=number, by=given["merger"], at=given["merged-at"])

    def _read(self, path: str) -> str:
        git = self.state.repo(self.repo).git
        assert git.head is not None
        return git.blobs[git.head.files[path]].decode()

    def _reviews(self, section: Section, number: int) -> None:
        review, reviewer, thread = 0, "", 0
        for below in section.below:
            given = below.fields
            if below.kind == "review":
                reviewer, thread = given["by"], 0
                review = self.state.review(
                    repo=self.repo,
                    number=number,
                    author=reviewer,
                    state=given["state"],
                    body=below.body,
                    at=given["at"],
                )
            elif below.kind == "line":
                made = self.state.comment_line(
                    repo=self.repo,
                    number=number,
                    author=given["by"],
                    path=given["path"],
                    line=int(given["line"]),
                    body=below.body,
                    review=review if given["by"] == reviewer else 0,
                    reply_to=thread,
                    at=given["at"],
                )
                thread = thread or made

    def _discussion(self, section: Section) -> None:
        given, state, repo = section.fields, self.state, self.repo
        number = state.start_discussion(
            repo=repo,
            title=given["title"],
            author=given["by"],
            body=section.body,
            category=given["category"],
            at=given["at"],
        )
        last = 0
        for below in section.below:
            by, at = below.fields["by"], below.fields["at"]
            above = last if below.kind == "reply" else 0
            made = state.remark(
                repo=repo, number=number, author=by, body=below.body, reply_to=above, at=at
            )
            last = above or made
            if below.kind == "answer":
                state.answer(repo=repo, number=number, remark=made, by=given["by"], at=at)


def _split(text: str | None) -> list[str]:
    return text.split(",") if text else []


def _people(state: GithubState) -> None:
    """Members, teams, identities and addresses."""
    state.create_org(
        login=MAIN,
        owner="tomas",
        name="Saltmarsh Instruments",
        description="Buoys that measure water quality",
        at="2023-01-09T09:00:00Z",
    )
    state.create_org(
        login=LABS,
        owner="hana",
        name="Saltmarsh Labs",
        description="Experiments; nothing here is promised to anybody",
        at="2025-08-25T09:00:00Z",
    )
    state.set_base(org=MAIN, level="none")
    for person in _MEMBERS.split():
        role = "admin" if person == "dagny" else "member"
        public = person in ("zoe", "emil")
        state.add_member(org=MAIN, person=person, role=role, public=public)
    state.add_member(org=MAIN, person="pilar", pending=True)
    for person in ("ivo", "jonas", "ada-lab"):
        state.add_member(org=LABS, person=person)
    for name, (parent, privacy, people) in _TEAMS.items():
        above = f"{MAIN}/{parent}" if parent else ""
        state.create_team(
            org=MAIN,
            name=name.capitalize(),
            parent=above,
            privacy=privacy,
            at="2023-02-01T09:00:00Z",
        )
        for n, person in enumerate(people.split()):
            role = "maintainer" if n == 0 else "member"
            state.add_team_member(team=f"{MAIN}/{name}", person=person, role=role)
    state.rename_login(person="bruno", login="bcarvalho")
    state.rename_login(person="chidi", login="chidi-ok")
    domain = state.world.directory.domain
    for org in (MAIN, LABS):
        state.verify_domain(org=org, domain=domain)
    # Most developers had their account before they had this job.
    for person in ("bruno", "freya", "gael", "ivo", "wanda"):
        state.set_emails(person=person, emails=[f"{person}@post.example"])
    for person in ("ada", "emil", "jonas"):
        both = [f"{person}@post.example", f"{person}@{domain}"]
        state.set_emails(person=person, emails=both)
    state.set_emails(person="liam", emails=[f"liam@{domain}"], verified=False)
    state.publish_email(person="zoe", email=f"zoe@{domain}")
    state.publish_email(person="gael", email="gael@post.example")
    state.enable_saml(org=MAIN)
    for person in (*_MEMBERS.split(), "tomas"):
        # Kaya never signed in, Nils lost his link when he changed telephones.
        linked = "" if person in ("kaya", "nils") else person
        name_id = "00u8w4nd4" if person == "wanda" else f"{person}@{domain}"
        state.add_identity(
            org=MAIN,
            name_id=name_id,
            person=linked,
            username=f"{person}@{domain}",
            emails=[f"{person}@{domain}"],
        )
    state.add_identity(org=MAIN, name_id=f"pilar@{domain}")


def build(world: World) -> None:
    """Two organisations, ten repositories, and what people wrote there."""
    state = GithubState.of(world)
    _people(state)
    for name, (org, visibility, description, teams) in _REPOS.items():
        first = "gateway-ingest" if name == "ingest" else name
        state.create_repo(
            org=org,
            name=first,
            visibility=visibility,
            description=description,
            discussions=True,
            at="2023-03-01T09:00:00Z",
        )
        if first != name:
            state.rename_repo(repo=f"{org}/{first}", name=name)
        for word in teams.split():
            team, _, level = word.partition(":")
            state.grant_team(team=f"{org}/{team}", repo=f"{org}/{name}", level=level)
        _Writer(state, f"{org}/{name}").write((_TEXTS / f"{name}.txt").read_text("utf-8"))
    for repo, person, level, invited in _OUTSIDE:
        state.add_collaborator(repo=repo, person=person, level=level, pending=invited)
    old = f"{MAIN}/field-app"
    state.set_features(repo=old, issues=False, wiki=False, discussions=False)
    state.archive(repo=old)
    # Discussions were tried there, and turned off again.
    state.set_features(repo=f"{MAIN}/infra", discussions=False)
