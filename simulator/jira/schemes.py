"""The verbs of roles, custom fields, permission schemes and issue security."""

from __future__ import annotations

from simulator.jira.objects import PERMISSIONS, Field, Level, Role, SecurityScheme
from simulator.jira.site import Site
from simulator.verbs import VerbError, verb


class Schemes(Site):
    """What projects share."""

    @verb
    def create_role(self, name: str, description: str = "", project: str = "") -> str:
        """A project role; tells its id."""
        made = Role(self.number(), name, description, project)
        self.roles[made.id] = made
        return made.id

    @verb
    def create_field(self, name: str, kind: str) -> str:
        """A custom field of kind user, users, group, groups or text; tells its id."""
        if kind not in ("user", "users", "group", "groups", "text"):
            raise VerbError(f"no field of kind {kind}")
        made = Field(f"customfield_{self.number()}", name, kind)
        self.fields[made.id] = made
        return made.id

    @verb
    def create_scheme(self, name: str, description: str = "") -> str:
        """A permission scheme without grants; tells its id."""
        return self._scheme(name, description, "")

    @verb
    def grant(self, scheme: str, permission: str, type: str, parameter: str = "") -> str:
        """Add a grant to a permission scheme; tells its id.

        Args:
            scheme: the scheme's id.
            permission: one of `PERMISSIONS`.
            type: one of `HOLDERS`.
            parameter: whose: a person, group, role or field id, or an application's key (empty
                for any application).
        """
        found = self._known(self.schemes, scheme, "permission scheme")
        if permission not in PERMISSIONS:
            raise VerbError(f"no permission {permission}")
        made = self._holder(type, parameter, permission)
        found.grants[made.id] = made
        said = (("Permission", "", permission), ("Type", "", type), ("Value", "", parameter))
        self._audit(
            "Permission scheme updated", "permissions", (found.id, found.name, "SCHEME"), said
        )
        return made.id

    @verb
    def revoke(self, scheme: str, grant: str) -> None:
        """Remove a grant from a permission scheme."""
        found = self._known(self.schemes, scheme, "permission scheme")
        held = found.grants.pop(grant, None)
        if held is None:
            raise VerbError(f"no grant {grant} in {scheme}")
        said = (("Permission", held.permission, ""), ("Type", held.type, ""))
        self._audit(
            "Permission scheme updated", "permissions", (found.id, found.name, "SCHEME"), said
        )

    @verb
    def create_security_scheme(self, name: str, description: str = "") -> str:
        """An issue security scheme without levels; tells its id."""
        made = SecurityScheme(self.number(), name, description)
        self.securities[made.id] = made
        return made.id

    @verb
    def create_level(self, scheme: str, name: str, description: str = "") -> str:
        """A level that nobody is in yet; tells its id."""
        found = self._known(self.securities, scheme, "issue security scheme")
        made = Level(self.number(), name, description)
        found.levels[made.id] = made
        return made.id

    @verb
    def set_default_level(self, scheme: str, level: str = "") -> None:
        """The level that new issues get; empty for none."""
        found = self._known(self.securities, scheme, "issue security scheme")
        if level and level not in found.levels:
            raise VerbError(f"no level {level} in {scheme}")
        found.default = level

    @verb
    def add_to_level(self, level: str, type: str, parameter: str = "") -> str:
        """Let a holder see issues of a level; tells the member's id."""
        scheme, found = self.level(level)
        if type == "anyone":
            raise VerbError("a security level can't hold anyone")
        made = self._holder(type, parameter, "")
        found.members[made.id] = made
        said = (("Security level", "", found.name), ("Type", "", type))
        self._audit(
            "Issue security scheme updated", "permissions", (scheme.id, scheme.name, "SCHEME"), said
        )
        return made.id

    @verb
    def remove_from_level(self, level: str, member: str) -> None:
        """Take a holder out of a level."""
        scheme, found = self.level(level)
        if found.members.pop(member, None) is None:
            raise VerbError(f"no member {member} in {level}")
        self._audit(
            "Issue security scheme updated", "permissions", (scheme.id, scheme.name, "SCHEME")
        )
