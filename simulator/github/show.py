"""How people, organisations, teams and repositories look in REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.github.ids import BOT, BOT_ID, GHOST, node_id
from simulator.github.languages import spoken
from simulator.github.model import LEVELS, Label, Org, Repo, Team
from simulator.github.view import Sight
from simulator.wire import Call

Json = dict[str, Any]
_PARTS = {
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
    "archive_url": "/{archive_format}{/ref}",
}
_API_NAMES = dict(zip(LEVELS, ("pull", "triage", "push", "maintain", "admin"), strict=True))


def stamp(instant: datetime) -> str:
    """GitHub's time: ``2026-06-15T09:00:00Z``."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def permissions(rank: int) -> dict[str, bool]:
    """What a rank allows, as five answers."""
    return {name: rank >= n + 1 for n, name in reversed(list(enumerate(_API_NAMES.values())))}


def role_name(rank: int) -> str:
    """What a rank is called."""
    return LEVELS[rank - 1] if rank else "none"


class Show:
    """Makes JSON for one caller."""

    def __init__(self, call: Call, seen: Sight):
        """Write links for the address that was called."""
        self.seen, self.state = seen, seen.state
        self.base, self.web = call.base, f"{call.base}.com"
        self._repos: dict[int, Json] = {}

    def user(self, person: str) -> Json:
        """A simple-user: the ghost for deleted accounts, the bot for the service."""
        if not person:
            return self._user(BOT, BOT_ID, "Bot")
        account = self.state.accounts.get(person)
        if account is None or self.state.logins.get(account.login.lower()) != person:
            return self._user("ghost", GHOST, "User")
        return self._user(account.login, account.id, "User")

    def _user(self, login: str, number: int, kind: str) -> Json:
        url = f"{self.base}/users/{login}"
        return {
            "login": login,
            "id": number,
            "node_id": node_id(kind, number),
            "avatar_url": f"{self.web}/avatars/u/{number}?v=4",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.web}/{login}",
            "followers_url": f"{url}/followers",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{url}/subscriptions",
            "organizations_url": f"{url}/orgs",
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events{{/privacy}}",
            "received_events_url": f"{url}/received_events",
            "type": kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def profile(self, person: str) -> Json:
        """A public-user: with the address only if its owner published it."""
        account = self.state.account(person)
        hidden = self.state.world.directory.person(person).email_hidden
        return self.user(person) | {
            "name": account.name,
            "company": None,
            "blog": "",
            "location": None,
            "email": None if hidden or not account.published else account.published,
            "hireable": None,
            "bio": None,
            "twitter_username": None,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": stamp(account.created),
            "updated_at": stamp(account.created),
        }

    def me(self, person: str) -> Json:
        """A private-user: what the caller sees of themself."""
        return self.profile(person) | {
            "notification_email": None,
            "private_gists": 0,
            "total_private_repos": 0,
            "owned_private_repos": 0,
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": True,
            "plan": {
                "name": "free",
                "space": 976562499,
                "collaborators": 0,
                "private_repos": 10000,
            },
        }

    def org_simple(self, org: Org) -> Json:
        """An organization-simple."""
        url = f"{self.base}/orgs/{org.login}"
        return {
            "login": org.login,
            "id": org.id,
            "node_id": node_id("Organization", org.id),
            "url": url,
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events",
            "hooks_url": f"{url}/hooks",
            "issues_url": f"{url}/issues",
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"{self.web}/avatars/u/{org.id}?v=4",
            "description": org.description,
        }

    def org_owner(self, org: Org) -> Json:
        """An organisation where a user is expected."""
        return self._user(org.login, org.id, "Organization")

    def org(self, org: Org) -> Json:
        """An organization-full; settings are for owners."""
        repos = [r for r in self.state.repos.values() if r.org == org.id]
        public = sum(1 for r in repos if r.visibility == "public")
        found = self.org_simple(org) | {
            "name": org.name,
            "company": None,
            "blog": "",
            "location": None,
            "email": None,
            "twitter_username": None,
            "is_verified": bool(org.domains),
            "has_organization_projects": True,
            "has_repository_projects": True,
            "public_repos": public,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "html_url": f"{self.web}/{org.login}",
            "created_at": stamp(org.created),
            "updated_at": stamp(org.created),
            "archived_at": None,
            "type": "Organization",
        }
        for name in ("company", "location", "email"):
            del found[name]
        if self.seen.owns(org):
            found |= {
                "total_private_repos": len(repos) - public,
                "owned_private_repos": len(repos) - public,
                "private_gists": 0,
                "disk_usage": 0,
                "collaborators": len(self.outside(org)),
                "billing_email": None,
                "default_repository_permission": org.base,
                "default_repository_branch": "main",
                "members_can_create_repositories": True,
                "two_factor_requirement_enabled": True,
                "members_can_create_public_repositories": False,
                "members_can_create_private_repositories": True,
                "members_can_create_internal_repositories": True,
                "plan": {
                    "name": "enterprise",
                    "space": 976562499,
                    "private_repos": 999999,
                    "filled_seats": len(org.members),
                    "seats": 60,
                },
            }
        return found

    def outside(self, org: Org) -> list[str]:
        """People with a role of their own in a repository who are no members."""
        inside = {p for p, m in org.members.items() if not m.pending}
        found = {
            person
            for repo in self.state.repos.values()
            if repo.org == org.id
            for person, grant in repo.collaborators.items()
            if not grant.pending and person not in inside
        }
        return sorted(found, key=lambda p: self.state.account(p).id)

    def team(self, team: Team, *, nested: bool = True) -> Json:
        """A team with its parent."""
        org = self.state.orgs[team.org]
        url = f"{self.base}/organizations/{org.id}/team/{team.id}"
        found = {
            "id": team.id,
            "node_id": node_id("Team", team.id),
            "name": team.name,
            "slug": team.slug,
            "description": team.description or None,
            "privacy": team.privacy,
            "notification_setting": "notifications_enabled",
            "url": url,
            "html_url": f"{self.web}/orgs/{org.login}/teams/{team.slug}",
            "members_url": f"{url}/members{{/member}}",
            "repositories_url": f"{url}/repos",
            "permission": "pull",
            "type": "organization",
            "organization_id": org.id,
        }
        if nested:
            above = self.state.teams.get(team.parent)
            found["parent"] = self.team(above, nested=False) if above else None
        return found

    def team_full(self, team: Team, members: int, repos: int) -> Json:
        """A team-full."""
        org = self.state.orgs[team.org]
        return self.team(team) | {
            "created_at": stamp(team.created),
            "updated_at": stamp(team.created),
            "members_count": members,
            "repos_count": repos,
            "organization": {
                k: v
                for k, v in self.org(org).items()
                if k not in ("plan", "default_repository_permission")
            },
        }

    def label(self, repo: Repo, label: Label) -> Json:
        """A label."""
        return {
            "id": label.id,
            "node_id": node_id("Label", label.id),
            "url": f"{self.repo_url(repo)}/labels/{label.name.replace(' ', '%20')}",
            "name": label.name,
            "color": label.color,
            "default": label.name in ("bug", "documentation", "enhancement", "question", "wontfix"),
            "description": label.description,
        }

    def full_name(self, repo: Repo) -> str:
        """``organisation/name``."""
        return f"{self.state.orgs[repo.org].login}/{repo.name}"

    def repo_url(self, repo: Repo) -> str:
        """The repository's address in the API."""
        return f"{self.base}/repos/{self.full_name(repo)}"

    def repo_page(self, repo: Repo) -> str:
        """The repository's page."""
        return f"{self.web}/{self.full_name(repo)}"

    def repo(self, repo: Repo) -> Json:
        """A repository, with everything that lists and single answers have."""
        known = self._repos.get(repo.id)
        if known is None:
            known = self._repos[repo.id] = self._repo(repo)
        return known

    def _repo(self, repo: Repo) -> Json:
        url, page, name = self.repo_url(repo), self.repo_page(repo), self.full_name(repo)
        open_issues = sum(1 for i in repo.issues.values() if i.state == "open")
        files = repo.git.head.files if repo.git.head else {}
        languages = spoken(repo)
        found: Json = {
            "id": repo.id,
            "node_id": node_id("Repository", repo.id),
            "name": repo.name,
            "full_name": name,
            "private": repo.visibility != "public",
            "owner": self.org_owner(self.state.orgs[repo.org]),
            "html_url": page,
            "description": repo.description or None,
            "fork": False,
            "url": url,
            "created_at": stamp(repo.created),
            "updated_at": stamp(repo.updated),
            "pushed_at": stamp(repo.pushed),
            "git_url": f"git:{page.partition(':')[2]}.git",
            "ssh_url": f"git@github.com:{name}.git",
            "clone_url": f"{page}.git",
            "svn_url": page,
            "homepage": None,
            "size": sum(map(repo.git.size_of, files.values())) // 1024,
            "stargazers_count": 0,
            "watchers_count": 0,
            "language": next(iter(languages), None),
            "has_issues": repo.has_issues,
            "has_projects": True,
            "has_downloads": True,
            "has_wiki": repo.has_wiki,
            "has_pages": False,
            "has_discussions": repo.has_discussions,
            "forks_count": 0,
            "mirror_url": None,
            "archived": repo.archived,
            "disabled": False,
            "open_issues_count": open_issues,
            "license": None,
            "allow_forking": False,
            "is_template": False,
            "web_commit_signoff_required": False,
            "topics": [],
            "visibility": repo.visibility,
            "forks": 0,
            "open_issues": open_issues,
            "watchers": 0,
            "default_branch": repo.git.default,
        }
        found |= {key: url + part for key, part in _PARTS.items()}
        if self.seen.who or self.seen.service:
            found["permissions"] = permissions(self.seen.level(repo))
        return found

    def repo_full(self, repo: Repo) -> Json:
        """A full-repository."""
        return self.repo(repo) | {
            "temp_clone_token": "" if repo.visibility != "public" else None,
            "network_count": 0,
            "subscribers_count": 0,
            "organization": self.org_owner(self.state.orgs[repo.org]),
        }

    def association(self, repo: Repo, person: str) -> str:
        """How an author belongs to a repository."""
        held = self.state.orgs[repo.org].members.get(person)
        if held is not None and not held.pending:
            return "MEMBER"
        own = repo.collaborators.get(person)
        if own is not None and not own.pending:
            return "COLLABORATOR"
        wrote = any(c.by.person == person for c in repo.git.commits.values() if person)
        return "CONTRIBUTOR" if wrote else "NONE"
