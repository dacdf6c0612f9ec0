"""What other people wrote does nothing to a terminal."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from access import Source, utc_now
from retrieval.search import Result
from service.render import echo, echo_json, table
from service.search_command import shown
from workspace.terminal import line, plain

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202etxt.exe\u2066\u200f\ufeff\nlooks like ours\r"


def quiet(text: str, allowed: str = "\n") -> bool:
    return all(
        each in allowed or each in "\u200c\u200d" or unicodedata.category(each)[0] not in "C"
        for each in text
    )


@given(st.text(st.characters(exclude_categories=["Co", "Cn"])))
def test_nothing_that_a_terminal_obeys_is_left(text):
    assert quiet(plain(text))
    assert quiet(line(text), "")
    assert "\u2028" not in plain(text)


def test_words_stay_as_they_are():
    for text in ("Größe 🎬 über", "日本語", "می\u200cخواهم", "👩\u200d🚀"):
        assert plain(text) == line(text) == text


def test_a_hit_shows_one_line_of_each():
    hit = Result(
        evidence="e",
        document=f"github:{EVIL}",
        title=EVIL,
        headings=(EVIL,),
        passage=EVIL,
        url=f"https://x/{EVIL}",
        source=Source.GITHUB,
        container=EVIL,
        kind="file",
        owners=(EVIL,),
        modified_at=None,
        synced_at=utc_now(),
        matched=("words",),
        score=1.0,
    )
    told = shown(1, hit)
    assert quiet(told)
    assert len(told.splitlines()) == 5


def test_all_that_is_printed(capsys):
    echo(table(("name",), [(EVIL,)]) + EVIL)
    echo(EVIL, err=True)
    echo_json({"title": EVIL, "body": "\U000e0041 \x7f"})
    told = capsys.readouterr()
    assert quiet(told.out + told.err)
    assert json.loads(told.out[told.out.index("{") :])["title"] == EVIL
