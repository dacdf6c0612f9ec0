"""The laws of access, for any clauses and any reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from access import (
    AccessControl,
    Clause,
    Grant,
    InvalidClauseKey,
    InvalidPrincipal,
    Principal,
    PrincipalKind,
    Source,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

# Few ids, so that readers and grants meet often; separators and look-alikes among them.
IDS = ("a", "b", "a:b", "a%3Ab", "user:a", "\N{CYRILLIC SMALL LETTER A}", "a b", "ä", "%")
principals = st.builds(
    Principal,
    st.sampled_from([Source.GITHUB, Source.GOOGLE_DRIVE]),
    st.sampled_from(PrincipalKind),
    st.sampled_from(IDS),
)
instants = st.sampled_from([NOW - 2 * DAY, NOW - DAY, NOW, NOW + DAY])
grants = st.builds(Grant, principals, st.none() | instants)
clauses = st.builds(
    Clause,
    source=st.just(Source.GITHUB),
    key=st.sampled_from(["k1", "k2", "k3", "k4"]),
    grants=st.none() | st.frozensets(grants, max_size=4),
    synced_at=instants.filter(lambda at: at <= NOW),
)
controls = st.builds(AccessControl, st.frozensets(clauses, max_size=4))
readers = st.frozensets(principals, max_size=6)


def also(control, *more):
    """`control` with more clauses required."""
    return AccessControl(control.clauses.union(more))


@given(controls, st.frozensets(clauses, max_size=3), readers)
def test_adding_a_clause_never_widens(control, more, reader):
    if control.clauses and also(control, *more).admits(reader, NOW, DAY):
        assert control.admits(reader, NOW, DAY)


@given(controls, readers)
def test_unknown_matches_nobody(control, reader):
    unknown = Clause.unknown(Source.GITHUB, "u", "403", NOW)
    assert not also(control, unknown).admits(reader, NOW, DAY)
    assert not also(control, unknown).known


@given(controls, readers)
def test_known_but_empty_matches_nobody_and_is_known(control, reader):
    empty = Clause.of(Source.GITHUB, "e", [], NOW)
    assert empty.known
    assert not also(control, empty).admits(reader, NOW, DAY)


@given(readers)
def test_no_clauses_match_nobody(reader):
    assert not AccessControl.all_of().admits(reader, NOW, DAY)
    assert not AccessControl.all_of().known


@given(st.lists(clauses, min_size=1, max_size=4), readers, st.randoms())
def test_order_and_duplicates_do_not_matter(listed, reader, random):
    shuffled = [*listed, *listed]
    random.shuffle(shuffled)
    one, other = AccessControl.all_of(*listed), AccessControl.all_of(*shuffled)
    assert one == other
    assert one.admits(reader, NOW, DAY) == other.admits(reader, NOW, DAY)


@given(controls, readers, readers)
def test_more_principals_never_narrow(control, reader, more):
    if control.admits(reader, NOW, DAY):
        assert control.admits(reader | more, NOW, DAY)


@given(controls, readers)
def test_admission_is_every_clause_naming_the_reader_freshly(control, reader):
    expected = bool(control.clauses) and all(
        clause.grants is not None
        and NOW - clause.synced_at <= DAY
        and any(
            grant.principal in reader and (grant.expires_at is None or grant.expires_at > NOW)
            for grant in clause.grants
        )
        for clause in control.clauses
    )
    assert control.admits(reader, NOW, DAY) == expected


@given(clauses, readers)
def test_knowledge_grows_too_old(clause, reader):
    later = clause.synced_at + DAY + timedelta(microseconds=1)
    assert not clause.admits(reader, later, DAY)


def printable_ids():
    return st.text(min_size=1, max_size=20).filter(_acceptable)


def _acceptable(text):
    try:
        Principal(Source.GITHUB, PrincipalKind.USER, text)
    except InvalidPrincipal:
        return False
    return True


@given(st.sampled_from(Source), st.sampled_from(PrincipalKind), printable_ids())
def test_the_encoding_round_trips(source, kind, native_id):
    principal = Principal(source, kind, native_id)
    assert Principal.decode(principal.encode()) == principal


@given(
    st.tuples(st.sampled_from(Source), st.sampled_from(PrincipalKind), printable_ids()),
    st.tuples(st.sampled_from(Source), st.sampled_from(PrincipalKind), printable_ids()),
)
@example((Source.GITHUB, PrincipalKind.USER, "a:group:b"), (Source.GITHUB, PrincipalKind.USER, "a"))
def test_the_encoding_cannot_be_forged(one, other):
    assert (Principal(*one).encode() == Principal(*other).encode()) == (one == other)


@given(st.text(max_size=40))
@example("github:user:a:b")
@example("github:user:%61")
@example("github:user:a%zz")
@example("github:user:%ff")
@example("github:user:")
def test_decoding_takes_nothing_but_what_encoding_gives(text):
    try:
        principal = Principal.decode(text)
    except InvalidPrincipal:
        return
    assert principal.encode() == text


@pytest.mark.parametrize("bad", ["", " a", "a ", "a\n", "a\x00", "\u202ea", "a\u200b", "\ud800"])
def test_ids_that_hide_something_are_refused(bad):
    with pytest.raises(InvalidPrincipal):
        Principal(Source.GITHUB, PrincipalKind.USER, bad)


@pytest.mark.parametrize("bad", ["", "a\n", "a\x00"])
def test_clause_keys_that_hide_something_are_refused(bad):
    with pytest.raises(InvalidClauseKey):
        Clause.of(Source.GITHUB, bad, [], NOW)


def test_a_group_named_like_a_user_is_someone_else():
    user = Principal(Source.GITHUB, PrincipalKind.USER, "a")
    group = Principal(Source.GITHUB, PrincipalKind.GROUP, "a")
    clause = Clause.of(Source.GITHUB, "k", [group], NOW)
    assert not clause.admits({user}, NOW, DAY)
    assert clause.admits({group}, NOW, DAY)


@pytest.mark.parametrize("mark", ["\u200b", "\u2060", "\u202e", "\ufeff", "\n"])
def test_a_key_that_looks_like_another_is_refused(mark):
    with pytest.raises(InvalidClauseKey):
        Clause.of(Source.GITHUB, f"repository/1{mark}", (), NOW)
