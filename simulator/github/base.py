"""What every verb of GitHub stands on: the objects, their look-ups and the change log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.clock import parse
from simulator.github.git import Ident
from simulator.github.ids import BOT, BOT_ID, account_id
from simulator.github.model import Account, Email, Issue, LogEntry, Org, Repo, Team
from simulator.verbs import VendorState, VerbError, verb

if TYPE_CHECKING:
    from simulator.world import World

HOURLY = {"core": 5000, "graphql": 5000, "search": 30}


class GithubBase(VendorState):
    """Objects and look-ups, without verbs on content."""

    name = "github"

    def __init__(self, world: World):
        super().__init__(world)
        self.accounts: dict[str, Account] = {}
        """By person."""
        self.logins: dict[str, str] = {}
        """Login in lower case → person; old logins are free again and not here."""
        self.orgs: dict[int, Org] = {}
        self.teams: dict[int, Team] = {}
        self.repos: dict[int, Repo] = {}
        self.names: dict[tuple[int, str], int] = {}
        """(organisation, name in lower case) → repository; names that it had before too."""
        self.places: dict[int, tuple[int, int]] = {}
        """Issue, pull request, comment or discussion id → (repository, number)."""
        self.log: list[LogEntry] = []
        self.tree_entries, self.list_items = 100_000, 10_000
        self.hourly = dict(HOURLY)
        self.spent: dict[tuple[str, str], tuple[float, int]] = {}
        """(caller, resource) → start of the hour by the wall clock, requests in it. Not saved."""

    def directory_changed(self, kind: str, subject: str) -> None:
        """Everyone has an account of their own; only deletion reaches it from the directory."""
        if kind == "add_person":
            person = self.world.directory.person(subject)
            emails = [Email(person.email, primary=True)]
            number = account_id(subject)
            created = self._when("") - timedelta(days=400 + number % 3000)
            account = Account(subject, number, subject, person.name, created, emails)
            self.accounts[subject] = account
            self.logins[account.login.lower()] = subject
        elif kind == "delete_person":
            for org in self.orgs.values():
                self._expel(org, subject)
            for repo in self.repos.values():
                repo.collaborators.pop(subject, None)
            self.logins.pop(self.accounts[subject].login.lower(), None)
            self._changed("delete_account", subject=subject)

    def _expel(self, org: Org, person: str) -> None:
        org.members.pop(person, None)
        for team in self.teams.values():
            if team.org == org.id:
                team.members.pop(person, None)
        for identity in (org.saml or {}).values():
            if identity.person == person:
                identity.person = ""

    def _changed(self, kind: str, *, org: int = 0, repo: int = 0, subject: object = "") -> None:
        number = len(self.log) + 1
        self.log.append(LogEntry(number, self.world.now(), kind, org, repo, str(subject)))

    def _number(self) -> int:
        return self.world.rng.randrange(10**8, 4 * 10**9)

    def _when(self, at: str) -> datetime:
        """`at`, or now; whole seconds, as GitHub keeps them."""
        return (parse(at) if at else self.world.now()).replace(microsecond=0)

    def account(self, person: str) -> Account:
        """A person's account.

        Raises:
            VerbError: there is no such person.
        """
        found = self.accounts.get(person)
        if found is None:
            raise VerbError(f"no account of {person}")
        return found

    def by_login(self, login: str) -> Account | None:
        """Whose login this is today."""
        return self.accounts.get(self.logins.get(login.lower(), ""))

    def org(self, login: str | int) -> Org:
        """The organisation with this login or id.

        Raises:
            VerbError: there is none.
        """
        found = self.find_org(login)
        if found is None:
            raise VerbError(f"no organisation {login}")
        return found

    def find_org(self, login: str | int) -> Org | None:
        """The organisation with this login or id; None where there is none."""
        if isinstance(login, int):
            return self.orgs.get(login)
        return next((o for o in self.orgs.values() if o.login.lower() == login.lower()), None)

    def team(self, team: str | int) -> Team:
        """The team with this id, or ``organisation/slug``.

        Raises:
            VerbError: there is none.
        """
        found = self.teams.get(team) if isinstance(team, int) else None
        if isinstance(team, str):
            owner, _, slug = team.partition("/")
            org = self.find_org(owner)
            found = self.find_team(org, slug) if org else None
        if found is None:
            raise VerbError(f"no team {team}")
        return found

    def find_team(self, org: Org, slug: str) -> Team | None:
        """The team of an organisation by its slug; None where there is none."""
        slug = slug.lower()
        return next((t for t in self.teams.values() if t.org == org.id and t.slug == slug), None)

    def repo(self, repo: str | int) -> Repo:
        """The repository with this id, or ``organisation/name`` (old names too).

        Raises:
            VerbError: there is none.
        """
        found = self.repos.get(repo) if isinstance(repo, int) else None
        if isinstance(repo, str):
            owner, _, name = repo.partition("/")
            org = self.find_org(owner)
            found = self.find_repo(org, name) if org else None
        if found is None:
            raise VerbError(f"no repository {repo}")
        return found

    def find_repo(self, org: Org, name: str) -> Repo | None:
        """The repository that has this name, or had it last; None where there is none."""
        return self.repos.get(self.names.get((org.id, name.lower()), 0))

    def issue(self, repo: str | int, number: int) -> tuple[Repo, Issue]:
        """An issue or pull request.

        Raises:
            VerbError: there is none.
        """
        held = self.repo(repo)
        found = held.issues.get(number)
        if found is None:
            raise VerbError(f"no issue {number} in {repo}")
        # A generated one is drawn anew each time, unless it is put back to be changed.
        held.issues[number] = found
        return held, found

    def ident(self, person: str) -> Ident:
        """How commits name a person today; an empty id is the app of the service token."""
        if not person:
            return Ident("", BOT, f"{BOT_ID}+{BOT}@users.noreply.github.com")
        account = self.account(person)
        email = f"{account.id}+{account.login}@users.noreply.github.com"
        return Ident(person, account.name, email)

    def _author(self, person: str) -> str:
        if person:
            self.account(person)
        return person

    @verb
    def set_limits(
        self, tree_entries: int = 0, list_items: int = 0, core: int = 0, graphql: int = 0
    ) -> None:
        """Change limits; 0 leaves one alone.

        Args:
            tree_entries: entries of a recursive tree before it is ``truncated``.
            list_items: how far into a list of issues page numbers reach.
            core: REST requests an hour.
            graphql: GraphQL points an hour.
        """
        self.tree_entries = tree_entries or self.tree_entries
        self.list_items = list_items or self.list_items
        self.hourly["core"] = core or self.hourly["core"]
        self.hourly["graphql"] = graphql or self.hourly["graphql"]
        self._changed("set_limits")
