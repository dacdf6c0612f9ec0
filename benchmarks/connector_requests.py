"""What Google Drive is asked, and how much it answers: ``python -m benchmarks.connector_requests``.

One shared drive of the simulator, spoken to by the real connector over HTTP. Bodies count as
stored already, so that what is left is the cost of knowing what changed and who may read it.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httplib2

from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from corpus import Page, Reacl, Upsert
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


class Meter:
    """Requests and bytes of answers, by kind."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()

    def note(self, uri: str, answer: bytes) -> None:
        kind = next((name for pattern, name in _KINDS if re.search(pattern, uri)), "other")
        self.requests[kind] += 1
        self.bytes[kind] += len(answer)


@contextmanager
def metered() -> Iterator[Meter]:
    """Counts what every HTTP client of Google's library is answered, until the block ends."""
    meter, original = Meter(), httplib2.Http.request

    def request(self: Any, uri: str, *args: Any, **kwargs: Any) -> Any:
        response, content = original(self, uri, *args, **kwargs)
        meter.note(uri, content)
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


def measured(files: int) -> dict[str, Any]:
    """Every case, by name: its requests, bytes, seconds and documents."""
    world = World(7)
    drive = drive_of(world, files)
    state = GoogleState.of(world)
    found: dict[str, Any] = {"files": files}
    with tempfile.TemporaryDirectory() as folder, serve(world) as running:
        connector = GoogleDriveConnector(settings_for(running, Path(folder)), now=world.now)
        (container,) = connector.containers()
        versions: dict[str, str] = {}

        def stored(ids: Sequence[str]) -> Mapping[str, str]:
            return {id: versions[id] for id in ids if id in versions}

        def case(name: str, pages: Iterable[Any]) -> Any:
            began = time.monotonic()
            read = told = 0
            last = None
            with metered() as meter:
                for last in pages:
                    changes = last.changes
                    read += sum(isinstance(each, Upsert) for each in changes)
                    told += sum(isinstance(each, Reacl) for each in changes)
            found[name] = {
                "requests": meter.requests.total(),
                "by_kind": dict(meter.requests),
                "bytes": meter.bytes.total(),
                "bytes_by_kind": dict(meter.bytes),
                "bodies": read,
                "documents": read + told,
                "seconds": round(time.monotonic() - began, 1),
            }
            by_kind = ", ".join(f"{kind} {n:,}" for kind, n in meter.requests.most_common())
            print(
                f"{name:<28}{meter.requests.total():>7,} requests"
                f"{meter.bytes.total():>13,} bytes  {by_kind}",
                flush=True,
            )
            return last

        for page in connector.listing(container):
            versions.update(page.versions)
        page: Page = case("first crawl", connector.changes(container, None, stored))
        page = case("nothing changed", connector.changes(container, page.cursor, stored))
        everything = state.generated
        assert everything is not None
        plain = next(
            f for f in everything.files(drive) if f.mime.endswith("document") and not f.permissions
        )
        state.edit(file=plain.id, text="changed")
        page = case("one file changed", connector.changes(container, page.cursor, stored))
        top = next(f for f in state.inside(drive) if not f.permissions)
        below = [f for f in state.within(top) if f.id != top.id]
        found["files beneath the folder"] = sum(not f.mime.endswith("folder") for f in below)
        found["of them with permissions"] = sum(bool(f.permissions) for f in below)
        state.share(file=top.id, type="user", subject="w5")
        page = case("a folder was shared", connector.changes(container, page.cursor, stored))
        state.add_drive_member(drive=drive, subject="w6")
        page = case("a member joined the drive", connector.changes(container, page.cursor, stored))
        case("permission sweep", connector.permissions(container, None))
    return found


def main() -> None:
    """Print the table, and last one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="2,000 files instead of 100,000")
    parser.add_argument("--files", type=int, help="any other number")
    given = parser.parse_args()
    found = measured(given.files or (2_000 if given.quick else 100_000))
    print(
        f"beneath the folder: {found['files beneath the folder']:,} files,"
        f" {found['of them with permissions']:,} items with permissions of their own"
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
