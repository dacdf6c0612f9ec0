"""The analyser: text to search tokens, the same for every backend, stored and asked alike.

A backend's own analyser is never used: each stores what `analyse` returns, joined by single
spaces, and is asked with what `terms` returns. So a change here is a new index version.

What a text becomes:

- Unicode is normalised (NFKC, case folded, accents of Latin and Greek letters dropped).
- A word becomes its Snowball stem, and beside it the word itself marked with ``=`` where the two
  differ. The mark keeps ``=polici`` (somebody wrote that) and ``polici`` (from *policies*) apart.
- An identifier is kept whole, marked, and also split: ``JIRA-123`` gives ``=jira-123``, ``jira``
  and ``123``; a path or an address gives its pieces too. ``CamelCase`` gives ``camelcas``,
  ``=camelcase``, ``camel``, ``case``.
- Scripts written without spaces (Han, Kana, Thai and their like) give overlapping pairs.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import snowballstemmer

VERSION = "1"
"""Of the rules here; part of the index version, with the languages."""
LANGUAGES = ("english",)
"""The Snowball languages used unless told otherwise."""
EXACT = "="
"""What an unstemmed token starts with. It occurs nowhere else in a token."""
MAX_TERMS = 256
"""A question's distinct terms beyond these are not asked."""
_LONGEST = 64  # characters of a token; longer words are cut, longer identifiers only split
_MOST_PARTS = 6  # a word with more changes of case or kind than this is noise, such as a hash

_MARKS = "".join(
    re.escape(chr(c)) for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M"
)
_WORD = rf"(?:[^\W_]|[{_MARKS}])+(?:'(?:[^\W\d_]|[{_MARKS}])+)*"
_COMPOUND = re.compile(
    rf"(?:(?<![^\s(\[\"'`]))\.(?=[^\W\d_])(?:{_WORD}(?:[-_./\\:@+&#~]{{1,3}}{_WORD})*)(?:\+\+|\#)?"
    rf"|{_WORD}(?:[-_./\\:@+&#~]{{1,3}}{_WORD})*(?:\+\+|\#)?"
)
_WORDS = re.compile(_WORD)
_PIECES = re.compile(r"[/\\:@]+")
_PARTS = re.compile(
    r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+", re.UNICODE
)  # used on ASCII words alone
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\uff07": "'"})

_STOP_WORDS = (
    "a an and are as at be but by for from how in into is it of on or that the their then there "
    "these they this to was what when where which who why will with"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that a question leaves out when it has others; texts keep them."""


def fold(word: str) -> str:
    """`word` with case folded and the accents of Latin and Greek letters dropped."""
    if word.isascii():
        return word.lower()
    out: list[str] = []
    droppable = False
    for char in unicodedata.normalize("NFD", word.casefold()):
        if unicodedata.category(char) == "Mn":
            if not droppable:
                out.append(char)
        else:
            droppable = unicodedata.name(char, "").startswith(("LATIN", "GREEK"))
            out.append(char)
    return unicodedata.normalize("NFKC", "".join(out))


class Analyser:
    """Turns text into tokens for a set of languages. Safe to share between threads."""

    def __init__(self, languages: Sequence[str] = LANGUAGES) -> None:
        """An analyser that stems by each of the Snowball `languages`.

        Raises:
            ValueError: Snowball has no such language.
        """
        known = set(snowballstemmer.algorithms())
        if wrong := [name for name in languages if name not in known]:
            raise ValueError(f"no Snowball stemmer for {wrong}; there are {sorted(known)}")
        self.languages = tuple(dict.fromkeys(languages))
        self.version = "-".join((VERSION, *self.languages))
        """Names the rules and the languages; part of an index version."""
        self._tokens = lru_cache(maxsize=100_000)(self._compound)
        self._local = threading.local()

    def analyse(self, text: str) -> list[str]:
        """The tokens of `text` in order, repeats kept. None holds white space."""
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
        out: list[str] = []
        for match in _COMPOUND.finditer(text):
            found = match.group()
            out += self._tokens(found) if len(found) <= 256 else self._compound(found)
        return out

    def terms(self, question: str) -> list[str]:
        """The distinct tokens to ask for, at most `MAX_TERMS`, stop words left out.

        A question of nothing but stop words keeps them.
        """
        tokens = list(dict.fromkeys(self.analyse(question)))
        telling = [t for t in tokens if t.removeprefix(EXACT) not in STOP_WORDS]
        return (telling or tokens)[:MAX_TERMS]

    def _compound(self, found: str) -> tuple[str, ...]:
        """The tokens of an identifier or of a plain word."""
        out: list[str] = []
        words = _WORDS.findall(found)
        if len(words) > 1 or words[0] != found:
            whole = [found]
            pieces = [piece for piece in _PIECES.split(found) if piece]
            if len(pieces) > 1:
                whole += [p for p in pieces if len(_WORDS.findall(p)) > 1]
            out += [EXACT + fold(w) for w in whole if len(w) <= _LONGEST]
        for word in words:
            out += self._word(word)
        return tuple(out)

    def _word(self, word: str) -> list[str]:
        """The tokens of one word: itself, and the words that its capitals show."""
        out = self._forms(fold(word))
        if not word.isascii() or (word.isalpha() and word.islower()) or word.isdigit():
            return out
        parts = _PARTS.findall(word)
        if 1 < len(parts) <= _MOST_PARTS and "'" not in word:
            for part in parts:
                out += self._forms(part.lower())
        return out

    def _stems(self) -> Sequence[Callable[[str], str]]:
        """This thread's stemmers: one keeps its place in the word as state."""
        stems: Sequence[Callable[[str], str]] | None = getattr(self._local, "stems", None)
        if stems is None:
            stems = [snowballstemmer.stemmer(name).stemWord for name in self.languages]
            self._local.stems = stems
        return stems

    def _forms(self, word: str) -> list[str]:
        """A folded word's stems, and the word itself, marked, where a stem differs."""
        if not word.isascii() and (runs := _UNSPACED.findall(word)):
            out = [t for run in runs for t in _pairs(run)]
            for rest in _UNSPACED.split(word):
                out += self._forms(rest) if rest else []
            return out
        word = word[:_LONGEST]
        out = list(dict.fromkeys(stem(word) for stem in self._stems()))
        if out != [word]:
            out.append(EXACT + word)
        return out


def _pairs(run: str) -> list[str]:
    """Overlapping pairs of characters; a lone character is itself."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def askable(asked: Iterable[str]) -> list[str]:
    """The distinct terms of those `asked` that a text could hold, at most `MAX_TERMS`.

    What holds white space or a control character is no token, whoever made it.
    """
    fit = (term for term in asked if term and " " not in term and term.isprintable())
    return list(dict.fromkeys(fit))[:MAX_TERMS]


DEFAULT = Analyser()
"""The analyser for `LANGUAGES`."""


def analyse(text: str) -> list[str]:
    """The tokens of `text` by the default analyser, in order, repeats kept."""
    return DEFAULT.analyse(text)


def terms(question: str) -> list[str]:
    """The distinct tokens that the default analyser asks for; see `Analyser.terms`."""
    return DEFAULT.terms(question)
