"""Verbs on repositories and their outside and inside collaborators."""

from __future__ import annotations

import re

from simulator.github.base import GithubBase
from simulator.github.git import Git
from simulator.github.model import LEVELS, VISIBILITIES, Grant, Label, Repo
from simulator.verbs import VerbError, verb

_LABELS = {
    "bug": ("d73a4a", "Something isn't working"),
    "documentation": ("0075ca", "Improvements or additions to documentation"),
    "enhancement": ("a2eeef", "New feature or request"),
    "good first issue": ("7057ff", "Good for newcomers"),
    "question": ("d876e3", "Further information is requested"),
    "wontfix": ("ffffff", "This will not be worked on"),
}


class RepoVerbs(GithubBase):
    """Repositories as containers."""

    @verb
    def create_repo(
        self,
        org: str,
        name: str,
        visibility: str = "private",
        description: str = "",
        discussions: bool = False,
        at: str = "",
    ) -> int:
        """A new, empty repository; tells its id."""
        found = self.org(org)
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name) or visibility not in VISIBILITIES:
            raise VerbError(f"no {visibility} repository {name}")
        held = self.find_repo(found, name)
        if held is not None and held.name.lower() == name.lower():
            raise VerbError(f"{name} is taken")
        when = self._when(at)
        made = Repo(
            self._number(), found.id, name, visibility, description, when, when, when, Git()
        )
        made.has_discussions = discussions
        for label, (color, said) in _LABELS.items():
            made.labels[label] = Label(self._number(), label, color, said)
        self.repos[made.id] = made
        self.names[found.id, name.lower()] = made.id
        self._changed("create_repo", org=found.id, repo=made.id)
        return made.id

    def _touched(self, repo: Repo, kind: str, subject: object = "") -> None:
        repo.updated = max(repo.updated, self.world.now().replace(microsecond=0))
        self._changed(kind, org=repo.org, repo=repo.id, subject=subject)

    @verb
    def rename_repo(self, repo: str, name: str) -> None:
        """A new name; the old one redirects until someone else takes it."""
        found = self.repo(repo)
        held = self.find_repo(self.org(found.org), name)
        if held is not None and held is not found and held.name.lower() == name.lower():
            raise VerbError(f"{name} is taken")
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            raise VerbError(f"no name {name}")
        found.name = name
        self.names[found.org, name.lower()] = found.id
        self._touched(found, "rename_repo")

    @verb
    def delete_repo(self, repo: str) -> None:
        """Delete a repository with everything in it."""
        found = self.repo(repo)
        del self.repos[found.id]
        for key in [k for k, held in self.names.items() if held == found.id]:
            del self.names[key]
        for team in self.teams.values():
            team.repos.pop(found.id, None)
        self._changed("delete_repo", org=found.org, repo=found.id)

    @verb
    def change_visibility(self, repo: str, visibility: str) -> None:
        """Public, internal or private."""
        found = self.repo(repo)
        if visibility not in VISIBILITIES:
            raise VerbError(f"no visibility {visibility}")
        found.visibility = visibility
        self._touched(found, "change_visibility")

    @verb
    def archive(self, repo: str, archived: bool = True) -> None:
        """Make a repository read-only, or end that."""
        found = self.repo(repo)
        found.archived = archived
        self._touched(found, "archive")

    @verb
    def set_features(
        self,
        repo: str,
        issues: bool | None = None,
        wiki: bool | None = None,
        discussions: bool | None = None,
    ) -> None:
        """Turn parts of a repository on or off; what was in them stays."""
        found = self.repo(repo)
        found.has_issues = found.has_issues if issues is None else issues
        found.has_wiki = found.has_wiki if wiki is None else wiki
        found.has_discussions = found.has_discussions if discussions is None else discussions
        self._touched(found, "set_features")

    @verb
    def add_collaborator(
        self, repo: str, person: str, level: str = "read", pending: bool = False
    ) -> None:
        """Give a person a role of their own, or invite them to it."""
        found = self.repo(repo)
        self.account(person)
        if level not in LEVELS:
            raise VerbError(f"no role {level}")
        if self.world.directory.person(person).deleted:
            raise VerbError(f"{person} is deleted")
        found.collaborators[person] = Grant(level, pending)
        self._changed("add_collaborator", org=found.org, repo=found.id, subject=person)

    @verb
    def accept_invitation(self, repo: str, person: str) -> None:
        """An invited person becomes a collaborator."""
        found = self.repo(repo)
        if person not in found.collaborators:
            raise VerbError(f"{person} was not invited")
        found.collaborators[person].pending = False
        self._changed("accept_invitation", org=found.org, repo=found.id, subject=person)

    @verb
    def remove_collaborator(self, repo: str, person: str) -> None:
        """Take a person's own role away."""
        found = self.repo(repo)
        if found.collaborators.pop(person, None) is None:
            raise VerbError(f"{person} is no collaborator of {repo}")
        self._changed("remove_collaborator", org=found.org, repo=found.id, subject=person)

    @verb
    def create_label(
        self, repo: str, name: str, color: str = "ededed", description: str = ""
    ) -> int:
        """A new label; tells its id."""
        found = self.repo(repo)
        if name.lower() in found.labels:
            raise VerbError(f"{name} is taken")
        made = Label(self._number(), name, color, description)
        found.labels[name.lower()] = made
        self._touched(found, "create_label", name)
        return made.id

    def _next(self, repo: Repo) -> int:
        repo.last += 1
        return repo.last

    def _label(self, repo: Repo, names: list[str]) -> list[str]:
        for name in names:
            if name.lower() not in repo.labels:
                self.create_label(f"{self.org(repo.org).login}/{repo.name}", name)
        return [repo.labels[name.lower()].name for name in dict.fromkeys(names)]
