"""Permission levels: what each lets its holder do, by Microsoft's names and bits."""

from __future__ import annotations

from dataclasses import dataclass

BITS = {
    "ViewListItems": 1 << 0,
    "AddListItems": 1 << 1,
    "EditListItems": 1 << 2,
    "DeleteListItems": 1 << 3,
    "ApproveItems": 1 << 4,
    "OpenItems": 1 << 5,
    "ViewVersions": 1 << 6,
    "DeleteVersions": 1 << 7,
    "CancelCheckout": 1 << 8,
    "ManagePersonalViews": 1 << 9,
    "ManageLists": 1 << 11,
    "ViewFormPages": 1 << 12,
    "Open": 1 << 16,
    "ViewPages": 1 << 17,
    "AddAndCustomizePages": 1 << 18,
    "ApplyThemeAndBorder": 1 << 19,
    "ApplyStyleSheets": 1 << 20,
    "CreateSSCSite": 1 << 22,
    "BrowseDirectories": 1 << 26,
    "BrowseUserInfo": 1 << 27,
    "AddDelPrivateWebParts": 1 << 28,
    "UpdatePersonalWebParts": 1 << 29,
    "UseClientIntegration": 1 << 36,
    "UseRemoteAPIs": 1 << 37,
    "ManageAlerts": 1 << 38,
    "CreateAlerts": 1 << 39,
    "EditMyUserInfo": 1 << 40,
    "ManagePermissions": 1 << 25,
    "EnumeratePermissions": 1 << 62,
}
"""``SP.PermissionKind`` as bits of the 64-bit mask."""
LIMITED = "Limited Access"
_LIMITED = ("ViewFormPages", "Open", "BrowseUserInfo", "UseClientIntegration", "UseRemoteAPIs")
_READ = (
    *_LIMITED,
    "ViewListItems",
    "OpenItems",
    "ViewVersions",
    "CreateAlerts",
    "CreateSSCSite",
    "ViewPages",
)
_CONTRIBUTE = (
    *_READ,
    "AddListItems",
    "EditListItems",
    "DeleteListItems",
    "DeleteVersions",
    "BrowseDirectories",
    "EditMyUserInfo",
    "ManagePersonalViews",
    "AddDelPrivateWebParts",
    "UpdatePersonalWebParts",
)
_EDIT = (*_CONTRIBUTE, "ManageLists")
_DESIGN = (
    *_EDIT,
    "ApproveItems",
    "CancelCheckout",
    "AddAndCustomizePages",
    "ApplyThemeAndBorder",
    "ApplyStyleSheets",
)


@dataclass(frozen=True, slots=True)
class Role:
    """A role definition, which people call a permission level."""

    id: int
    name: str
    kind: int
    """``RoleTypeKind``: 0 for a custom one."""
    permissions: tuple[str, ...]

    @property
    def mask(self) -> int:
        """The permissions as bits."""
        if self.kind == 5:
            return (0x7FFFFFFF << 32) | 0xFFFFFFFF
        total = 0
        for name in self.permissions:
            total |= BITS[name]
        return total


BUILT_IN = {
    role.name: role
    for role in (
        Role(1073741829, "Full Control", 5, tuple(BITS)),
        Role(1073741828, "Design", 4, _DESIGN),
        Role(1073741830, "Edit", 6, _EDIT),
        Role(1073741827, "Contribute", 3, _CONTRIBUTE),
        Role(1073741826, "Read", 2, _READ),
        Role(1073741825, LIMITED, 1, _LIMITED),
    )
}
"""The levels of every site, by name."""
