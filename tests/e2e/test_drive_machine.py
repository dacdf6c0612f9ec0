"""Any history of a Drive: after every incremental sync we hold what the oracle says."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from simulator.google.objects import FOLDER
from simulator.google.state import GoogleState
from simulator.google.view import Sight
from simulator.verbs import VerbError
from sync.discovery import discover
from sync.permissions import sync_permissions
from tests.e2e.drive_world import DRIVE, PEOPLE, TEXT, Swept, assert_same, following

ANY = st.integers(0, 1_000)
WHO = st.sampled_from(PEOPLE)
KINDS = st.sampled_from(
    [("user", "bob"), ("user", "cat"), ("group", "crew"), ("group", "inner"), ("domain", "")]
)


def out_of_sight(state: GoogleState) -> bool:
    """Whether some file of a My Drive is in a folder that its owner does not see.

    What happens to such a folder is in the log of its own owner alone.
    """
    for file in state.files.values():
        if not file.owner or not file.parent or file.mime == FOLDER:
            continue
        eyes = Sight(state, state.world.directory.person(file.owner))
        above = state.files.get(file.parent)
        while above is not None:
            if eyes.access(above).opens < 0:
                return True
            above = state.files.get(above.parent)
    return False


class History(RuleBasedStateMachine):
    """What people do with files, folders, a shared drive and a group, and we follow it."""

    @initialize(page=st.sampled_from([2, 100]))
    def begin(self, page: int) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._context = following(Path(self._folder.name), page_size=page)
        self.ours, self.state, self.drive = self._context.__enter__()
        self.texts = 0
        self.synced = False
        self.untold = False
        self.follow()

    def file(self, n: int) -> str:
        """Something that is no root."""
        found = [f.id for f in self.state.files.values() if f.parent]
        return found[n % len(found)] if found else "none"

    def text_file(self, n: int) -> str:
        found = [f.id for f in self.state.files.values() if f.parent and f.mime == TEXT]
        return found[n % len(found)] if found else "none"

    def folder(self, n: int) -> str:
        found = [f.id for f in self.state.files.values() if f.mime == FOLDER and f.parent]
        return [*found, self.drive][n % (len(found) + 1)]

    def do(self, verb: str, **arguments: object) -> None:
        """What Drive itself would refuse does not happen."""
        self.synced = False
        self.untold |= out_of_sight(self.state)
        with suppress(VerbError):
            getattr(self.state, verb)(**arguments)
        self.untold |= out_of_sight(self.state)

    @rule(n=ANY, kind=KINDS, role=st.sampled_from(["reader", "writer"]), found=st.booleans())
    def share(self, n: int, kind: tuple[str, str], role: str, found: bool) -> None:
        more = {"discoverable": found} if kind[0] == "domain" else {}
        subject = kind[1] or "saltmarsh.example"
        self.do("share", file=self.file(n), type=kind[0], subject=subject, role=role, **more)

    @rule(n=ANY, which=ANY)
    def unshare(self, n: int, which: int) -> None:
        file = self.file(n)
        there = self.state.files.get(file)
        held = [k for k, p in there.permissions.items() if p.role != "owner"] if there else []
        if held:
            self.do("unshare", file=file, permission=held[which % len(held)])

    @rule(n=ANY, hours=st.integers(1, 6))
    def share_for_some_hours(self, n: int, hours: int) -> None:
        end = f"{self.ours.world.now().date()}T{hours + 12:02d}:30:00Z"
        self.do("share", file=self.file(n), type="user", subject="cat", expires=end)

    @rule(hours=st.integers(1, 4))
    def wait(self, hours: int) -> None:
        self.synced = False
        self.ours.world.time.advance(seconds=hours * 3600)

    @rule(n=ANY)
    def limit(self, n: int) -> None:
        folder = self.folder(n)
        if folder != self.drive:
            self.do("limit", folder=folder, limited=not self.state.file(folder).limited)

    @rule(n=ANY, to=ANY)
    def move(self, n: int, to: int) -> None:
        self.do("move", file=self.file(n), parent=self.folder(to))

    @rule(n=ANY)
    def bin_or_restore(self, n: int) -> None:
        file = self.file(n)
        there = self.state.files.get(file)
        self.do("restore" if there and there.trashed else "trash", file=file)

    @rule(n=ANY)
    def delete(self, n: int) -> None:
        self.do("delete", file=self.file(n))

    @rule(n=ANY, who=WHO, folder=st.booleans())
    def create(self, n: int, who: str, folder: bool) -> None:
        self.texts += 1
        mime, text = (FOLDER, "") if folder else (TEXT, f"made {self.texts}")
        self.do("create", name="new", owner=who, mime=mime, parent=self.folder(n), text=text)

    @rule(n=ANY)
    def edit(self, n: int) -> None:
        self.texts += 1
        self.do("edit", file=self.text_file(n), text=f"edited {self.texts}")

    @rule(n=ANY)
    def rename(self, n: int) -> None:
        self.do("rename", file=self.file(n), name="renamed")

    @rule(n=ANY, who=WHO)
    def hand_over(self, n: int, who: str) -> None:
        self.do("transfer", file=self.file(n), owner=who)

    @rule(who=st.sampled_from(["bob", "cat"]), role=st.sampled_from(["reader", "fileOrganizer"]))
    def join(self, who: str, role: str) -> None:
        self.do("add_drive_member", drive=self.drive, subject=who, role=role)

    @rule(who=st.sampled_from(["bob", "cat"]))
    def leave(self, who: str) -> None:
        held = self.state.drives[self.drive].permissions.items()
        for key in [key for key, each in held if each.subject == who]:
            self.do("remove_drive_member", drive=self.drive, permission=key)

    @rule(who=WHO)
    def in_or_out_of_the_group(self, who: str) -> None:
        self.synced = False
        directory = self.ours.world.directory
        inside = who in directory.group("inner").members
        (directory.remove_member if inside else directory.add_member)(group="inner", person=who)

    @rule()
    def lose_the_log(self) -> None:
        self.do("expire_tokens")

    @rule(n=ANY, to=ANY, how=st.sampled_from(["limit", "move", "leave"]), page=st.integers(0, 2))
    def sweep_while_somebody_edits(self, n: int, to: int, how: str, page: int) -> None:
        """The sweep has looked at folders before the edit, and stores after it was followed."""
        self.follow()
        connector = self.ours.connectors[DRIVE]

        def meanwhile() -> None:
            arguments = {"limit": [n], "move": [n, to], "leave": [("bob", "cat")[n % 2]]}[how]
            getattr(self, how)(*arguments)
            self.follow()

        for each in discover(self.ours.catalog, connector, self.ours.clock):
            swept = Swept(connector, meanwhile, page)
            sync_permissions(self.ours.catalog, swept, each, self.ours.clock)
            assert_same(self.ours)

    @rule()
    def follow(self) -> None:
        """By the change log alone, wherever one tells: no sweep, no comparison."""
        self.ours.sync(DRIVE, sweep=self.untold)
        if self.untold:
            self.ours.reconcile(DRIVE)
        assert_same(self.ours)
        self.synced, self.untold = True, False

    def teardown(self) -> None:
        if not hasattr(self, "_context"):
            return
        try:
            if not self.synced:
                self.follow()
        finally:
            self._context.__exit__(None, None, None)
            self._folder.cleanup()


def _settings(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def test_a_history() -> None:
    run_state_machine_as_test(History, settings=_settings(6, 12))


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_histories() -> None:
    run_state_machine_as_test(History, settings=_settings(40, 25))
