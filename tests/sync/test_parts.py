"""A container that is listed in parts: each is compared by itself, and refuses by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from catalog import containers, deletions, documents, failures, parts
from catalog.failures import Failure
from catalog.tables import document
from connectors.interface import SourceUnavailable
from sync.reconcile import DeletionGuard
from sync.stages import FETCH
from tests.sync.parted import BOX, SOURCE
from tests.sync.parted_bench import Installation, site_of


@pytest.fixture
def ours(tmp_path, catalog) -> Iterator[Installation]:
    """Three parts of four documents each, synced."""
    made = Installation(site_of(a=4, b=4, c=4), catalog, tmp_path)
    assert made.sync() is None
    assert made.stored() == made.site.there()
    assert not made.doubted()
    made.site.listed.clear()
    made.site.read.clear()
    return made


@pytest.mark.parametrize("status", [403, 503])
def test_what_went_elsewhere_goes_while_a_part_refuses(ours, status) -> None:
    ours.site.refuses["b"] = status
    ours.site.lose("a", "a0")
    ours.site.lose("b", "b0")
    assert ours.sync() == status
    assert ours.stored() == ours.site.there() | {"b0": "b"}
    # And no more is asked for it, by night or by day, than there is to find.
    assert ours.site.listed == {"a": 1}
    assert ours.sync() == status
    assert ours.site.listed == {"a": 1}
    assert not ours.site.read
    ours.site.refuses.clear()
    assert ours.sync() is None
    assert ours.stored() == ours.site.there()
    assert ours.site.listed == {"a": 1, "b": 1}
    assert not ours.site.read


def test_a_part_that_is_no_more_goes_while_another_refuses(ours) -> None:
    ours.site.refuses["b"] = 403
    del ours.site.parts["c"]
    ours.site.hidden = True
    assert ours.sync() == 403
    assert len(ours.stored()) == 12  # its absence from the list of parts is not proven
    assert ours.doubted() == {"c"}
    ours.site.hidden = False
    assert ours.sync() == 403
    assert ours.stored() == ours.site.there()
    assert not ours.doubted()


def test_a_part_that_is_never_proven_is_listed_again_and_the_others_are_not(ours) -> None:
    ours.site.unlisted.add("b")
    for name in ("a", "b"):
        ours.site.lose(name, f"{name}0")
    for _ in range(3):
        assert ours.sync() is None
    assert ours.stored() == ours.site.there() | {"b0": "b"}
    assert ours.site.listed == {"a": 1, "b": 3}
    assert not ours.site.read
    ours.site.unlisted.clear()
    ours.sync()
    assert ours.stored() == ours.site.there()


def test_a_part_that_refuses_its_listing_alone_fails_the_sync(ours, monkeypatch) -> None:
    """What the feed did not meet, the comparison says."""
    ours.site.lose("a", "a0")
    ours.site.lose("b", "b0")
    real = ours.connector.listing

    def listing(container, parts=None):
        ours.site.refuses["b"] = 404
        yield from real(container, parts)
        ours.site.refuses.clear()

    monkeypatch.setattr(ours.connector, "listing", listing)
    assert ours.sync() == 404
    assert ours.stored() == ours.site.there() | {"b0": "b"}
    assert ours.doubted() == {"b"}


def test_who_dies_before_comparing_compares_later(ours, monkeypatch) -> None:
    ours.site.lose("a", "a0")

    def refused(container, parts=None):
        raise SourceUnavailable(SOURCE, "a site can't be listed", "Wait.", 503)

    with monkeypatch.context() as patched:
        patched.setattr(ours.connector, "listing", refused)
        assert ours.sync() == 503
    assert ours.doubted() == {"a"}
    ours.sync()
    assert ours.stored() == ours.site.there()


def test_a_part_that_refuses_from_the_first_keeps_no_other_waiting(tmp_path, catalog) -> None:
    made = Installation(site_of(a=2, b=2), catalog, tmp_path)
    made.site.refuses["b"] = 403
    made.sync()
    assert made.stored() == dict.fromkeys(["a0", "a1"], "a")
    made.site.lose("a", "a0")
    made.sync()
    assert made.stored() == {"a1": "a"}
    assert made.site.read == {"a": 1}
    made.site.refuses.clear()
    assert made.sync() is None
    assert made.stored() == made.site.there()
    assert not made.doubted()


def test_after_an_expired_cursor_a_refusing_part_is_compared_when_it_answers(ours) -> None:
    ours.site.lose("b", "b0")
    ours.site.log.append(("a", "a0"))
    ours.site.expired = len(ours.site.log)
    ours.site.refuses["b"] = 403
    assert ours.sync() == 403
    assert ours.stored() == ours.site.there() | {"b0": "b"}
    ours.site.refuses.clear()
    assert ours.sync() is None
    assert ours.stored() == ours.site.there()


def test_a_nightly_comparison_goes_part_by_part(ours) -> None:
    """Of a deletion that the change log left out."""
    for name in ("a", "b"):
        ours.site.lose(name, f"{name}0")
    ours.site.log.clear()
    ours.site.refuses["b"] = 403
    found = ours.reconcile()
    assert (found.complete, found.removed) == (False, 1)
    assert found.refused is not None
    assert found.refused.status == 403
    assert ours.stored() == ours.site.there() | {"b0": "b"}
    ours.site.refuses.clear()
    found = ours.reconcile()
    assert (found.complete, found.removed, found.refused) == (True, 1, None)
    assert ours.stored() == ours.site.there()


def _forget_part(ours: Installation, name: str) -> None:
    with ours.catalog.writing() as connection:
        connection.execute(
            update(document).where(document.c.native_id == name).values(part_id=None)
        )


def test_what_is_of_no_known_part_waits_for_a_whole_listing(ours) -> None:
    for name in ("a0", "a1"):
        _forget_part(ours, name)
        ours.site.lose("a", name)
    ours.site.refuses["b"] = 403
    ours.sync()
    ours.reconcile()
    assert {"a0", "a1"} <= ours.stored().keys()
    ours.site.refuses.clear()
    ours.reconcile()
    assert ours.stored() == ours.site.there()


def test_a_part_of_another_container_says_nothing_here(ours) -> None:
    with ours.catalog.writing() as connection:
        other = connection.execute(select(document.c.container_id)).scalars().first()
        containers.store(connection, [BOX.__class__(SOURCE, "else", "E", "")], ours.clock())
        elsewhere = containers.number(connection, SOURCE, "else")
        assert other != elsewhere
        number = parts.intern(connection, elsewhere, ["a"])["a"]
        connection.execute(
            update(document).where(document.c.native_id == "a0").values(part_id=number)
        )
    ours.site.lose("a", "a0")
    ours.site.refuses["b"] = 403
    ours.sync()
    assert "a0" in ours.stored()


def test_the_guard_weighs_a_part_against_the_whole(tmp_path, catalog) -> None:
    made = Installation(site_of(a=20, b=200), catalog, tmp_path)
    made.guard = DeletionGuard()
    made.sync()
    for n in range(15):
        made.site.lose("a", f"a{n}")
    made.site.refuses["b"] = 403
    made.sync()  # three quarters of the part, and a fifteenth of all
    assert made.stored() == made.site.there()


def test_what_is_held_stays_so_while_another_part_is_compared(tmp_path, catalog) -> None:
    made = Installation(site_of(a=14, b=14), catalog, tmp_path)
    made.guard = DeletionGuard()
    made.sync()
    for n in range(14):
        made.site.lose("a", f"a{n}")
    made.sync()
    assert len(made.held()) == 14
    made.site.lose("b", "b0")
    made.site.refuses["a"] = 403
    made.sync()
    assert "b0" not in made.stored()
    assert len(made.held()) == 14
    made.site.refuses.clear()
    made.site.put("a", "a3")
    made.site.put("a", "a4")
    with made.catalog.writing() as connection:  # the listing alone knows that they are back
        rows = [documents.find(connection, f"{SOURCE}:{n}").id for n in ("a3", "a4")]
        deletions.hold(connection, made.number(), rows, made.clock())
    made.reconcile()
    assert len(made.held()) == 12


def test_what_came_or_showed_itself_during_a_listing_is_not_missing(ours) -> None:
    ours.site.lose("a", "a0")
    ours.site.lose("a", "a1")

    def meanwhile() -> None:
        """After `a` was listed without them."""
        ours.site.put("a", "a1")
        ours.site.put("a", "new")
        ours.sweep()
        with ours.catalog.writing() as connection:
            access = ours.connector._access()
            documents.set_access(connection, SOURCE, {"a1": access}, ours.clock())

    ours.site.meanwhile = meanwhile
    ours.sync()
    assert "a1" in ours.stored()
    assert "a0" not in ours.stored()
    ours.sync()
    assert ours.stored() == ours.site.there()


def test_a_failed_body_is_forgotten_only_when_nothing_was_left_out(ours) -> None:
    with ours.catalog.writing() as connection:
        failed = Failure(SOURCE, BOX.id, "lost", FETCH, "HTTP 500", "Wait.")
        failures.record(connection, [failed], ours.clock())
    ours.site.refuses["b"] = 403

    def known() -> int:
        with ours.catalog.reading() as connection:
            return failures.count(connection, SOURCE, BOX.id, FETCH)

    ours.reconcile()
    assert known() == 1
    ours.site.refuses.clear()
    ours.reconcile()
    assert known() == 0


def test_the_part_follows_a_document_by_the_later_look(ours) -> None:
    """A sweep that began before the move, and is stored after it, does not put it back."""
    before = ours.clock()
    ours.site.put("b", "a0")
    ours.sync()
    assert ours.stored()["a0"] == "b"
    access = ours.connector._access()
    for asked, expected in ((before, "b"), (ours.clock() + timedelta(seconds=1), "a")):
        with ours.catalog.writing() as connection:
            within = parts.Within(ours.number(), {"a0": "a"})
            now = ours.clock() + timedelta(seconds=2)
            documents.set_access(connection, SOURCE, {"a0": access}, now, asked, within)
        assert ours.stored()["a0"] == expected
    # A sweep alone tells of it too, and a word without a part leaves it.
    ours.clock.now += timedelta(minutes=1)
    ours.sweep()
    assert ours.stored()["a0"] == "b"
    with ours.catalog.writing() as connection:
        documents.set_access(connection, SOURCE, {"a0": access}, ours.clock())
    assert ours.stored()["a0"] == "b"
