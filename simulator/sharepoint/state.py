"""SharePoint as the server knows it: the verbs that change content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from simulator.clock import parse
from simulator.sharepoint.ids import ITEM_ALPHABET, drive_id
from simulator.sharepoint.model import Attachment, Change, Comment, Item, SpList
from simulator.sharepoint.permissions import Permissions
from simulator.verbs import VerbError, verb


class SharePointState(Permissions):
    """Sites, libraries and lists with everything in them."""

    def _list(self, site: str, title: str, template: str, author: str, at: str) -> SpList:
        found = self.site(site)
        path = title if template == "genericList" else title.replace(" ", "")
        path = {"Documents": "Shared Documents"}.get(title, path)
        if any(one.title == title for one in self.lists_of(found.id)):
            raise VerbError(f"{title} is taken")
        if author:
            self.world.directory.person(author)
        when = parse(at) if at else self.world.now()
        made = SpList(self.new_guid(), found.id, title, path, template, author, when, when)
        if template == "documentLibrary":
            made.root = "01" + self.world.new_id(32, ITEM_ALPHABET)
            made.drive = drive_id(found.collection.id, found.id, made.id)
            self.drives[made.drive], self.roots[made.root] = made.id, made.id
        self.lists[made.id] = made
        return made

    @verb
    def create_library(
        self, site: str, title: str = "Documents", author: str = "", at: str = ""
    ) -> str:
        """A document library; tells its id."""
        return self._list(site, title, "documentLibrary", author, at).id

    @verb
    def create_list(
        self,
        site: str,
        title: str,
        columns: list[str] | None = None,
        lookups: list[str] | None = None,
        own_only: bool = False,
        author: str = "",
        at: str = "",
    ) -> str:
        """A list with text columns beside Title; tells its id.

        Args:
            site: the web.
            title: its name.
            columns: internal names.
            lookups: those of them that show an item of another list: ``{"Title": ...}``.
            own_only: whether people read only the items that they created.
            author: who made it.
            at: when; now if empty.
        """
        made = self._list(site, title, "genericList", author, at)
        made.columns, made.own_only = [*(columns or ())], own_only
        made.lookups = [*(lookups or ())]
        return made.id

    @verb
    def set_up_list(
        self, list: str, own_only: bool = False, moderated: bool = False, drafts: int = 0
    ) -> None:
        """Other settings of a list or library; its feed tells nothing of them.

        Args:
            list: which one.
            own_only: whether people read only the items that they created.
            moderated: whether somebody must approve what is published.
            drafts: who sees what waits for that: 0 every reader, 1 editors, 2 approvers.
        """
        where = self.listing(list)
        where.own_only, where.moderated, where.drafts = own_only, moderated, drafts

    @verb
    def withhold_settings(self, list: str) -> None:
        """REST no longer tells what `set_up_list` sets, though the answer is a success."""
        self.listing(list).silent = True

    def pages_of(self, site: str) -> SpList | None:
        """The web's page library; None before its first page."""
        return next(self.lists_of(site, "webPageLibrary"), None)

    def _place(self, parent: str) -> tuple[SpList, str]:
        """The list and folder that something can be put into."""
        if parent in self.roots:
            parent = self.roots[parent]
        if parent in self.lists:
            return self.listing(parent), ""
        folder = self.item(parent)
        if folder.kind != "folder" or not self.live(folder):
            raise VerbError(f"{parent} is no folder")
        return self.listing(folder.list_id), folder.id

    def named(self, where: SpList, folder: str, name: str) -> Item | None:
        """What goes by this name there; case does not matter."""
        for child in self.children.get(folder or where.id, ()):
            found = self.items[child]
            if found.name.lower() == name.lower() and not found.deleted:
                return found
        return None

    def _put(
        self, where: SpList, folder: str, kind: str, name: str, author: str, when: datetime
    ) -> Item:
        if kind != "item" and self.named(where, folder, name):
            raise VerbError(f"{name} is taken")
        unique = self.new_guid()
        drive = where.template == "documentLibrary"
        made = Item(
            "01" + self.world.new_id(32, ITEM_ALPHABET) if drive else unique,
            unique,
            len(where.order) + 1,
            where.id,
            folder,
            kind,
            name,
            author,
            author,
            when,
            when,
        )
        self.items[made.id], self.uniques[unique] = made, made.id
        self.children.setdefault(folder or where.id, {})[made.id] = None
        where.order.append(made.id)
        site = self.sites[where.site]
        self.number(site.collection, f"user:{author}")
        where.modified = max(where.modified, when)
        site.modified = max(site.modified, when)
        self.log_change(where.id, made.id, "created")
        return made

    def _touch(self, item: Item, kind: str, by: str) -> None:
        item.version += 1
        item.modified, item.editor = self.world.now(), by or item.editor
        where = self.lists[item.list_id]
        where.modified = self.sites[where.site].modified = item.modified
        self.log_change(item.list_id, item.id, kind)

    @verb
    def create_folder(self, parent: str, name: str, author: str, at: str = "") -> str:
        """A folder in a library (by the library's id) or in a folder; tells its id."""
        where, folder = self._place(parent)
        if where.template != "documentLibrary":
            raise VerbError("folders are for libraries")
        self.world.directory.person(author)
        when = parse(at) if at else self.world.now()
        return self._put(where, folder, "folder", name, author, when).id

    @verb
    def create_file(self, parent: str, name: str, author: str, text: str = "", at: str = "") -> str:
        """A file, whose text becomes what the ending of its name says; tells its id."""
        where, folder = self._place(parent)
        if where.template != "documentLibrary":
            raise VerbError("files are for libraries")
        self.world.directory.person(author)
        made = self._put(where, folder, "file", name, author, parse(at) if at else self.world.now())
        made.text = text
        return made.id

    @verb
    def create_page(
        self,
        site: str,
        title: str,
        author: str,
        text: str = "",
        name: str = "",
        published: bool = True,
        at: str = "",
    ) -> str:
        """A site page from Markdown; tells its id.

        Args:
            site: the web.
            title: shown above it.
            author: a person.
            text: see `simulator.sharepoint.pages`.
            name: such as ``Welcome.aspx``; from the title if empty.
            published: false leaves it a draft.
            at: when; now if empty.
        """
        self.world.directory.person(author)
        web = self.site(site)
        where = self.pages_of(web.id) or self._list(web.id, "Site Pages", "webPageLibrary", "", at)
        name = name or "".join(c for c in title if c.isalnum() or c in " -").replace(" ", "-")
        name = name if name.endswith(".aspx") else f"{name}.aspx"
        made = self._put(where, "", "page", name, author, parse(at) if at else self.world.now())
        made.text, made.title, made.published = text, title, published
        return made.id

    @verb
    def publish(self, page: str, by: str = "") -> None:
        """A draft becomes readable for everyone who may read the page."""
        found = self.item(page)
        if found.kind != "page" or found.published:
            raise VerbError("this is no draft")
        found.published = True
        self._touch(found, "edited", by)

    @verb
    def create_item(self, list: str, author: str, fields: dict[str, Any], at: str = "") -> str:
        """A list item; tells its GUID."""
        where = self.listing(list)
        if where.template != "genericList":
            raise VerbError("items are for lists")
        self.world.directory.person(author)
        wrong = set(fields) - {"Title", *where.columns}
        if wrong:
            raise VerbError(f"no column {sorted(wrong)}")
        when = parse(at) if at else self.world.now()
        made = self._put(where, "", "item", str(fields.get("Title", "")), author, when)
        made.fields = dict(fields)
        return made.id

    @verb
    def edit(
        self,
        item: str,
        by: str = "",
        text: str | None = None,
        fields: dict[str, Any] | None = None,
        title: str | None = None,
    ) -> None:
        """New content, in whatever part of it is given."""
        found = self.item(item)
        if not self.live(found):
            raise VerbError(f"{item} is in the recycle bin")
        if text is not None:
            found.text = text
        if fields is not None:
            found.fields |= fields
            found.name = str(found.fields.get("Title", found.name))
        if title is not None:
            found.title = title
        found.content += 1
        self._touch(found, "edited", by)

    @verb
    def moderate(self, item: str, status: int, by: str = "") -> None:
        """The newest version is approved (0), denied (1) or waits (2)."""
        found = self.item(item)
        found.moderation = status
        self._touch(found, "edited", by)

    @verb
    def rename(self, item: str, name: str, by: str = "") -> None:
        """Another name; the id stays."""
        found = self.item(item)
        taken = self.named(self.lists[found.list_id], found.parent, name)
        if taken is not None and taken is not found:
            raise VerbError(f"{name} is taken")
        found.name = name
        self._touch(found, "moved", by)

    @verb
    def move(self, item: str, parent: str, by: str = "") -> str:
        """Into another folder or library; tells the id, which is a new one in another library.

        There, what is moved inherits the permissions of its new place.
        """
        found, (where, folder) = self.item(item), self._place(parent)
        if not self.live(found) or found.kind not in ("file", "folder"):
            raise VerbError("this can't be moved")
        if where.template != "documentLibrary":
            raise VerbError("this can't be moved there")
        at = self.items.get(folder)
        while at is not None:
            if at is found:
                raise VerbError("a folder can't be moved into itself")
            at = self.items.get(at.parent)
        if self.named(where, folder, found.name):
            raise VerbError(f"{found.name} is taken")
        if where.id == found.list_id:
            del self.children[found.parent or where.id][found.id]
            self.children.setdefault(folder or where.id, {})[found.id] = None
            found.parent = folder
            self._touch(found, "moved", by)
            self._settle(self.web_of(found).collection)
            return found.id
        made = self._carry(found, where, folder, by)
        self._settle(self.web_of(found).collection)
        self.log_change(found.list_id, found.id, "deleted")
        return made.id

    def _carry(self, item: Item, where: SpList, folder: str, by: str) -> Item:
        made = self._put(where, folder, item.kind, item.name, item.author, item.created)
        made.text, made.editor, made.modified = item.text, by or item.editor, self.world.now()
        made.comments, made.content = item.comments, item.content
        for child in list(self.children.get(item.id, ())):
            if not self.items[child].deleted:
                self._carry(self.items[child], where, made.id, by)
        self._inherit(item)
        item.gone = True
        self.children[item.parent or item.list_id].pop(item.id, None)
        return made

    @verb
    def delete(self, item: str, by: str = "") -> None:
        """Into the recycle bin, with what is below."""
        found = self.item(item)
        if not self.live(found):
            raise VerbError(f"{item} is in the recycle bin")
        found.deleted = True
        self._touch(found, "deleted", by)

    @verb
    def restore(self, item: str, by: str = "") -> None:
        """Out of the recycle bin, to where it was, with the id that it had."""
        found = self.item(item)
        above = self.items.get(found.parent)
        if not found.deleted or (above is not None and not self.live(above)):
            raise VerbError(f"{item} can't be restored")
        if found.kind != "item" and self.named(self.lists[found.list_id], found.parent, found.name):
            raise VerbError(f"{found.name} is taken")
        found.deleted = False
        self._touch(found, "restored", by)

    @verb
    def attach(self, item: str, name: str, text: str, by: str = "") -> None:
        """A file on a list item."""
        found = self.item(item)
        if found.kind != "item":
            raise VerbError("attachments are for list items")
        found.attachments[name] = Attachment(name, text)
        self._touch(found, "edited", by)

    @verb
    def comment(self, item: str, author: str, text: str, at: str = "") -> int:
        """A comment on a file, page or list item; tells its number. It leaves times alone."""
        found = self.item(item)
        self.world.directory.person(author)
        when = parse(at) if at else self.world.now()
        found.comments.append(Comment(len(found.comments) + 1, author, text, when))
        return len(found.comments)

    @verb
    def expire_tokens(self) -> None:
        """From now on every delta token handed out so far answers 410."""
        for one in self.lists.values():
            one.oldest = len(one.log) + 1
            one.log.append(Change("", "gone", self.world.now()))

    def walk(self, list_id: str, folder: str = "") -> Iterator[Item]:
        """What is there in a list, folders before their content."""
        for child in self.children.get(folder or list_id, ()):
            found = self.items[child]
            if not found.deleted:
                yield found
                if found.kind == "folder":
                    yield from self.walk(list_id, found.id)
