"""Verbs on people, organisations and teams."""

from __future__ import annotations

import re

from simulator.github.base import GithubBase
from simulator.github.model import LEVELS, Email, Identity, Membership, Org, Team
from simulator.verbs import VerbError, verb


class MemberVerbs(GithubBase):
    """Who is who."""

    @verb
    def rename_login(self, person: str, login: str) -> None:
        """A new login; the old one is anyone's to take, and the id stays."""
        account = self.account(person)
        if self.logins.get(login.lower(), person) != person or self.find_org(login):
            raise VerbError(f"{login} is taken")
        self.logins.pop(account.login.lower(), None)
        account.login = login
        self.logins[login.lower()] = person
        self._changed("rename_login", subject=person)

    @verb
    def set_emails(self, person: str, emails: list[str], verified: bool = True) -> None:
        """The addresses of an account, the first one primary: often not the company's at all."""
        account = self.account(person)
        account.emails = [Email(e, verified, n == 0) for n, e in enumerate(emails)]
        self._changed("set_emails", subject=person)

    @verb
    def publish_email(self, person: str, email: str = "") -> None:
        """Show an address on the profile, or none."""
        self.account(person).published = email
        self._changed("publish_email", subject=person)

    @verb
    def create_org(
        self, login: str, owner: str, name: str = "", description: str = "", at: str = ""
    ) -> int:
        """A new organisation of the enterprise with its first owner; tells its id."""
        self.account(owner)
        if self.find_org(login) or login.lower() in self.logins:
            raise VerbError(f"{login} is taken")
        org = Org(self._number(), login, name or login, description, self._when(at))
        org.members[owner] = Membership("admin")
        self.orgs[org.id] = org
        self._changed("create_org", org=org.id)
        return org.id

    @verb
    def set_base(self, org: str, level: str) -> None:
        """What members may do in every repository: none, read, write or admin."""
        if level not in ("none", "read", "write", "admin"):
            raise VerbError(f"no base permission {level}")
        found = self.org(org)
        found.base = level
        self._changed("set_base", org=found.id)

    @verb
    def add_member(
        self,
        org: str,
        person: str,
        role: str = "member",
        pending: bool = False,
        public: bool = False,
    ) -> None:
        """Someone joins an organisation, is invited to it, or changes role (member, admin)."""
        found = self.org(org)
        self.account(person)
        if role not in ("member", "admin"):
            raise VerbError(f"no role {role}")
        if self.world.directory.person(person).deleted:
            raise VerbError(f"{person} is deleted")
        held = found.members.get(person)
        if pending and held is not None and not held.pending:
            raise VerbError(f"{person} is a member already")
        self._keep_an_owner(found, person, role == "admin" and not pending)
        found.members[person] = Membership(role, pending, public)
        self._changed("add_member", org=found.id, subject=person)

    @verb
    def accept_membership(self, org: str, person: str) -> None:
        """An invited person becomes a member."""
        found = self.org(org)
        if person not in found.members:
            raise VerbError(f"{person} was not invited to {org}")
        found.members[person].pending = False
        self._changed("accept_membership", org=found.id, subject=person)

    @verb
    def remove_member(self, org: str, person: str, outside: bool = False) -> None:
        """Someone leaves an organisation with its teams.

        Args:
            org: the organisation.
            person: who leaves.
            outside: keep them as an outside collaborator where they had rights of their own.
        """
        found = self.org(org)
        if person not in found.members:
            raise VerbError(f"{person} is not in {org}")
        self._keep_an_owner(found, person, False)
        self._expel(found, person)
        if not outside:
            for repo in self.repos.values():
                if repo.org == found.id:
                    repo.collaborators.pop(person, None)
        self._changed("remove_member", org=found.id, subject=person)

    def _keep_an_owner(self, org: Org, person: str, stays: bool) -> None:
        others = any(
            m.role == "admin" and not m.pending and p != person for p, m in org.members.items()
        )
        if not stays and not others:
            raise VerbError(f"{org.login} needs an owner")

    @verb
    def verify_domain(self, org: str, domain: str) -> None:
        """Prove that a domain is the organisation's."""
        found = self.org(org)
        if domain not in found.domains:
            found.domains.append(domain)
        self._changed("verify_domain", org=found.id, subject=domain)

    @verb
    def enable_saml(self, org: str) -> None:
        """Turn single sign-on on."""
        found = self.org(org)
        found.saml = found.saml or {}
        self._changed("enable_saml", org=found.id)

    @verb
    def add_identity(
        self,
        org: str,
        name_id: str,
        username: str = "",
        person: str = "",
        emails: list[str] | None = None,
    ) -> int:
        """A SAML identity, linked to a person's account or not yet; tells its id."""
        found = self.org(org)
        if found.saml is None:
            raise VerbError(f"{org} has no single sign-on")
        if person:
            self.account(person)
        guid = self.world.new_id(32, "0123456789abcdef")
        guid = "-".join((guid[:8], guid[8:12], guid[12:16], guid[16:20], guid[20:]))
        made = Identity(
            self._number(), guid, name_id, username or name_id, emails or [name_id], person
        )
        found.saml[made.id] = made
        self._changed("add_identity", org=found.id, subject=name_id)
        return made.id

    @verb
    def unlink_identity(self, org: str, identity: int) -> None:
        """Revoke the link between a SAML identity and an account."""
        found = self.org(org)
        if identity not in (found.saml or {}):
            raise VerbError(f"no identity {identity}")
        assert found.saml is not None
        found.saml[identity].person = ""
        self._changed("unlink_identity", org=found.id, subject=identity)

    @verb
    def create_team(
        self,
        org: str,
        name: str,
        parent: str = "",
        privacy: str = "closed",
        description: str = "",
        at: str = "",
    ) -> int:
        """A new, empty team; `parent` is ``organisation/slug``. Tells its id."""
        found = self.org(org)
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        if privacy not in ("closed", "secret") or not slug:
            raise VerbError(f"no {privacy} team {name}")
        if self.find_team(found, slug):
            raise VerbError(f"{slug} is taken")
        above = self._above(found, parent, privacy)
        team = Team(
            self._number(), found.id, slug, name, description, self._when(at), privacy, above
        )
        self.teams[team.id] = team
        self._changed("create_team", org=found.id, subject=team.id)
        return team.id

    def _above(self, org: Org, parent: str, privacy: str) -> int:
        if not parent:
            return 0
        above = self.team(parent)
        if above.org != org.id or above.privacy == "secret" or privacy == "secret":
            raise VerbError("secret teams can't be nested, and nesting stays in one organisation")
        return above.id

    @verb
    def nest_team(self, team: str, parent: str = "") -> None:
        """Put a team below another one; an empty `parent` takes it out."""
        found = self.team(team)
        above = self._above(self.org(found.org), parent, found.privacy)
        at = above
        while at:
            if at == found.id:
                raise VerbError("a team can't be below itself")
            at = self.teams[at].parent
        found.parent = above
        self._changed("nest_team", org=found.org, subject=found.id)

    @verb
    def delete_team(self, team: str) -> None:
        """Delete a team and, as GitHub does, the teams below it."""
        found = self.team(team)
        gone = {found.id}
        while True:
            more = {t.id for t in self.teams.values() if t.parent in gone} - gone
            if not more:
                break
            gone |= more
        for key in gone:
            del self.teams[key]
        self._changed("delete_team", org=found.org, subject=found.id)

    @verb
    def add_team_member(self, team: str, person: str, role: str = "member") -> None:
        """A member of the organisation joins one of its teams."""
        found = self.team(team)
        held = self.org(found.org).members.get(person)
        if held is None or held.pending:
            raise VerbError(f"{person} is no member of the organisation")
        if role not in ("member", "maintainer"):
            raise VerbError(f"no role {role}")
        found.members[person] = role
        self._changed("add_team_member", org=found.org, subject=found.id)

    @verb
    def remove_team_member(self, team: str, person: str) -> None:
        """Someone leaves a team."""
        found = self.team(team)
        if found.members.pop(person, None) is None:
            raise VerbError(f"{person} is not in {team}")
        self._changed("remove_team_member", org=found.org, subject=found.id)

    @verb
    def grant_team(self, team: str, repo: str, level: str = "read") -> None:
        """Give a team (and the teams below it) a role in a repository."""
        found, held = self.team(team), self.repo(repo)
        if held.org != found.org or level not in LEVELS:
            raise VerbError(f"{team} can't have {level} there")
        found.repos[held.id] = level
        self._changed("grant_team", org=found.org, repo=held.id, subject=found.id)

    @verb
    def ungrant_team(self, team: str, repo: str) -> None:
        """Take a team's own role in a repository away."""
        found, held = self.team(team), self.repo(repo)
        if found.repos.pop(held.id, None) is None:
            raise VerbError(f"{team} has no role in {repo}")
        self._changed("ungrant_team", org=found.org, repo=held.id, subject=found.id)
