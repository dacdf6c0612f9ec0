"""The objects of the GraphQL schema: dictionaries whose functions resolve fields with arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, TypeVar

from graphql import GraphQLError, GraphQLResolveInfo

from simulator.github.api import cursor, place
from simulator.github.ids import node_id, read_node_id
from simulator.github.model import Discussion, Identity, Issue, Org, Remark, Repo
from simulator.github.show import Show, stamp
from simulator.github.talk import CATEGORIES
from simulator.github.view import READ, WRITE, Sight
from simulator.paging import cut
from simulator.verbs import VerbError
from simulator.wire import Call

Json = dict[str, Any]
T = TypeVar("T")
_MOST = 100


def wrong(kind: str, message: str) -> GraphQLError:
    """An error of GitHub's: its type stands beside the message."""
    return GraphQLError(message, extensions={"type": kind})


def _category_id(repo: Repo, name: str) -> int:
    return repo.id * 10 + list(CATEGORIES).index(name)


class Graph:
    """What one caller can reach."""

    def __init__(self, call: Call, seen: Sight, left: dict[str, int], reset: str):
        """Resolve for one request.

        Args:
            call: the request.
            seen: the caller's view.
            left: the GraphQL budget.
            reset: when it is full again.
        """
        self.call, self.seen, self.show = call, seen, Show(call, seen)
        self.state, self._left, self._reset = seen.state, left, reset

    def root(self) -> Json:
        """The fields of Query and Mutation."""
        return {
            "viewer": lambda _i: self.user(self.seen.who) or self._forbidden("viewer"),
            "organization": lambda _i, login: self._org(login),
            "repository": lambda _i, owner, name, **_: self._repo(owner, name),
            "user": lambda _i, login: self._user(login),
            "node": lambda _i, id: self.node(id),
            "nodes": lambda _i, ids: [self.node(key) for key in ids],
            "rateLimit": lambda _i, **_: {
                "cost": 1,
                "nodeCount": 0,
                "resetAt": self._reset,
                **{k: self._left[k] for k in ("limit", "remaining", "used")},
            },
            "addDiscussionComment": lambda _i, input: self._add_comment(input),
            "convertPullRequestToDraft": lambda _i, input: self._draft(input, True),
            "markPullRequestReadyForReview": lambda _i, input: self._draft(input, False),
        }

    def _forbidden(self, what: str) -> Json:
        raise wrong("FORBIDDEN", f"Resource not accessible by integration: {what}")

    def _org(self, login: str) -> Json:
        org = self.state.find_org(login)
        if org is None:
            said = f"Could not resolve to an Organization with the login of '{login}'."
            raise wrong("NOT_FOUND", said)
        return self.org(org)

    def _repo(self, owner: str, name: str) -> Json:
        org = self.state.find_org(owner)
        repo = self.state.find_repo(org, name) if org else None
        if repo is None or self.seen.level(repo) < READ:
            said = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise wrong("NOT_FOUND", said)
        return self.repo(repo)

    def _user(self, login: str) -> Json:
        account = self.state.by_login(login)
        found = self.user(account.person) if account else None
        if found is None:
            raise wrong("NOT_FOUND", f"Could not resolve to a User with the login of '{login}'.")
        return found

    def connection(
        self, items: Sequence[T], show: Callable[[T], Any], key: Callable[[T], int], **given: Any
    ) -> Json:
        """A page of a list: ``first`` or ``last`` must be said, and be 100 at most."""
        first, last = given.get("first"), given.get("last")
        if first is None and last is None:
            said = "You must provide a `first` or `last` value to properly paginate the connection."
            raise wrong("MISSING_PAGINATION_BOUNDARIES", said)
        size = int(first if first is not None else last or 0)
        if not 0 <= size <= _MOST:
            said = f"Requesting {size} records on the connection exceeds the limit of 100 records."
            raise wrong("EXCESSIVE_PAGINATION", said)
        low, high = 0, len(items)
        for name in ("after", "before"):
            if given.get(name):
                at = place(items, given[name], key)
                if at is None:
                    said = f"`{given[name]}` does not appear to be a valid cursor."
                    raise wrong("INVALID_CURSOR_ARGUMENTS", said)
                low, high = (at, high) if name == "after" else (low, at - 1)
        if first is not None:
            page = cut(self.call, items[:high], low, size)
            end: int | None = page.next
            rows, start = list(page.items), low
        else:
            start = max(high - size, low)
            rows, end = list(items[start:high]), high if high < len(items) else None
        last_cursor = end if end is not None else start + len(rows)
        ends = [cursor(start + n + 1, key(row)) for n, row in enumerate(rows)]
        if ends and last_cursor != start + len(rows):
            ends[-1] = cursor(last_cursor, key(items[last_cursor - 1]) if last_cursor else 0)
        shown = [show(row) for row in rows]
        return {
            "totalCount": len(items),
            "nodes": shown,
            "edges": [{"cursor": c, "node": n} for c, n in zip(ends, shown, strict=True)],
            "pageInfo": {
                "hasNextPage": end is not None,
                "hasPreviousPage": start > 0,
                "startCursor": ends[0] if ends else None,
                "endCursor": ends[-1] if ends else None,
            },
        }

    def user(self, person: str) -> Json | None:
        """A User; None for deleted accounts."""
        shown = self.show.user(person)
        if not person or shown["login"] == "ghost":
            return None
        profile = self.show.profile(person)
        account = self.state.account(person)

        def verified(_info: GraphQLResolveInfo, login: str) -> list[str]:
            org = self.state.find_org(login)
            held = org.members.get(person) if org else None
            if org is None or held is None or held.pending or not self.seen.in_org(org):
                return []
            return [
                e.address
                for e in account.emails
                if e.verified and e.address.rpartition("@")[2].lower() in org.domains
            ]

        return {
            **self._actor(shown, "User"),
            "name": account.name,
            "email": profile["email"] or "",
            "createdAt": profile["created_at"],
            "isViewer": person == self.seen.who,
            "organizationVerifiedDomainEmails": verified,
            "organization": lambda _i, login: self._org(login),
        }

    def _actor(self, shown: Json, kind: str) -> Json:
        return {
            "__typename": kind,
            "id": shown["node_id"],
            "databaseId": shown["id"],
            "login": shown["login"],
            "avatarUrl": lambda _i, **_: shown["avatar_url"],
            "url": shown["html_url"],
            "resourcePath": f"/{shown['login']}",
        }

    def author(self, person: str) -> Json | None:
        """Whoever wrote something: a User, the app's Bot, or nobody any more."""
        return self.user(person) if person else self._actor(self.show.user(""), "Bot")

    def org(self, org: Org) -> Json:
        """An Organization."""
        shown = self.show.org_owner(org)

        def members(_info: GraphQLResolveInfo, **given: Any) -> Json:
            inside = self.seen.in_org(org)
            held = [
                (p, m)
                for p, m in org.members.items()
                if not m.pending and (inside or m.public) and self.user(p)
            ]
            held.sort(key=lambda row: self.state.account(row[0]).id)
            found = self.connection(
                held, lambda r: self.user(r[0]), lambda r: self.state.account(r[0]).id, **given
            )
            roles = {self.state.account(p).id: m.role for p, m in held}
            for edge in found["edges"]:
                role = roles[edge["node"]["databaseId"]].upper()
                edge["role"] = role if inside else None
                edge["hasTwoFactorEnabled"] = True if self.seen.owns(org) else None
            return found

        def repos(_info: GraphQLResolveInfo, **given: Any) -> Json:
            held = [
                r for r in self.state.repos.values() if r.org == org.id and self.seen.level(r) > 0
            ]
            return self.connection(held, self.repo, lambda r: r.id, **given)

        return {
            **self._actor(shown, "Organization"),
            "name": org.name,
            "description": org.description,
            "createdAt": stamp(org.created),
            "viewerIsAMember": org.id in self.seen.member,
            "viewerCanAdminister": self.seen.owns(org),
            # Owners and the app only; others get null.
            "samlIdentityProvider": lambda _i: self._saml(org),
            "membersWithRole": members,
            "repositories": repos,
            "repository": lambda _i, name, **_: self._repo(org.login, name),
        }

    def _saml(self, org: Org) -> Json | None:
        if org.saml is None or not self.seen.owns(org):
            return None
        identities = list(org.saml.values())

        def listed(
            _info: GraphQLResolveInfo,
            login: str = "",
            membersOnly: bool = False,  # noqa: N803
            userName: str = "",  # noqa: N803
            **given: Any,
        ) -> Json:
            wanted = self.state.by_login(login) if login else None
            found = [
                i
                for i in identities
                if (not login or (wanted is not None and i.person == wanted.person))
                and (not userName or i.username == userName)
                and (not membersOnly or i.person in org.members)
            ]
            return self.connection(found, self._identity, lambda i: i.id, **given)

        return {
            "__typename": "OrganizationIdentityProvider",
            "id": f"OIP_{org.id}",
            "issuer": "https://login.saltmarsh.example/saml",
            "ssoUrl": "https://login.saltmarsh.example/saml/sso",
            "organization": lambda _i: self.org(org),
            "externalIdentities": listed,
        }

    def _identity(self, identity: Identity) -> Json:
        emails = [
            {"value": e, "primary": n == 0, "type": None} for n, e in enumerate(identity.emails)
        ]
        return {
            "__typename": "ExternalIdentity",
            "id": node_id("ExternalIdentity", identity.id),
            "guid": identity.guid,
            "samlIdentity": {
                "nameId": identity.name_id,
                "username": identity.username,
                "emails": emails,
                "groups": None,
                "attributes": [
                    {"name": "emails", "value": e, "metadata": None} for e in identity.emails
                ],
            },
            "scimIdentity": {"username": identity.username, "emails": emails, "groups": []},
            "user": lambda _i: self.user(identity.person),
        }

    def repo(self, repo: Repo) -> Json:
        """A Repository."""
        shown = self.show.repo(repo)

        def discussions(
            _info: GraphQLResolveInfo,
            answered: bool | None = None,
            categoryId: str = "",  # noqa: N803
            states: Sequence[str] = (),
            orderBy: Json | None = None,  # noqa: N803
            **given: Any,
        ) -> Json:
            found = [
                d
                for d in (repo.discussions.values() if repo.has_discussions else ())
                if answered in (None, bool(d.answer))
                and (
                    not categoryId
                    or node_id("DiscussionCategory", _category_id(repo, d.category)) == categoryId
                )
                and (not states or ("CLOSED" if d.closed else "OPEN") in states)
            ]
            order = orderBy or {"field": "UPDATED_AT", "direction": "DESC"}
            late = order["direction"] == "DESC"
            if order["field"] == "CREATED_AT":
                found.sort(key=lambda d: (d.created, d.number), reverse=late)
            else:
                found.sort(key=lambda d: (d.updated, d.number), reverse=late)
            return self.connection(
                found, lambda d: self.discussion(repo, d), lambda d: d.id, **given
            )

        def one(_info: GraphQLResolveInfo, number: int) -> Json:
            found = repo.discussions.get(number) if repo.has_discussions else None
            if found is None:
                said = f"Could not resolve to a Discussion with the number of {number}."
                raise wrong("NOT_FOUND", said)
            return self.discussion(repo, found)

        def categories(_info: GraphQLResolveInfo, **given: Any) -> Json:
            names = list(CATEGORIES) if repo.has_discussions else []
            return self.connection(
                names, lambda n: self._category(repo, n), lambda n: _category_id(repo, n), **given
            )

        return {
            "__typename": "Repository",
            "id": shown["node_id"],
            # An Int holds 31 bits, so GitHub gives null beyond.
            "databaseId": repo.id if repo.id < 2**31 else None,
            "name": repo.name,
            "nameWithOwner": shown["full_name"],
            "description": shown["description"],
            "url": shown["html_url"],
            "resourcePath": f"/{shown['full_name']}",
            "owner": lambda _i: self.org(self.state.orgs[repo.org]),
            "visibility": repo.visibility.upper(),
            "isPrivate": shown["private"],
            "isArchived": repo.archived,
            "hasDiscussionsEnabled": repo.has_discussions,
            "hasIssuesEnabled": repo.has_issues,
            "hasWikiEnabled": repo.has_wiki,
            "createdAt": shown["created_at"],
            "updatedAt": shown["updated_at"],
            "pushedAt": shown["pushed_at"],
            "discussion": one,
            "discussions": discussions,
            "discussionCategories": categories,
        }

    def _category(self, repo: Repo, name: str) -> Json:
        emoji, answerable = CATEGORIES[name]
        return {
            "__typename": "DiscussionCategory",
            "id": node_id("DiscussionCategory", _category_id(repo, name)),
            "name": name,
            "slug": re.sub(r"[^a-z]+", "-", name.lower()).strip("-"),
            "description": None,
            "emoji": f":{emoji}:",
            "emojiHTML": f"<div>:{emoji}:</div>",
            "isAnswerable": answerable,
            "createdAt": stamp(repo.created),
            "updatedAt": stamp(repo.created),
        }

    def _said(self, repo: Repo, item: Discussion | Remark) -> Json:
        return {
            "databaseId": item.id if item.id < 2**31 else None,
            "body": item.body,
            "bodyText": re.sub(r"[*_`#>]", "", item.body),
            "bodyHTML": f'<p dir="auto">{escape(item.body)}</p>',
            "author": lambda _i: self.author(item.author),
            "authorAssociation": self.show.association(repo, item.author),
            "createdAt": stamp(item.created),
            "publishedAt": stamp(item.created),
            "updatedAt": stamp(item.updated),
            "upvoteCount": 1,
        }

    def discussion(self, repo: Repo, item: Discussion) -> Json:
        """A Discussion."""
        path = f"/{self.show.full_name(repo)}/discussions/{item.number}"
        answer = next((r for r in item.remarks if r.id == item.answer), None)
        answerable = CATEGORIES[item.category][1]
        labels = [self.show.label(repo, repo.labels[n.lower()]) for n in item.labels]
        shown = [
            {k: held[k] for k in ("name", "color", "description", "url")}
            | {"__typename": "Label", "id": held["node_id"], "isDefault": held["default"]}
            for held in labels
        ]
        return {
            **self._said(repo, item),
            "__typename": "Discussion",
            "id": node_id("Discussion", item.id),
            "number": item.number,
            "title": item.title,
            "category": self._category(repo, item.category),
            "closed": item.closed is not None,
            "closedAt": stamp(item.closed) if item.closed else None,
            "locked": item.locked,
            "isAnswered": answer is not None if answerable else None,
            "answer": lambda _i: self.remark(repo, item, answer) if answer else None,
            "answerChosenAt": stamp(item.chosen) if item.chosen else None,
            "answerChosenBy": lambda _i: self.author(item.chosen_by) if answer else None,
            "url": self.show.web + path,
            "resourcePath": path,
            "repository": lambda _i: self.repo(repo),
            "labels": lambda _i, **given: self.connection(
                shown, lambda row: row, lambda row: shown.index(row) + 1, **given
            ),
            "comments": lambda _i, **given: self.connection(
                item.remarks, lambda r: self.remark(repo, item, r), lambda r: r.id, **given
            ),
        }

    def remark(
        self, repo: Repo, item: Discussion, remark: Remark, above: Remark | None = None
    ) -> Json:
        """A DiscussionComment."""
        path = (
            f"/{self.show.full_name(repo)}/discussions/{item.number}#discussioncomment-{remark.id}"
        )
        return {
            **self._said(repo, remark),
            "__typename": "DiscussionComment",
            "id": node_id("DiscussionComment", remark.id),
            "isAnswer": remark.id == item.answer,
            "isMinimized": False,
            "url": self.show.web + path,
            "resourcePath": path,
            "discussion": lambda _i: self.discussion(repo, item),
            "replyTo": lambda _i: self.remark(repo, item, above) if above else None,
            "replies": lambda _i, **given: self.connection(
                remark.replies,
                lambda r: self.remark(repo, item, r, remark),
                lambda r: r.id,
                **given,
            ),
        }

    def _pull(self, repo: Repo, issue: Issue) -> Json:
        return {
            "__typename": "PullRequest",
            "id": node_id("PullRequest", issue.id),
            "databaseId": issue.id if issue.id < 2**31 else None,
            "number": issue.number,
            "title": issue.title,
            "isDraft": issue.pull is not None and issue.pull.draft,
            "url": f"{self.show.repo_page(repo)}/pull/{issue.number}",
            "repository": lambda _i: self.repo(repo),
        }

    def node(self, key: str) -> Json:
        """Anything by its node id.

        Raises:
            GraphQLError: there is none that the caller can see.
        """
        kind, number = read_node_id(key) or ("", 0)
        found = self._node(kind, number)
        if found is None:
            raise wrong("NOT_FOUND", f"Could not resolve to a node with the global id of '{key}'")
        return found

    def _node(self, kind: str, number: int) -> Json | None:
        state = self.state
        if kind == "User":
            held = [a.person for a in state.accounts.values() if a.id == number]
            return self.user(held[0]) if held else None
        if kind == "Organization":
            return self.org(state.orgs[number]) if number in state.orgs else None
        if kind == "Repository":
            at = state.repos.get(number)
            return self.repo(at) if at and self.seen.level(at) >= READ else None
        place_of, which = state.places.get(number, (0, 0))
        repo = state.repos.get(place_of)
        if repo is None or self.seen.level(repo) < READ:
            return None
        if kind == "PullRequest":
            issue = repo.issues.get(which)
            return self._pull(repo, issue) if issue and issue.id == number else None
        item = repo.discussions.get(which) if repo.has_discussions else None
        if item is None:
            return None
        if kind == "Discussion" and item.id == number:
            return self.discussion(repo, item)
        if kind == "DiscussionComment":
            for remark in item.remarks:
                if remark.id == number:
                    return self.remark(repo, item, remark)
                for reply in remark.replies:
                    if reply.id == number:
                        return self.remark(repo, item, reply, remark)
        return None

    def _add_comment(self, given: Json) -> Json:
        found = self.node(given["discussionId"])
        _, number = read_node_id(given["discussionId"]) or ("", 0)
        if found["__typename"] != "Discussion":
            raise wrong("NOT_FOUND", "Could not resolve to a Discussion.")
        repo = self.state.repos[self.state.places[number][0]]
        above = read_node_id(given.get("replyToId") or "") or ("", 0)
        if repo.archived or (repo.discussions[found["number"]].locked):
            raise wrong("FORBIDDEN", "The discussion is locked or its repository archived.")
        try:
            made = self.state.remark(
                repo=self.show.full_name(repo),
                number=found["number"],
                author=self.seen.who,
                body=given["body"],
                reply_to=above[1],
            )
        except VerbError as no:
            raise wrong("UNPROCESSABLE", str(no)) from no
        comment = self._node("DiscussionComment", made)
        return {"clientMutationId": given.get("clientMutationId"), "comment": comment}

    def _draft(self, given: Json, draft: bool) -> Json:
        found = self.node(given["pullRequestId"])
        _, number = read_node_id(given["pullRequestId"]) or ("", 0)
        repo = self.state.repos[self.state.places[number][0]]
        issue = repo.issues[found["number"]]
        if repo.archived or (self.seen.level(repo) < WRITE and issue.author != self.seen.who):
            raise wrong("FORBIDDEN", f"{self.seen.who} does not have the correct permissions.")
        self.state.ready(repo=self.show.full_name(repo), number=issue.number, draft=draft)
        return {
            "clientMutationId": given.get("clientMutationId"),
            "pullRequest": self._pull(repo, issue),
        }
