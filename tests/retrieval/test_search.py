"""Search as a person: whatever is asked, only what they may read now comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access import Person, Source
from catalog import people
from catalog.errors import UnknownPerson
from index.interface import Reach, Where
from retrieval.errors import InvalidQuery
from retrieval.search import LONGEST_QUERY, MOST_RESULTS, Result, Retrieval
from tests.sync.bench import Bench
from tests.sync.scripted import EPOCH, SOURCE, Script, Text, user

ADA, BOB, NIL = (Person("directory", name) for name in ("ada", "bob", "nil"))


class OpenIndex:
    """An index whose filter admits everything, as the contract lets a filter do."""

    def __init__(self, bench: Bench, between: Callable[[], None] = lambda: None) -> None:
        self.bench = bench
        self.between = between
        self.asked: list[int] = []
        self.reach = Reach(scopes=frozenset(range(1000)))

    @property
    def backend(self):
        return self.bench.index.backend

    @property
    def version(self):
        return self.bench.index.version

    def by_vector(self, vector, reach, where, limit):
        self.asked.append(limit)
        found = self.bench.index.by_vector(vector, self.reach, where, limit)
        self.between()
        return found

    def by_keyword(self, terms, reach, where, limit):
        return self.bench.index.by_keyword(terms, self.reach, where, limit)


class FilteredIndex(OpenIndex):
    """The real filter, with something happening after it."""

    def by_vector(self, vector, reach, where, limit):
        self.reach = reach
        return super().by_vector(vector, reach, where, limit)

    def by_keyword(self, terms, reach, where, limit):
        return self.bench.index.by_keyword(terms, reach, where, limit)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Iterator[Bench]:
    script = Script(containers={"main": {}, "other": {}}, page_size=50)
    script.share("drive/main", user("ada"))
    script.share("drive/other", user("bob"))
    script.put("plan", Text("Harvest plan", b"The harvest starts in May."))
    script.put("rota", Text("Rota", b"The harvest rota for the barn.", version=3))
    script.put("copy", Text("Harvest plan", b"The harvest starts in May."), "other")
    long = "\n\n".join(f"# Part {n}\n\nThe harvest, part {n}." for n in range(9))
    script.put("long", Text("Almanac", long.encode()))
    script.put("hidden", Text("Hidden harvest", b"harvest", shared=("container", "file/none")))
    bench = Bench(script, tmp_path_factory.mktemp("built"))
    bench.meet("ada", "bob", "nil")
    bench.everything()
    yield bench
    bench.close()


@pytest.fixture
def own(tmp_path) -> Iterator[Bench]:
    """A bench that a test may change."""
    script = Script(page_size=500)
    script.share("drive/main", user("ada"))
    bench = Bench(script, tmp_path)
    bench.meet("ada", "bob")
    yield bench
    bench.close()


@pytest.fixture
def retrieval(built) -> Iterator[Retrieval]:
    retrieval = built.retrieval()
    yield retrieval
    retrieval.close()


def names(results: list[Result]) -> list[str]:
    return [each.document.partition(":")[2] for each in results]


def test_a_result_says_what_a_reader_needs(retrieval, built):
    best = retrieval.search("barn rota", ADA, 1)[0]
    assert best.document == f"{SOURCE}:rota"
    assert (best.title, best.passage) == ("Rota", "The harvest rota for the barn.")
    assert best.url == "https://drive.test/rota"
    assert (best.source, best.container) == (Source.GOOGLE_DRIVE, "The main drive")
    assert (best.owners, best.kind) == (("Ada",), "file")
    assert best.modified_at == EPOCH + timedelta(days=3)
    assert EPOCH < best.synced_at < built.clock()
    assert best.matched == ("meaning", "words")
    assert 0 < best.score <= 1.1
    assert best.evidence


def test_evidence_names_one_passage(retrieval):
    first = retrieval.search("harvest", ADA, 50)
    assert len({each.evidence for each in first}) == len(first)
    assert first == retrieval.search("harvest", ADA, 50)


@pytest.mark.parametrize("person", [ADA, BOB])
def test_everyone_gets_their_own(retrieval, person):
    mine = {"plan", "rota", "long"} if person is ADA else {"copy"}
    assert set(names(retrieval.search("harvest", person, 50))) == mine


def test_a_hidden_copy_hides_no_visible_one(built):
    """Ada's plan and Bob's copy are the same passage; each must find their own."""
    for person, mine in ((ADA, "plan"), (BOB, "copy")):
        retrieval = built.retrieval(OpenIndex(built))
        assert mine in names(retrieval.search("harvest starts in May", person, 50))
        retrieval.close()


def test_someone_with_nothing_asks_no_index(built):
    index = OpenIndex(built)
    retrieval = built.retrieval(index)
    assert retrieval.search("harvest", NIL) == []
    assert index.asked == []
    retrieval.close()


def test_a_stranger_is_an_error(retrieval):
    with pytest.raises(UnknownPerson):
        retrieval.search("harvest", Person("directory", "eve"))
    with pytest.raises(UnknownPerson):
        retrieval.search("harvest", Person("elsewhere", "ada"))


def test_no_more_than_two_passages_of_a_document(retrieval):
    found = names(retrieval.search("harvest part", ADA, 50))
    assert found.count("long") == 2


@pytest.mark.parametrize("k", [1, 2, MOST_RESULTS])
def test_k_bounds_the_answer(retrieval, k):
    assert len(retrieval.search("harvest", ADA, k)) == min(k, 4)


@pytest.mark.parametrize("k", [0, -1, MOST_RESULTS + 1])
def test_a_senseless_k_is_refused(retrieval, k):
    with pytest.raises(InvalidQuery, match=str(k)):
        retrieval.search("harvest", ADA, k)


@pytest.mark.parametrize("query", ["", "  \n\t ", "x" * (LONGEST_QUERY + 1)])
def test_a_senseless_query_is_refused(retrieval, query):
    with pytest.raises(InvalidQuery):
        retrieval.search(query, ADA)


HOSTILE = [
    '"', "'; DROP TABLE document; --", "a AND OR NOT NEAR(", "*", "title:harvest", "(((", "\0",
    "\ud800", "-harvest", "harvest*", "🙂" * 500, "\u202eharvest", "%_", "{harvest}", "^harvest",
    "x" * LONGEST_QUERY, "scope:2 OR 1=1", "harvest " * 1000,
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_find_nothing_more(retrieval, query):
    assert set(names(retrieval.search(query, ADA, 50))) <= {"plan", "rota", "long"}
    assert retrieval.search(query, NIL) == []


@given(st.text(min_size=1, max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_text_is_answered_or_refused(retrieval, query):
    try:
        found = retrieval.search(query, BOB, 50)
    except InvalidQuery:
        assert not query.strip()
    else:
        assert set(names(found)) <= {"copy"}


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        (Where(sources=("google_drive",)), {"plan", "rota", "long"}),
        (Where(sources=("github",)), set()),
        (Where(kinds=("file",)), {"plan", "rota", "long"}),
        (Where(kinds=("issue",)), set()),
        (Where(owners=("Ada",)), {"plan", "rota", "long"}),
        (Where(owners=("ada",)), set()),
        (Where(modified_from=EPOCH + timedelta(days=3)), {"rota"}),
        (Where(modified_until=EPOCH + timedelta(days=3)), {"plan", "long"}),
        (Where(media_types=("text/markdown",)), {"plan", "rota", "long"}),
        (Where(canonical=True), set()),
        (Where(canonical=False, kinds=("file", "issue")), {"plan", "rota", "long"}),
    ],
)
def test_conditions_narrow(retrieval, where, wanted):
    assert set(names(retrieval.search("harvest", ADA, 50, where))) == wanted


def test_a_time_without_a_zone_is_refused(retrieval):
    naive = EPOCH.replace(tzinfo=None)
    for where in (Where(modified_from=naive), Where(modified_until=naive)):
        with pytest.raises(InvalidQuery, match="time zone"):
            retrieval.search("harvest", ADA, 5, where)


def test_it_looks_deeper_when_the_check_drops_hits(own):
    """A hundred closer passages that Ada may not read stand before hers."""
    own.script.share("file/bobs", user("bob"))
    for n in range(100):
        text = Text(f"Harvest {n}", f"harvest number {n}".encode(), shared=("file/bobs",))
        own.script.put(f"bob{n:03}", text)
    for n in range(3):
        body = f"A long story in which, at {n}, the harvest comes late and briefly."
        own.script.put(f"ada{n}", Text(f"Story {n}", body.encode()))
    own.run()
    index = OpenIndex(own)
    retrieval = own.retrieval(index)
    assert set(names(retrieval.search("harvest number", ADA, 3))) == {"ada0", "ada1", "ada2"}
    assert len(index.asked) > 1
    assert index.asked == sorted(set(index.asked))
    retrieval.close()


REVOCATIONS = ["clause", "document", "removed", "person", "link"]


@pytest.mark.parametrize("how", REVOCATIONS)
@pytest.mark.parametrize("kind", [OpenIndex, FilteredIndex])
def test_a_revocation_under_way_never_leaks(own, how, kind):
    for n in range(3):
        own.script.put(f"d{n}", Text("Harvest", f"harvest {n}".encode()))
    own.run()

    def revoke() -> None:
        if how == "clause":
            own.script.share("drive/main", user("bob"))
            own.permissions()
        elif how == "document":
            for n in range(3):
                own.script.edit(f"d{n}", shared=("file/none",))
            own.permissions()
        elif how == "removed":
            for n in range(3):
                own.script.delete(f"d{n}")
            own.read()
        else:
            with own.catalog.writing() as connection:
                if how == "person":
                    people.store(connection, ADA, name="Ada", active=False)
                else:
                    people.replace_links(connection, [], "directory", own.clock())

    retrieval = own.retrieval(kind(own))
    assert len(retrieval.search("harvest", ADA)) == 3
    retrieval.close()
    retrieval = own.retrieval(kind(own, revoke))
    assert retrieval.search("harvest", ADA) == []
    retrieval.close()


def test_old_text_is_not_for_new_readers(own):
    """The body was cleaned before it was shared; the index still holds the old one."""
    own.script.share("file/all", user("ada"), user("bob"))
    own.script.put("memo", Text("Memo", b"The harvest secret is out of date."))
    own.run()
    own.script.edit("memo", body=b"Nothing to see.", shared=("file/all",))
    own.read()
    for index in (OpenIndex(own), own.index):
        retrieval = own.retrieval(index)
        assert retrieval.search("harvest secret", BOB) == []
    own.chunk()
    own.put()
    assert "secret" not in retrieval.search("harvest secret", BOB)[0].passage
    retrieval.close()


def test_an_index_that_fails_is_an_error_not_an_empty_answer(own):
    own.script.put("d0", Text("Harvest", b"harvest"))
    own.run()

    class Broken(OpenIndex):
        def by_vector(self, vector, reach, where, limit):
            raise OSError("gone")

    retrieval = own.retrieval(Broken(own))
    with pytest.raises(OSError, match="gone"):
        retrieval.search("harvest", ADA)
    retrieval.close()


def test_stale_permissions_admit_nobody(own):
    own.script.put("d0", Text("Harvest", b"harvest"))
    own.run()
    assert own.found("harvest", "ada") == ["d0"]
    own.clock.now += timedelta(hours=25)
    assert own.found("harvest", "ada") == []
    own.permissions()
    assert own.found("harvest", "ada") == [], "whose the accounts are is as old"
    own.meet("ada", "bob")
    assert own.found("harvest", "ada") == ["d0"]


def test_results_are_values(retrieval):
    first = retrieval.search("harvest", ADA, 1)[0]
    assert replace(first) == first
