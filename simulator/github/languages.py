"""Which programming languages a repository is written in."""

from __future__ import annotations

from collections import Counter

from simulator.github.model import Repo

_LANGUAGES = {
    "c": "C",
    "h": "C",
    "go": "Go",
    "py": "Python",
    "sh": "Shell",
    "sql": "PLpgSQL",
    "tf": "HCL",
    "ts": "TypeScript",
}


def spoken(repo: Repo) -> dict[str, int]:
    """Bytes of each programming language on the default branch, most first."""
    found: Counter[str] = Counter()
    for path, blob in (repo.git.head.files if repo.git.head else {}).items():
        language = _LANGUAGES.get(path.rpartition(".")[2])
        if language is not None:
            found[language] += repo.git.size_of(blob)
    return dict(found.most_common())
