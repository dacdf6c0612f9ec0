"""The content store gives back what was put in, or says that it can't."""

from __future__ import annotations

import hashlib
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.content import ContentStore
from catalog.errors import ContentMissing, StoreUnusable


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    url = str(tmp_path / "content") if request.param == "folder" else f"memory://{tmp_path}"
    return ContentStore(url)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_what_goes_in_comes_out(store, data):
    digest = store.put(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert store.put(data) == digest
    assert store.get(digest) == data


def test_damaged_content_is_missing(tmp_path):
    store = ContentStore(str(tmp_path))
    digest = store.put(b"as it was")
    next((tmp_path / "content").rglob(digest)).write_bytes(b"as it w")
    with pytest.raises(ContentMissing):
        store.get(digest)


def test_damaged_content_is_mended_by_putting_it_again(tmp_path):
    store = ContentStore(str(tmp_path))
    digest = store.put(b"as it was")
    next((tmp_path / "content").rglob(digest)).write_bytes(b"")
    store.put(b"as it was")
    assert store.get(digest) == b"as it was"


def test_absent_content_is_missing(store):
    with pytest.raises(ContentMissing):
        store.get("0" * 64)


def test_named_objects_are_replaced_and_dropped(store):
    assert store.get_named("chunks", "ab" * 32) is None
    store.put_named("chunks", "ab" * 32, b"1")
    store.put_named("chunks", "ab" * 32, b"2")
    assert store.get_named("chunks", "ab" * 32) == b"2"
    store.drop_named("chunks", "ab" * 32)
    store.drop_named("chunks", "ab" * 32)
    assert store.get_named("chunks", "ab" * 32) is None


def test_no_half_written_file_has_a_name_that_is_read(tmp_path, monkeypatch):
    store = ContentStore(str(tmp_path))
    monkeypatch.setattr(store._files, "mv", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        store.put(b"data")
    monkeypatch.undo()
    with pytest.raises(ContentMissing):
        store.get(hashlib.sha256(b"data").hexdigest())


@pytest.mark.parametrize("url", ["nosuch://x:secret@host/y", "s3://bucket/path"])
def test_an_address_that_can_not_be_used_is_one_line_without_secrets(url, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)  # as where it is not installed
    with pytest.raises(StoreUnusable, match="BAILIWICK_CONTENT_URL") as raised:
        ContentStore(url)
    assert "secret" not in str(raised.value)
