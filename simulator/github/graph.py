"""The roots of the GraphQL schema: queries, nodes by id, and mutations.

Objects are dictionaries; a function in one resolves a field, with its arguments by name.
"""

from __future__ import annotations

from simulator.github.graph_base import wrong
from simulator.github.graph_orgs import OrgGraph
from simulator.github.ids import node_id, read_node_id
from simulator.github.model import Issue, Repo
from simulator.github.show import Json
from simulator.github.view import READ, WRITE
from simulator.verbs import VerbError


class Graph(OrgGraph):
    """What one caller can reach."""

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

    def _user(self, login: str) -> Json:
        account = self.state.by_login(login)
        found = self.user(account.person) if account else None
        if found is None:
            raise wrong("NOT_FOUND", f"Could not resolve to a User with the login of '{login}'.")
        return found

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
