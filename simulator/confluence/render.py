"""Confluence's spaces and content as v1 JSON, with ``expand``."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from simulator.atlassian.markup import storage_adf, storage_text
from simulator.clock import rfc3339
from simulator.confluence.objects import Attachment, Comment, Content, Restriction, Space, Version
from simulator.confluence.render_site import SiteRenderer
from simulator.confluence.wish import Wish

RESTRICTION_PAGE = 200
"""How many users and how many groups of a restriction one answer holds at most."""


class Renderer(SiteRenderer):
    """Makes v1 JSON of what one call may see."""

    def space(self, space: Space, wish: Wish) -> dict[str, Any]:
        """A space with what is expanded."""
        row: dict[str, Any] = {
            "id": int(space.id),
            "key": space.key,
            "name": space.name,
            "type": space.kind,
            "status": space.status,
        }
        later = {
            "settings": f"/rest/api/space/{space.key}/settings",
            "metadata": "",
            "operations": "",
            "lookAndFeel": "",
            "permissions": "",
            "icon": "",
            "description": "",
            "theme": f"/rest/api/space/{space.key}/theme",
            "history": "",
            "homepage": f"/rest/api/content/{space.homepage}",
        }
        if "permissions" in wish:
            row["permissions"] = [self.permission(one) for one in space.permissions.values()]
        if "description" in wish:
            plain = {"value": space.description, "representation": "plain", "embeddedContent": []}
            row["description"] = {"plain": plain, "_expandable": {"view": ""}}
        if "homepage" in wish and space.homepage in self.state.contents:
            home = self.state.contents[space.homepage]
            if self.sight.sees(home):
                row["homepage"] = self.content(home, wish.into("homepage"))
        if "history" in wish:
            made = {"createdDate": rfc3339(space.created), "createdBy": self.by(space.creator)}
            row["history"] = made
        if "metadata" in wish:
            labels = self.labels(space.labels)
            row["metadata"] = {"labels": labels, "_expandable": {}}
        row["_expandable"] = {key: path for key, path in later.items() if key not in row}
        row["_links"] = {
            "self": self.link(f"/space/{space.key}"),
            "webui": f"/spaces/{space.key}",
        }
        return row

    def version(self, content: Content, version: Version) -> dict[str, Any]:
        """One version of a content."""
        return {
            "by": self.by(version.by),
            "when": rfc3339(version.when),
            "friendlyWhen": f"{version.when:%b %d, %Y}",
            "message": version.message,
            "number": version.number,
            "minorEdit": version.minor,
            "contentTypeModified": False,
            "_expandable": {
                "collaborators": "",
                "content": f"/rest/api/content/{content.id}?status=historical",
            },
            "_links": {"self": self.link(f"/content/{content.id}/version/{version.number}")},
        }

    def bodies(self, storage: str, owner: str, wish: Wish) -> dict[str, Any]:
        """The ``body`` of a content or comment."""
        made: dict[str, Any] = {}
        kinds = ("storage", "view", "export_view", "styled_view", "atlas_doc_format", "wiki")
        for kind in kinds:
            if kind in wish:
                value = storage
                if kind == "atlas_doc_format":
                    value = json.dumps(storage_adf(storage), ensure_ascii=False)
                elif kind == "wiki":
                    value = storage_text(storage)
                elif kind != "storage":
                    value = "".join(f"<p>{line}</p>" for line in storage_text(storage).split("\n"))
                made[kind] = {
                    "value": value,
                    "representation": kind,
                    "embeddedContent": [],
                    "_expandable": {"content": f"/rest/api/content/{owner}"},
                }
        made["_expandable"] = {kind: "" for kind in kinds if kind not in wish}
        return made

    def content(
        self, content: Content, wish: Wish, version: Version | None = None
    ) -> dict[str, Any]:
        """A page or blog post with what is expanded."""
        shown = version or content.version
        space = self.state.spaces[content.space]
        path = f"/rest/api/content/{content.id}"
        row: dict[str, Any] = {
            "id": content.id,
            "type": content.kind,
            "status": "historical" if version else content.status,
            "title": shown.title,
        }
        later = {
            "container": f"/rest/api/space/{space.key}",
            "metadata": "",
            "restrictions": f"{path}/restriction/byOperation",
            "history": f"{path}/history",
            "body": "",
            "version": "",
            "descendants": f"{path}/descendant",
            "space": f"/rest/api/space/{space.key}",
            "childTypes": "",
            "operations": "",
            "schedulePublishDate": "",
            "children": f"{path}/child",
            "ancestors": "",
        }
        if "space" in wish:
            row["space"] = self.space(space, wish.into("space"))
        if "container" in wish:
            row["container"] = self.space(space, wish.into("container"))
        if "history" in wish:
            row["history"] = self.history(content, wish.into("history"))
        if "version" in wish:
            row["version"] = self.version(content, shown)
        if "ancestors" in wish:
            above = self.state.ancestors(content)
            row["ancestors"] = [self.content(one, wish.into("ancestors")) for one in above]
        if "body" in wish:
            row["body"] = self.bodies(shown.body, content.id, wish.into("body"))
        if "restrictions" in wish:
            row["restrictions"] = self.restrictions(content, wish.into("restrictions"))
        if "metadata" in wish:
            inner = wish.into("metadata")
            row["metadata"] = {
                "_expandable": {"currentuser": "", "properties": "", "frontend": ""},
                **({"labels": self.labels(content.labels)} if "labels" in inner else {}),
            }
        if "childTypes" in wish:
            pages = any(self.sight.sees(one) for one in self.pages_below(content))
            row["childTypes"] = {"page": {"value": pages, "_links": {"self": self.link(path)}}}
        if "children" in wish:
            row["children"] = self.below(content, wish.into("children"))
        row["macroRenderedOutput"] = {}
        row["extensions"] = {"position": content.position} if content.kind == "page" else {}
        row["_expandable"] = {key: path for key, path in later.items() if key not in row}
        row["_links"] = self.links(content, space)
        return row

    def anything(self, item: Content | Comment | Attachment, wish: Wish) -> dict[str, Any]:
        """A page, blog post, comment or attachment."""
        if isinstance(item, Content):
            return self.content(item, wish)
        return (
            self.comment(item, wish) if isinstance(item, Comment) else self.attachment(item, wish)
        )

    def links(self, content: Content, space: Space) -> dict[str, Any]:
        """Where a content is found by people."""
        titled = quote(content.title.replace(" ", "+"), safe="+")
        where = "pages" if content.kind == "page" else "blog"
        return {
            "self": self.link(f"/content/{content.id}"),
            "tinyui": f"/x/{int(content.id):x}",
            "editui": f"/pages/resumedraft.action?draftId={content.id}",
            "webui": f"/spaces/{space.key}/{where}/{content.id}/{titled}",
        }

    def history(self, content: Content, wish: Wish) -> dict[str, Any]:
        """Who made a content and when."""
        made: dict[str, Any] = {
            "latest": True,
            "createdBy": self.by(content.author),
            "createdDate": rfc3339(content.created),
        }
        later = {"lastUpdated": "", "previousVersion": "", "contributors": "", "nextVersion": ""}
        if "lastUpdated" in wish:
            made["lastUpdated"] = self.version(content, content.version)
        if "previousVersion" in wish and len(content.versions) > 1:
            made["previousVersion"] = self.version(content, content.versions[-2])
        if "contributors" in wish:
            users = [self.by(one) for one in dict.fromkeys(v.by for v in content.versions)]
            keys = [user["accountId"] for user in users]
            made["contributors"] = {"publishers": {"users": users, "userKeys": keys}}
        made["_expandable"] = {key: "" for key in later if key not in made}
        made["_links"] = {"self": self.link(f"/content/{content.id}/history")}
        return made

    def pages_below(self, content: Content) -> list[Content]:
        """The pages right below a page."""
        return [self.state.contents[one] for one in self.state.children.get(content.id, ())]

    def below(self, content: Content, wish: Wish) -> dict[str, Any]:
        """The ``children`` of a content."""
        made: dict[str, Any] = {}
        if "page" in wish:
            pages = [one for one in self.pages_below(content) if self.sight.sees(one)]
            rows = [self.content(one, wish.into("page")) for one in pages]
            made["page"] = self.short(rows, f"/content/{content.id}/child/page")
        if "comment" in wish:
            rows = [
                self.comment(one, wish.into("comment"))
                for one in self.state.comments_on(content.id)
                if not one.parent
            ]
            made["comment"] = self.short(rows, f"/content/{content.id}/child/comment")
        if "attachment" in wish:
            rows = [
                self.attachment(one, wish.into("attachment"))
                for one in self.state.attachments_on(content.id)
            ]
            made["attachment"] = self.short(rows, f"/content/{content.id}/child/attachment")
        kinds = ("attachment", "comment", "page")
        path = f"/rest/api/content/{content.id}/child"
        made["_expandable"] = {kind: f"{path}/{kind}" for kind in kinds if kind not in made}
        made["_links"] = {"self": self.link(f"/content/{content.id}/child")}
        return made

    def short(self, rows: list[Any], path: str) -> dict[str, Any]:
        """A list inside another object: its first 25."""
        shown = rows[:25]
        frame = {"results": shown, "start": 0, "limit": 25, "size": len(shown)}
        links: dict[str, Any] = {"self": self.link(path)}
        if len(rows) > len(shown):
            links["next"] = f"/rest/api{path}?limit=25&start=25"
        return frame | {"_links": links}

    def restrictions(self, content: Content, wish: Wish) -> dict[str, Any]:
        """Both direct restrictions of a content, as ``expand=restrictions`` shows them."""
        made: dict[str, Any] = {}
        for operation in ("read", "update"):
            if operation in wish:
                made[operation] = self.restriction(
                    content, operation, wish.into(operation), 0, RESTRICTION_PAGE
                )
        path = f"/rest/api/content/{content.id}/restriction/byOperation"
        made["_expandable"] = {o: f"{path}/{o}" for o in ("read", "update") if o not in made}
        made["_links"] = {"self": f"{self.base}{path}"}
        return made

    def restriction(
        self, content: Content, operation: str, wish: Wish, start: int, limit: int
    ) -> dict[str, Any]:
        """The direct restriction of one operation: a page of its users and of its groups."""
        held = content.restriction(operation)
        path = f"/content/{content.id}/restriction/byOperation/{operation}"
        row: dict[str, Any] = {"operation": operation}
        inner = wish.into("restrictions")
        if "restrictions" in wish:
            row["restrictions"] = self.subjects(held, inner, start, limit)
        if "content" in wish:
            row["content"] = self.content(content, wish.into("content"))
        later = {"restrictions": "", "content": f"/rest/api/content/{content.id}"}
        row["_expandable"] = {key: text for key, text in later.items() if key not in row}
        row["_links"] = {"self": self.link(path)}
        return row

    def subjects(self, held: Restriction, wish: Wish, start: int, limit: int) -> dict[str, Any]:
        """Users and groups of a restriction."""
        made: dict[str, Any] = {}
        limit = min(limit, RESTRICTION_PAGE)
        if "user" in wish:
            users = list(held.users)[start : start + limit]
            rows = [self.by(one) for one in users]
            made["user"] = {"results": rows, "start": start, "limit": limit, "size": len(rows)}
        if "group" in wish:
            known = self.state.world.directory.groups
            groups = [known[one] for one in held.groups if one in known][start : start + limit]
            rows = [self.group(one) for one in groups]
            made["group"] = {"results": rows, "start": start, "limit": limit, "size": len(rows)}
        made["_expandable"] = {key: "" for key in ("user", "group") if key not in made}
        return made

    def comment(self, comment: Comment, wish: Wish) -> dict[str, Any]:
        """A comment."""
        row: dict[str, Any] = {
            "id": comment.id,
            "type": "comment",
            "status": "current",
            "title": f"Re: {self.state.contents[comment.content].title}",
            "macroRenderedOutput": {},
        }
        extensions: dict[str, Any] = {"location": "inline" if comment.selection else "footer"}
        if comment.selection:
            extensions["resolution"] = {"status": "resolved" if comment.resolved else "open"}
            if "inlineProperties" in wish.into("extensions"):
                extensions["inlineProperties"] = {"originalSelection": comment.selection}
        row["extensions"] = extensions
        if "body" in wish:
            row["body"] = self.bodies(comment.body, comment.id, wish.into("body"))
        made = {
            "by": self.by(comment.author),
            "when": rfc3339(comment.modified or comment.created),
            "number": comment.version,
            "minorEdit": False,
        }
        if "version" in wish:
            row["version"] = made
        if "history" in wish:
            row["history"] = {
                "latest": True,
                "createdBy": self.by(comment.author),
                "createdDate": rfc3339(comment.created),
                "_expandable": {"lastUpdated": ""},
            }
        if "ancestors" in wish:
            above = self.state.comments.get(comment.parent)
            row["ancestors"] = [self.comment(above, Wish())] if above else []
        if "container" in wish:
            row["container"] = self.content(self.state.contents[comment.content], Wish())
        names = ("body", "version", "history", "ancestors", "container")
        row["_expandable"] = {name: "" for name in names if name not in row}
        row["_links"] = {"self": self.link(f"/content/{comment.id}")}
        return row

    def attachment(self, file: Attachment, wish: Wish) -> dict[str, Any]:
        """An attachment."""
        number = file.version
        row: dict[str, Any] = {
            "id": file.id,
            "type": "attachment",
            "status": "current",
            "title": file.name,
            "macroRenderedOutput": {},
            "metadata": {"mediaType": file.media, "comment": file.comment},
            "extensions": {
                "mediaType": file.media,
                "fileSize": len(file.data),
                "comment": file.comment,
                "fileId": file.id.removeprefix("att"),
            },
        }
        if "version" in wish:
            row["version"] = {
                "by": self.by(file.author),
                "when": rfc3339(file.created),
                "number": number,
                "minorEdit": False,
            }
        if "container" in wish:
            row["container"] = self.content(self.state.contents[file.content], Wish())
        names = ("version", "container")
        row["_expandable"] = {name: "" for name in names if name not in row}
        row["_links"] = {
            "self": self.link(f"/content/{file.id}"),
            "download": download_path(file),
            "webui": f"/pages/viewpageattachments.action?pageId={file.content}",
        }
        return row


def download_path(file: Attachment) -> str:
    """Where an attachment's bytes are, below ``/wiki``."""
    return f"/download/attachments/{file.content}/{quote(file.name)}?version={file.version}"
