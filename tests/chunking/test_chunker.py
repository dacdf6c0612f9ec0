import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chunking import Chunker, ChunkingError, Encrypted, TooLarge, Unparsable, partition
from chunking.chunker import DEFAULT_BUDGET
from corpus import Content
from tests.chunking import samples
from tests.chunking.samples import DOCX, PDF, PPTX, XLSX
from tests.embedding.network import run_without_network

LABELS = [*samples.FILES, "application/octet-stream", "image/png", "application/msword", ""]
CHUNKER = Chunker()


def chunk(data, label, title="t"):
    return CHUNKER.chunk(Content(data, label), title)


@pytest.mark.parametrize("label", samples.FILES)
def test_every_kind_gives_chunks(label):
    done = chunk(samples.FILES[label], label)
    assert done.chunks
    assert done.no_text == ""
    assert done == chunk(samples.FILES[label], label)


def test_bodies_left_out_and_without_text():
    assert (
        CHUNKER.chunk(Content(None, DOCX, "too large to fetch"), "t").no_text
        == "too large to fetch"
    )
    assert CHUNKER.chunk(Content(None, DOCX), "t").no_text == "no body"
    assert chunk(b"\x89PNG\r\n\x1a\n", "image/png").no_text == "image"
    assert chunk(b"<html><script>1</script></html>", "text/html").no_text == "empty"
    assert chunk(samples.pdf_file(pages=("",)), PDF).no_text == "PDF without a text layer"


def test_title_only():
    only = CHUNKER.title_only("  Q3\x00 plan\n2026 ", ["Finance"])
    assert (only.ordinal, only.text, only.headings) == (0, "Q3 plan 2026", ("Finance",))
    assert CHUNKER.title_only(" ").text == "Untitled"
    assert CHUNKER.title_only("long " * 3000).tokens <= DEFAULT_BUDGET


def test_mislabelled_text_is_read_and_noted():
    done = chunk(b"The notice period is two weeks.", PDF)
    assert done.chunks[0].text == "The notice period is two weeks."
    assert done.notes == ("mislabelled: plain text under an Office or PDF label",)


def test_encrypted():
    with pytest.raises(Encrypted) as caught:
        chunk(samples.pdf_file(encrypted=True), PDF)
    assert "password" in caught.value.remedy


def test_limits(monkeypatch):
    with pytest.raises(TooLarge):
        Chunker(max_bytes=10).chunk(Content(b"x" * 11, "text/plain"), "t")
    with pytest.raises(TooLarge, match="unpacks"):
        chunk(samples.zip_bomb(), DOCX)
    monkeypatch.setattr("chunking.pdf.MAX_PAGES", 1)
    with pytest.raises(TooLarge, match="pages"):
        chunk(samples.FILES[PDF], PDF)


def test_a_bomb_in_a_worksheet_is_refused():
    with pytest.raises(TooLarge):
        chunk(samples.zip_bomb("xl"), XLSX)


def test_errors_name_nothing_of_the_document(monkeypatch):
    def failing(**_):
        raise KeyError("the secret salary list")

    monkeypatch.setattr(partition, "_partitioner", lambda kind: failing)
    with pytest.raises(Unparsable) as caught:
        chunk(samples.FILES[DOCX], DOCX, "Salaries.docx")
    assert "KeyError" in caught.value.reason
    assert "alar" not in str(caught.value)


def _chunks_or_chunking_error(data, label, title):
    try:
        done = CHUNKER.chunk(Content(data, label), title)
    except ChunkingError:
        return
    assert bool(done.chunks) != bool(done.no_text)
    assert all(c.text and c.tokens <= DEFAULT_BUDGET for c in done.chunks)
    assert [c.ordinal for c in done.chunks] == list(range(len(done.chunks)))


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(LABELS),
    st.sampled_from(["t", "a.md", "a.csv", "a.py"]),
)
@example(b"%PDF", PDF, "t")
@example(b"PK\x05\x06" + bytes(18), DOCX, "t")
@example(b"<" * 400, "text/html", "t")
def test_random_bytes(data, label, title):
    _chunks_or_chunking_error(data, label, title)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400), st.sampled_from(LABELS))
def test_random_text(text, label):
    _chunks_or_chunking_error(text.encode(errors="replace"), label, "t")


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from([DOCX, PPTX, XLSX, PDF]),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=6
    ),
    st.floats(0.2, 1),
)
def test_damaged_files(label, edits, kept):
    data = bytearray(samples.FILES[label])
    for place, new in edits:
        start = int(place * len(data))
        data[start : start + len(new)] = new
    _chunks_or_chunking_error(bytes(data[: int(kept * len(data)) or 1]), label, "t")


def test_deep_nesting_and_odd_markup():
    for page in (
        b"<div>" * 5000 + b"deep",
        b"<table>" * 3000,
        b"<ul><li>" * 3000 + b"x",
        b"<p>&#x0;&#xFFFF;&#xD800;ok",
    ):
        _chunks_or_chunking_error(page, "text/html", "t")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp")),
            min_size=1,
            max_size=12,
        ),
        min_size=1,
        max_size=400,
    )
)
def test_no_word_of_plain_text_is_lost(words):
    text = "\n".join(" ".join(words[i : i + 9]) for i in range(0, len(words), 9))
    done = Chunker(overlap=0).chunk(Content(text.encode(), "text/plain"), "t")
    if done.chunks:
        assert [w for c in done.chunks for w in c.text.split()] == text.split()


def test_version_changes_with_the_settings():
    versions = {Chunker().version, Chunker(budget=100).version, Chunker(overlap=0).version}
    assert len(versions) == 3
    assert Chunker().version == Chunker(max_bytes=1).version


def test_no_network_and_nothing_slow_imported_early(tmp_path):
    code = """
import io, sys
from chunking import Chunker
from corpus import Content
chunker = Chunker()
chunker.chunk(Content(b"plain text", "text/plain"), "t")
chunker.chunk(Content(b"# markdown", "text/markdown"), "t")
assert not {"unstructured", "spacy", "pandas", "pypdfium2"} & set(sys.modules)
from tests.chunking import samples
for label, data in samples.FILES.items():
    assert chunker.chunk(Content(data, label), "t").chunks, label
"""
    done = run_without_network(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert not done.touched_network, done.stderr
    assert done.stdout == ""
    assert "nstructured" not in done.stderr
