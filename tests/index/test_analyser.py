"""The analyser: what finds what, and what can never go wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analyser import EXACT, MAX_TERMS, Analyser, analyse, askable, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The policies", ["the", "polici", "=policies"]),
        ("JIRA-123", ["=jira-123", "jira", "123"]),
        ("snake_case", ["=snake_case", "snake", "case"]),
        ("CamelCase", ["camelcas", "=camelcase", "camel", "case"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("C++ C# C", ["=c++", "c", "=c#", "c", "c"]),
        (".NET ends.", ["=.net", "net", "end", "=ends"]),
        ("a.b@c.com", ["=a.b@c.com", "=a.b", "=c.com", "a", "b", "c", "com"]),
        ("src/app/main.py", ["=src/app/main.py", "=main.py", "src", "app", "main", "py"]),
        ("v1.2.3", ["=v1.2.3", "v1", "v", "1", "2", "3"]),
        ("Résumé RESUME resume\u0301", ["resum", "=resume"] * 3),
        ("straße STRASSE", ["strass", "=strasse"] * 2),
        ("ﬁle ｆｉｌｅ", ["file", "file"]),
        ("東京都", ["東京", "京都"]),
        ("都", ["都"]),
        ("don’t", ["don't"]),
        ("🚀", []),
        ("", []),
    ],
)
def test_what_a_text_becomes(text: str, expected: list[str]) -> None:
    assert analyse(text) == expected


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("see JIRA-123.", "jira-123"),
        ("see (JIRA-123)", "JIRA-123?"),
        ("parseJSONBody()", "parse body"),
        ("uses OpenAI", "openai"),
        ("in `config/app.yaml`:", "app.yaml"),
        ("Ångström café", "angstrom CAFE"),
        ("running tests", "test runs"),
        ("error_code=E404", "e404"),
        ("mail owner1@example.com!", "owner1@example.com"),
        ("std::vector<int>", "std::vector"),
        ("今日は東京に行く", "東京"),
    ],
)
def test_what_finds_what(text: str, question: str) -> None:
    asked = set(terms(question))
    plain = {term for term in asked if not term.startswith(EXACT)}
    assert plain <= set(analyse(text))
    assert asked & set(analyse(text))


def test_exact_forms_never_meet_stems() -> None:
    # "polici" written out is a word of its own, and is not what "policies" was.
    assert EXACT + "polici" not in analyse("policies")
    assert EXACT + "policies" not in analyse("polici")


def test_questions_leave_stop_words_out_unless_there_is_nothing_else() -> None:
    assert terms("what is the policy for the kettle") == ["polici", "=policy", "kettl", "=kettle"]
    assert terms("to be, or not to be")
    assert terms("The Who") == ["the", "who"]


def test_languages() -> None:
    german = Analyser(["german", "english"])
    assert german.version != Analyser().version
    assert set(german.analyse("Häuser")) & set(german.analyse("Haus"))
    with pytest.raises(ValueError, match="klingon"):
        Analyser(["klingon"])


@settings(max_examples=300)
@given(st.text(max_size=300))
def test_tokens_are_tokens(text: str) -> None:
    tokens = analyse(text)
    assert askable(tokens) == list(dict.fromkeys(tokens))[:MAX_TERMS]
    for token in tokens:
        assert token
        assert len(token) <= 128
        assert token.split() == [token]
        assert EXACT not in token[1:]


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_case_and_composition_do_not_matter_to_words(text: str) -> None:
    import unicodedata

    lowered = set(analyse(text.casefold()))
    assert lowered == set(analyse(unicodedata.normalize("NFD", text.casefold())))


@given(st.text(max_size=80), st.text(max_size=80))
def test_texts_apart_are_analysed_apart(one: str, other: str) -> None:
    assert analyse(one + "\n" + other) == analyse(one) + analyse(other)


def test_huge_texts_take_no_time_to_speak_of() -> None:
    for text in ("a-" * 200_000, "x" * 400_000, "'" * 400_000, "a'" * 200_000, "." * 400_000):
        assert len(terms(text)) <= MAX_TERMS
