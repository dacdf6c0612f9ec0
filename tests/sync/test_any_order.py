"""Whatever was edited, run, and killed in whatever order: a last pass makes it all right."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sync.reconcile import DeletionGuard
from tests.sync.bench import Bench, catalog_dump, index_dump
from tests.sync.empty_catalog import put_empty_catalog
from tests.sync.scripted import PDF, POISON, Script, Text, group, user

NAME_LIST = [f"d{n}" for n in range(6)]
NAMES = st.sampled_from(NAME_LIST)
CONTAINERS = st.sampled_from(["left", "right"])
BODIES = st.sampled_from(
    [
        (None, "text/plain"),
        (b"", "text/plain"),
        (POISON, PDF),
        (b"One body for everyone.", "text/plain"),
        (b"# First\n\nSome words on it.\n\n# Second\n\nOther words on that.", "text/markdown"),
        (b"# First\n\nSome words on it.\n\n# Second\n\nWords that were edited.", "text/markdown"),
    ]
)
CLAUSES = st.sampled_from(["drive/left", "drive/right", "file/x", "file/y"])
READERS = st.none() | st.frozensets(
    st.sampled_from([user("ada"), user("bob"), group("g")]), max_size=2
)
SHARED = st.sampled_from([("container",), ("container", "file/x"), ("file/x", "file/y"), ()])
STAGES = st.sampled_from(
    ["read", "permissions", "reconcile", "chunk", "put", "groups", "everything"]
)


DEATHS = st.one_of(
    st.tuples(st.just("any"), st.integers(0, 12)),
    st.tuples(
        st.sampled_from(["put", "delete", "named", "content", "embed", "commit", "committed"]),
        st.integers(0, 3),
    ),
)
"""Which call dies, and after how many like it; an index write counts before and after."""


class Killed(BaseException):
    """No handler of the product may catch it, as none could a SIGKILL."""


class AnyOrder(RuleBasedStateMachine):
    """A script that changes while its bench runs stages in any order, and dies."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bailiwick-any-order-"))
        put_empty_catalog(self.folder)
        self.script = Script(containers={"left": {}, "right": {}}, page_size=2)
        self.bench = Bench(self.script, self.folder)
        self.bench.guard = DeletionGuard(1.0, 10**9)
        for name in ("left", "right"):
            self.bench.read(name)

    lost = False

    def held(self, name: str) -> bool:
        return any(name in texts for texts in self.script.containers.values())

    @rule(name=NAMES, container=CONTAINERS, body=BODIES, shared=SHARED, title=st.sampled_from("TU"))
    def write(self, name, container, body, shared, title) -> None:
        version = 1
        if self.held(name):
            _, old = self.script.find(name)
            same = (old.body, old.media_type, old.title) == (*body, title)
            version = old.version + (not same)
        self.script.put(name, Text(title, *body, shared, version), container)

    @rule(name=NAMES, told=st.booleans())
    def delete(self, name, told) -> None:
        if self.held(name):
            self.gone = (name, self.script.find(name))
            self.script.delete(name, told=told)

    @precondition(lambda self: hasattr(self, "gone"))
    @rule()
    def restore(self) -> None:
        name, (container, text) = self.gone
        if not self.held(name):
            self.script.put(name, text, container)

    @rule(name=NAMES, readable=st.booleans())
    def break_or_mend(self, name, readable) -> None:
        if self.held(name):
            self.script.edit(name, readable=readable)

    @rule(clause=CLAUSES, readers=READERS)
    def share(self, clause, readers) -> None:
        self.script.clauses[clause] = readers

    @rule(members=st.none() | st.frozensets(st.sampled_from([user("ada"), user("bob")])))
    def regroup(self, members) -> None:
        self.script.groups = {group("g"): members}

    @rule()
    def expire(self) -> None:
        self.script.expired = len(self.script.log)

    @rule(stage=STAGES, container=CONTAINERS)
    def run(self, stage, container) -> None:
        if stage in {"groups", "everything"}:
            getattr(self.bench, stage)()
        else:
            getattr(self.bench, stage)(container)

    @rule(stage=STAGES, container=CONTAINERS, at=DEATHS)
    def run_and_die(self, stage, container, at) -> None:
        name, times = at
        steps = iter(range(times))

        def die(call: str) -> None:
            if name in {call, "any"} and next(steps, None) is None:
                raise Killed

        container = self.bench.container(container)
        self.bench.interfere(die)
        try:
            self.run(stage, container.id)
        except Killed:
            pass
        finally:
            self.bench.interfere(lambda call: None)

    @rule(name=NAMES, shared=SHARED, deleted=st.booleans(), at=DEATHS)
    def change_die_and_take_back(self, name, shared, deleted, at) -> None:
        """The change is half done when it never was: marks of before must not count."""
        if not self.held(name):
            return
        container, text = self.script.find(name)
        self.bench.everything()
        if deleted:
            self.script.delete(name)
        else:
            self.script.edit(name, shared=shared)
        self.run_and_die("everything", container, at)
        self.script.put(name, text, container)

    @rule(which=st.sampled_from(["content", "chunks"]), pick=st.integers(0, 99))
    def lose_a_file(self, which, pick) -> None:
        kept = sorted(each for each in (self.folder / "content" / which).glob("*/*"))
        if kept:
            kept[pick % len(kept)].unlink()
            self.lost = True

    def teardown(self) -> None:
        if not hasattr(self, "bench"):
            return
        try:
            for name in NAME_LIST:
                if self.held(name):
                    self.script.edit(name, readable=True)
            self.bench.everything()
            if self.lost:  # noticed by one pass, mended by the next
                self.bench.everything()
                self.bench.everything()
            fresh = Bench(self.script, self.folder / "fresh")
            fresh.everything()
            try:
                assert catalog_dump(self.bench) == catalog_dump(fresh)
                assert index_dump(self.bench) == index_dump(fresh)
            finally:
                fresh.close()
        finally:
            self.bench.close()
            shutil.rmtree(self.folder)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
