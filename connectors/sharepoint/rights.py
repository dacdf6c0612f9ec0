"""What a permission level lets its holder do, as far as reading depends on it."""

from __future__ import annotations

from enum import IntFlag
from typing import Any


class Right(IntFlag):
    """Bits of a role definition's ``BasePermissions`` (``SP.PermissionKind``)."""

    VIEW = 1 << 0
    """View Items. A level without it, such as Limited Access, opens nothing."""
    EDIT = 1 << 2
    """Edit Items: sees drafts of minor versions."""
    APPROVE = 1 << 4
    """Approve Items: sees drafts where only approvers may."""
    OVERRIDE = 1 << 8
    """Override List Behaviors (Cancel Checkout): sees what others made where a list shows
    people only their own."""


ALL = Right.VIEW | Right.EDIT | Right.APPROVE | Right.OVERRIDE


def rights(bindings: Any) -> Right:
    """The rights that ``RoleDefinitionBindings`` give together.

    Raises:
        ValueError: a role definition does not say what it allows.
    """
    if not isinstance(bindings, list):
        raise ValueError("no role definitions")
    found = Right(0)
    for told in bindings:
        try:
            # 64 bits in two halves; all that reading depends on is in the lower one.
            found |= Right(int(told["BasePermissions"]["Low"]) & ALL)
        except (KeyError, TypeError):
            raise ValueError("a role definition without permissions") from None
    return found
