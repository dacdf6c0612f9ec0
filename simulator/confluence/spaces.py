"""The verbs of spaces."""

from __future__ import annotations

from simulator.confluence.objects import OPERATIONS, Space
from simulator.confluence.site import Site
from simulator.verbs import VerbError, verb


class Spaces(Site):
    """Spaces, and who may do what in them."""

    @verb
    def allow_anonymous(self, allowed: bool = True) -> None:
        """Let anonymous permissions work on this site, or stop that."""
        self.anonymous = allowed

    @verb
    def create_space(
        self,
        key: str,
        name: str,
        creator: str,
        kind: str = "global",
        description: str = "",
        at: str = "",
    ) -> str:
        """A space with a home page; its creator administers it. Tells the key."""
        self.world.directory.person(creator)
        if key in self.keys or not key.lstrip("~").isalnum():
            raise VerbError(f"a space can't have the key {key}")
        when = self.moment(at)
        space = Space(self.number(), key, name, creator, when, kind, description=description)
        self.spaces[space.id], self.keys[key] = space, space.id
        for operation, target in OPERATIONS:
            self._grant(space, "user", creator, operation, target)
        body = f"<p>Welcome to {name}.</p>"
        space.homepage = self._create("page", space, f"{name} home", body, creator, "", when)
        self._audit("Space created", "Spaces", name, "Space")
        return key

    @verb
    def archive_space(self, space: str, archived: bool = True) -> None:
        """Archive a space, or bring it back; who may read it stays the same."""
        self.space(space).status = "archived" if archived else "current"
        self._audit("Space archived", "Spaces", self.space(space).name, "Space")

    @verb
    def delete_space(self, space: str) -> None:
        """A space and everything in it is gone for good."""
        found = self.space(space)
        for content in [one for one in self.contents.values() if one.space == found.id]:
            self._forget(content)
        del self.spaces[found.id], self.keys[found.key]
        self._audit("Space deleted", "Spaces", found.name, "Space")

    @verb
    def label_space(self, space: str, label: str) -> None:
        """Put a label on a space."""
        found = self.space(space)
        if label not in found.labels:
            found.labels.append(label)

    @verb
    def grant_space(
        self,
        space: str,
        type: str,
        subject: str = "",
        operation: str = "read",
        target: str = "space",
        by: str = "",
    ) -> str:
        """Add a space permission; tells its id.

        Args:
            space: the key or id.
            type: user, group or anonymous.
            subject: a person's or a group's id.
            operation: the operation's key, as in `OPERATIONS`.
            target: what it is done to.
            by: who did it, for the audit log.
        """
        found = self.space(space)
        if type == "user":
            self.world.directory.person(subject)
        elif type == "group":
            self.world.directory.group(subject)
        elif type != "anonymous" or subject:
            raise VerbError(f"no space permission for {type} {subject}")
        if (operation, target) not in OPERATIONS:
            raise VerbError(f"no space permission {operation} {target}")
        made = self._grant(found, type, subject, operation, target)
        self._audit(
            "Space permission added",
            "Permissions",
            found.name,
            "Space",
            by,
            (("Permission", "", f"{operation}/{target}"),),
            ((subject or "Anonymous", type.capitalize()),),
        )
        return made

    @verb
    def revoke_space(self, space: str, permission: str, by: str = "") -> None:
        """Remove a space permission by its id."""
        found = self.space(space)
        held = found.permissions.pop(permission, None)
        if held is None:
            raise VerbError(f"no permission {permission} in {space}")
        self._audit(
            "Space permission removed",
            "Permissions",
            found.name,
            "Space",
            by,
            (("Permission", f"{held.operation}/{held.target}", ""),),
            ((held.subject or "Anonymous", held.type.capitalize()),),
        )
