"""GraphQL: repositories and their discussions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from graphql import GraphQLResolveInfo

from simulator.github.discuss import CATEGORIES
from simulator.github.graph_base import GraphBase, wrong
from simulator.github.ids import node_id
from simulator.github.model import Discussion, Remark, Repo
from simulator.github.show import Json, stamp


def _category_id(repo: Repo, name: str) -> int:
    return repo.id * 10 + list(CATEGORIES).index(name)


class RepoGraph(GraphBase):
    """Repositories, discussions, comments."""

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
