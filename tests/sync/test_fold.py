"""What a page of changes leaves behind, whatever their order."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from access import AccessControl, Clause, Source
from corpus import Content, Delete, Document, Failed, Reacl, Upsert
from sync.fold import fold

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DRIVE = Source.GOOGLE_DRIVE
names = st.sampled_from("abc")
controls = st.sampled_from("xyz").map(
    lambda key: AccessControl.all_of(Clause.of(DRIVE, key, [], NOW))
)


def document(name: str, version: str, access: AccessControl) -> Document:
    content = Content(version.encode(), "text/plain")
    return Document(DRIVE, name, "c", name, "", content, version, (), None, None, access)


changes = st.one_of(
    st.builds(document, names, st.sampled_from("12"), controls).map(Upsert),
    st.builds(Delete, names),
    st.builds(Reacl, names, controls),
    st.builds(Failed, names, st.just("why"), st.just("what")),
)


def about(change: object) -> str:
    return change.document.id if isinstance(change, Upsert) else change.document_id


@given(st.lists(changes, max_size=12))
def test_each_document_is_in_one_place(page):
    folded = fold(page)
    assert not folded.upserts.keys() & folded.access.keys()
    assert not folded.upserts.keys() & folded.deletes
    assert not folded.access.keys() & folded.deletes
    told = {*folded.upserts, *folded.access, *folded.deletes, *folded.failures}
    assert told == {about(each) for each in page}


@given(st.lists(changes, max_size=12))
def test_the_later_word_counts(page):
    folded = fold(page)
    for name in {about(each) for each in page}:
        said = [each for each in page if about(each) == name and not isinstance(each, Failed)]
        if not said:
            assert name in folded.failures
            continue
        match said[-1]:
            case Upsert(last):
                assert folded.upserts[name] == last
            case Delete():
                assert name in folded.deletes
            case Reacl(access=access):
                now = folded.access.get(name)
                assert access == (folded.upserts[name].access if now is None else now)


@given(st.lists(changes, max_size=12))
def test_a_failure_stands_unless_it_went_right_after_it(page):
    folded = fold(page)
    for name in {about(each) for each in page}:
        said = [each for each in page if about(each) == name]
        failed = [n for n, each in enumerate(said) if isinstance(each, Failed)]
        right = [n for n, each in enumerate(said) if isinstance(each, (Upsert, Delete))]
        stands = bool(failed) and failed[-1] > max(right, default=-1)
        assert (name in folded.failures) is stands


@given(st.lists(changes, max_size=8), st.lists(changes, max_size=8))
def test_documents_do_not_touch_each_other(first, second):
    mine = [each for each in first if about(each) == "a"]
    others = [each for each in second if about(each) != "a"]
    apart, together = fold(mine), fold([*mine, *others])
    mixed = fold([*others, *mine])
    for each in (together, mixed):
        assert each.upserts.get("a") == apart.upserts.get("a")
        assert each.access.get("a") == apart.access.get("a")
        assert ("a" in each.deletes) is ("a" in apart.deletes)
        assert each.failures.get("a") == apart.failures.get("a")


def test_sharing_anew_is_no_new_body():
    access = AccessControl(frozenset())
    new = AccessControl.all_of(Clause.of(DRIVE, "k", [], NOW))
    folded = fold([Upsert(document("a", "1", access)), Reacl("a", new)])
    assert folded.upserts["a"] == document("a", "1", new)
