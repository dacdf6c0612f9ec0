"""What a token sees at GitHub: enforcement, written apart from the oracle.

Everything starts at the caller: which organisations they are in and which teams count for them,
worked out once; then each way to a repository raises their level there.
"""

from __future__ import annotations

from simulator.github.model import LEVELS, Issue, Org, Pull, Repo, Review, Team
from simulator.github.state import GithubState
from simulator.people import Person

READ, TRIAGE, WRITE, MAINTAIN, ADMIN = 1, 2, 3, 4, 5
_RANK = {name: rank for rank, name in enumerate(("none", *LEVELS))}


class Sight:
    """One caller's view of GitHub at one instant."""

    def __init__(
        self,
        state: GithubState,
        person: Person | None,
        service: bool = False,
        scopes: tuple[str, ...] = (),
    ):
        """Look through the eyes of `person`, of the installed app, or of nobody.

        Args:
            state: what there is.
            person: who asks; None for the app and for nobody.
            service: whether it is the app.
            scopes: what the token was granted; empty when it was not limited. Without ``repo``
                it opens public repositories only, without ``read:org`` it is no member's.
        """
        self.state, self.person, self.service = state, person, service
        self._private = not scopes or "repo" in scopes
        self._orgs = not scopes or not {"read:org", "write:org", "admin:org"}.isdisjoint(scopes)
        self._levels: dict[int, int] = {}
        self.member: set[int] = set()
        self.owner: set[int] = set()
        self.teams: set[int] = set()
        """Teams that count for the caller: their own and all above those."""
        if person is None:
            return
        for org in state.orgs.values():
            held = org.members.get(person.id)
            if held is not None and not held.pending:
                self.member.add(org.id)
                if held.role == "admin":
                    self.owner.add(org.id)
        for team in state.teams.values():
            if person.id in team.members:
                at: Team | None = team
                while at is not None and at.id not in self.teams:
                    self.teams.add(at.id)
                    at = state.teams.get(at.parent)

    @property
    def who(self) -> str:
        """The caller's person id; empty for the app and for nobody."""
        return self.person.id if self.person else ""

    def in_org(self, org: Org) -> bool:
        """Whether the caller sees what members see."""
        return self.service or (self._orgs and org.id in self.member)

    def owns(self, org: Org) -> bool:
        """Whether the caller administers the organisation."""
        return self.service or (self._orgs and org.id in self.owner)

    def level(self, repo: Repo) -> int:
        """The caller's rank in a repository: 0 for none, then `READ` to `ADMIN`."""
        if self.service:
            return ADMIN
        known = self._levels.get(repo.id)
        if known is None:
            known = self._levels[repo.id] = self._level(repo)
        return known

    def _level(self, repo: Repo) -> int:
        found = READ if repo.visibility == "public" else 0
        if not self._private:
            return found
        if repo.visibility == "internal" and self.member:
            found = READ
        return max(found, self.granted(repo))

    def granted(self, repo: Repo) -> int:
        """The rank by grants alone, leaving out what the repository shows to everybody."""
        found = 0
        if self.person is None:
            return found
        if repo.org in self.owner:
            return ADMIN
        if repo.org in self.member:
            found = _RANK[self.state.orgs[repo.org].base]
        for team in self.teams:
            role = self.state.teams[team].repos.get(repo.id)
            if role is not None:
                found = max(found, _RANK[role])
        own = repo.collaborators.get(self.person.id)
        if own is not None and not own.pending:
            found = max(found, _RANK[own.level])
        return found

    def sees_team(self, team: Team) -> bool:
        """Members see closed teams; secret ones only who is in them, and owners."""
        org = self.state.orgs[team.org]
        if self.owns(org):
            return True
        return self.in_org(org) and (team.privacy == "closed" or team.id in self.teams)

    def reviews(self, pull: Pull) -> list[Review]:
        """Reviews; a draft is its author's alone."""
        return [
            r
            for r in pull.reviews.values()
            if r.state != "PENDING" or (self.who and r.author == self.who)
        ]

    def issues(self, repo: Repo) -> list[Issue]:
        """What a list of issues holds: no issues where they are turned off, but pull requests."""
        if self.level(repo) < READ:
            return []
        return [i for i in repo.issues.values() if repo.has_issues or i.pull is not None]


def through(state: GithubState, repo: Repo, person: str) -> int:
    """Another person's rank by grants, as lists of collaborators show it."""
    return Sight(state, state.world.directory.people.get(person)).granted(repo)
