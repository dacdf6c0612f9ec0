"""Who was given what: inheritance, role assignments and sharing links."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.clock import parse
from simulator.sharepoint.model import Collection, Item, Link, Roles, Securable, Site, SpList
from simulator.sharepoint.roles import LIMITED
from simulator.sharepoint.tenant import Tenant
from simulator.verbs import VerbError, verb


class Permissions(Tenant):
    """The tenant, with verbs that change permissions."""

    def holder(self, securable: Securable) -> Securable:
        """The securable whose role assignments hold here: itself, or the nearest above."""
        at: Securable | None = securable
        while at is not None and at.roles is None:
            at = self.above(at)
        if at is None:
            raise VerbError("its site is gone")
        return at

    def roles_of(self, securable: Securable) -> Roles:
        """The role assignments that hold here."""
        return self.holder(securable).roles or {}

    def beneath(self, securable: Securable) -> Iterator[Securable]:
        """Whatever below it has role assignments of its own."""
        for other in list(self.unique[self.web_of(securable).collection.id]):
            try:
                found: Securable | None = self.securable(other)
            except VerbError:
                continue
            at = found
            while at is not None:
                at = self.above(at)
                if at is securable and found is not None:
                    yield found
                    break

    def _settle(self, collection: Collection) -> None:
        """Give Limited Access above to whoever has something below, and to no one else."""
        held: list[Securable] = []
        for one in list(self.unique[collection.id]):
            try:
                found = self.securable(one)
            except VerbError:
                continue
            if found.roles is None:
                del self.unique[collection.id][one]
                continue
            held.append(found)
            found.roles = {p: r for p, r in found.roles.items() if r != [LIMITED]}
        for securable in held:
            for principal in list(securable.roles or ()):
                at = self.above(securable)
                while at is not None:
                    if at.roles is not None:
                        at.roles.setdefault(principal, [LIMITED])
                    at = self.above(at)

    def _shared(self, securable: Securable) -> None:
        """Log a change of permissions; a site has no log to write to."""
        self._settle(self.web_of(securable).collection)
        if isinstance(securable, Item):
            securable.version += 1
            self.log_change(securable.list_id, securable.id, "shared")
        elif isinstance(securable, SpList) and securable.root:
            self.log_change(securable.id, securable.root, "shared")

    def _break(self, securable: Securable, roles: Roles) -> None:
        securable.roles = roles
        self.unique[self.web_of(securable).collection.id][securable.id] = None

    def _copied(self, securable: Securable) -> Roles:
        return {p: list(r) for p, r in self.roles_of(securable).items() if r != [LIMITED]}

    @verb
    def break_inheritance(
        self, target: str, copy: bool = True, clear: bool = False, by: str = ""
    ) -> None:
        """Give a site, list or item role assignments of its own.

        Args:
            target: its id.
            copy: whether to begin with those that held so far.
            clear: whether everything below inherits again.
            by: who does it; without a copy they get Full Control.
        """
        found = self.securable(target)
        if found.roles is not None:
            raise VerbError("it has role assignments of its own")
        roles = self._copied(found)
        if not copy:
            roles = {}
            if by:
                self.number(self.web_of(found).collection, f"user:{by}")
                roles = {f"user:{by}": ["Full Control"]}
        self._break(found, roles)
        if clear:
            for other in self.beneath(found):
                self._inherit(other)
        self._shared(found)

    def _inherit(self, securable: Securable) -> None:
        securable.roles = None
        if isinstance(securable, Item):
            for link in list(securable.links):
                self._unlink(self.links[link])

    @verb
    def reset_inheritance(self, target: str) -> None:
        """Inherit again; links made here stop working."""
        found = self.securable(target)
        if found.roles is None or self.above(found) is None:
            raise VerbError("it inherits, or has nothing to inherit from")
        self._inherit(found)
        self._shared(found)

    @verb
    def grant(self, target: str, principal: str, role: str = "Read") -> None:
        """Bind a role to a principal where role assignments are unique."""
        found = self.securable(target)
        collection = self.web_of(found).collection
        self.check_principal(collection, principal)
        if found.roles is None:
            raise VerbError("it inherits its permissions")
        if role not in collection.roles or role == LIMITED:
            raise VerbError(f"{role} can't be granted")
        self.number(collection, principal)
        held = [r for r in found.roles.get(principal, ()) if r not in (LIMITED, role)]
        found.roles[principal] = [*held, role]
        self._shared(found)

    @verb
    def revoke(self, target: str, principal: str) -> None:
        """Take every role from a principal here."""
        found = self.securable(target)
        if found.roles is None or principal not in found.roles:
            raise VerbError(f"{principal} has nothing here that is not inherited")
        if principal.startswith("link:"):
            raise VerbError("delete the link instead")
        del found.roles[principal]
        self._shared(found)

    @verb
    def share_with(self, item: str, principal: str, role: str = "Read") -> None:
        """Direct access for someone; an item that inherits gets assignments of its own."""
        found = self.item(item)
        self.check_principal(self.web_of(found).collection, principal)
        if found.roles is None:
            self._break(found, self._copied(found))
        self.grant(item, principal, role)

    @verb
    def share(
        self,
        item: str,
        scope: str,
        kind: str = "view",
        by: str = "",
        people: list[str] | None = None,
        expires: str = "",
    ) -> str:
        """Make a sharing link; tells its id. It ends the item's inheritance.

        Args:
            item: what to share.
            scope: users (for `people` only), organization or anonymous.
            kind: view or edit.
            by: who makes it.
            people: recipients, for the scope users.
            expires: when it ends; empty for never.
        """
        found = self.item(item)
        if scope not in ("users", "organization", "anonymous") or kind not in ("view", "edit"):
            raise VerbError(f"no link {scope} to {kind}")
        if (scope == "users") != bool(people):
            raise VerbError("people are for links of the scope users, and only for them")
        for person in people or ():
            self.world.directory.person(person)
        for known in found.links:
            link = self.links[known]
            same = (link.scope, link.kind, link.expires) == (scope, kind, None)
            if same and scope != "users" and not expires:
                return known
        made = Link(
            self.new_guid(),
            item,
            scope,
            kind,
            by or found.author,
            self.world.now(),
            "E" + self.world.new_id(40),
            parse(expires) if expires else None,
        )
        collection = self.web_of(found).collection
        self.number(collection, f"link:{made.id}")
        for person in people or ():
            self.number(collection, f"user:{person}")
            made.people.append(person)
        self.links[made.id] = made
        found.links.append(made.id)
        if found.roles is None:
            self._break(found, self._copied(found))
        if found.roles is not None:
            found.roles[f"link:{made.id}"] = ["Read" if kind == "view" else "Contribute"]
        self._shared(found)
        return made.id

    def link(self, link: str) -> Link:
        """The sharing link with this id.

        Raises:
            VerbError: there is none.
        """
        found = self.links.get(link)
        if found is None:
            raise VerbError(f"no link {link}")
        return found

    def _unlink(self, link: Link) -> None:
        item = self.items[link.item]
        item.links.remove(link.id)
        del self.links[link.id]
        # Copies of the assignment went wherever inheritance was broken beneath, and on from there.
        for other in self.unique[self.web_of(item).collection.id]:
            holder = self.items.get(other)
            if holder is not None and holder.roles:
                holder.roles.pop(f"link:{link.id}", None)

    @verb
    def unshare(self, link: str) -> None:
        """Delete a link: who came by it loses access, wherever it had been copied to."""
        found = self.link(link)
        self._unlink(found)
        self._shared(self.items[found.item])

    @verb
    def redeem(self, link: str, person: str) -> None:
        """Someone opens a link: from then on they find what it leads to."""
        found, who = self.link(link), self.world.directory.person(person)
        if found.expires is not None and found.expires <= self.world.now():
            raise VerbError("the link has expired")
        if found.scope == "organization" and who.guest:
            raise VerbError("the link is for members of the organisation")
        if found.scope == "users" and person not in found.people:
            raise VerbError("the link is for others")
        if person not in found.people:
            self.number(self.web_of(self.items[found.item]).collection, f"user:{person}")
            found.people.append(person)

    @verb
    def expire_link(self, link: str, at: str = "") -> None:
        """Give a link an end, or none if `at` is empty."""
        found = self.link(link)
        found.expires = parse(at) if at else None
        self._shared(self.items[found.item])

    def subsites(self, site: Site) -> Iterator[Site]:
        """The webs directly below."""
        return (other for other in self.sites.values() if other.parent == site.id)
