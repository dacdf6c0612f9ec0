"""The permissions that Drive lists for a file: its own, and those that come from above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator.google.objects import ROLES, Drive, File, Permission
from simulator.google.state import GoogleState


@dataclass(frozen=True, slots=True)
class Route:
    """One way in which a grantee comes to a role: an entry of permissionDetails."""

    kind: str
    """``file``, or ``member`` for a member of the shared drive."""
    role: str
    inherited: bool
    origin: str
    """What it is inherited from."""


@dataclass(frozen=True, slots=True)
class Held:
    """A grantee's permission on a file: Drive shows one for all its routes."""

    best: Permission
    """With the strongest role."""
    routes: tuple[Route, ...]


def grants_on(
    state: GoogleState, place: File | Drive, *, published: bool = False, metadata: bool = False
) -> list[Held]:
    """What permissions.list tells: those in force now.

    Args:
        state: Drive.
        place: the file or shared drive asked about.
        published: also those of the published view.
        metadata: also those that, at a limited-access folder, only let it be seen.
    """
    now = state.world.now()
    found: dict[str, list[tuple[Permission, Route]]] = {}

    def add(held: Permission, route: Route) -> None:
        if held.expires is not None and held.expires <= now:
            return
        if held.view == "published" and not (published and not route.inherited):
            return
        found.setdefault(held.id + held.view, []).append((held, route))

    if isinstance(place, Drive):
        for held in place.permissions.values():
            add(held, Route("member", held.role, False, ""))
    else:
        _on_file(state, place, metadata, add)
    held_all = []
    for entries in found.values():
        best = max(entries, key=lambda entry: ROLES.index(entry[1].role))
        shown = replace(best[0], role=best[1].role)
        held_all.append(Held(shown, tuple(route for _, route in entries)))
    return held_all


def _on_file(
    state: GoogleState, file: File, metadata: bool, add: Callable[[Permission, Route], None]
) -> None:
    shut = False
    for at in state.ancestry(file):
        for held in at.permissions.values():
            if at is file:
                add(held, Route("file", held.role, False, ""))
                continue
            if held.view:
                continue
            # Who owns a folder is a writer of what others put into it.
            role = "writer" if held.role == "owner" else held.role
            if not shut:
                add(held, Route("file", role, True, at.id))
            elif metadata:
                add(replace(held, view="metadata", role="reader"), _seeing(at.id))
        shut = shut or at.limited
        metadata = metadata and file.limited
    if file.drive:
        for held in state.drives[file.drive].permissions.values():
            if not shut or held.role == "organizer":
                add(held, Route("member", held.role, True, file.drive))
            elif metadata:
                add(replace(held, view="metadata", role="reader"), _seeing(file.drive))


def _seeing(origin: str) -> Route:
    return Route("file", "reader", True, origin)
