"""What Google Drive is asked: one shared drive, spoken to by the real connector over HTTP."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httplib2

from benchmarks.request_cases import Cases, Found, Meter
from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from simulator.embedded import Running, serve
from simulator.google.generated import Generated
from simulator.google.state import GoogleState
from simulator.world import World
from tests.fixtures.service_account import trusted_key_file

_SCOPE = "https://www.googleapis.com/auth/drive.readonly"
_KINDS = (
    (r"/permissions", "permissions.list"),
    (r"/changes/startPageToken", "changes.getStartPageToken"),
    (r"/changes", "changes.list"),
    (r"/drives/", "drives.get"),
    (r"/drives", "drives.list"),
    (r"alt=media|/export", "bodies"),
    (r"/files/", "files.get"),
    (r"/files\?", "files.list"),
    (r"/token", "tokens"),
)


@contextmanager
def metered() -> Iterator[Meter]:
    """Counts what every HTTP client of Google's library is answered, until the block ends."""
    meter, original = Meter(), httplib2.Http.request

    def request(self: Any, uri: str, *args: Any, **kwargs: Any) -> Any:
        response, content = original(self, uri, *args, **kwargs)
        kind = next((name for pattern, name in _KINDS if re.search(pattern, uri)), "other")
        meter.note(kind, content)
        return response, content

    httplib2.Http.request = request
    try:
        yield meter
    finally:
        httplib2.Http.request = original


def drive_of(world: World, files: int) -> str:
    """A shared drive with so many files, in folders of forty."""
    directory, state = world.directory, GoogleState.of(world)
    people = [directory.add_person(id=f"w{n}", name=f"Worker {n}") for n in range(200)]
    for team in range(20):
        directory.create_group(id=f"team-{team}")
        directory.add_member(group=f"team-{team}", person=people[team])
    state.make_admin(person=people[0])
    drive: str = state.create_drive(name="Archive", organizer=people[1])
    state.generated = Generated(world, [(drive, files)], people)
    return drive


def settings_for(running: Running, folder: Path) -> GoogleDriveSettings:
    """A service account with delegation."""
    return GoogleDriveSettings(
        _env_file=None,
        api_root=f"{running.url}/google",
        service_account_file=trusted_key_file(running, folder, [_SCOPE]),
        subject=running.world.directory.person(
            next(iter(GoogleState.of(running.world).admins))
        ).email,
        page_size=1000,
        timeout=300,
    )


def measured(files: int) -> Found:
    """Every case, by name: its requests, bytes, seconds and documents."""
    world = World(7)
    drive = drive_of(world, files)
    state = GoogleState.of(world)
    with tempfile.TemporaryDirectory() as folder, serve(world) as running:
        connector = GoogleDriveConnector(settings_for(running, Path(folder)), now=world.now)
        (container,) = connector.containers()
        cases = Cases(connector, container, metered)
        cases.listed()
        cases.synced("first crawl")
        cases.synced("nothing changed")
        everything = state.generated
        assert everything is not None
        plain = next(
            f for f in everything.files(drive) if f.mime.endswith("document") and not f.permissions
        )
        state.edit(file=plain.id, text="changed")
        cases.synced("one file changed")
        top = next(f for f in state.inside(drive) if not f.permissions)
        below = [f for f in state.within(top) if f.id != top.id]
        state.share(file=top.id, type="user", subject="w5")
        cases.synced("a folder was shared")
        state.add_drive_member(drive=drive, subject="w6")
        cases.synced("a member joined the drive")
        cases.swept("permission sweep")
    return {
        "files": files,
        **cases.found,
        "files beneath the folder": sum(not f.mime.endswith("folder") for f in below),
        "of them with permissions": sum(bool(f.permissions) for f in below),
    }
