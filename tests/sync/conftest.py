"""Benches over scripted sources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sync.bench import Bench
from tests.sync.scripted import Script, Text, user


def paragraphs(*topics: str) -> bytes:
    """A body of one passage for each topic."""
    text = "{0} is what this paragraph is about, and {0} again, in about as many words as fit."
    return "\n\n".join(f"# On {t}\n\n{text.format(t.title())}" for t in topics).encode()


@pytest.fixture
def script() -> Script:
    """Seven documents that Ada may read and Bob may not."""
    script = Script()
    script.share("drive/main", user("ada"))
    for n, topic in enumerate(("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta")):
        script.put(f"d{n}", Text(f"About {topic}", paragraphs(topic, f"{topic}more")))
    return script


@pytest.fixture
def bench(script, tmp_path) -> Iterator[Bench]:
    bench = Bench(script, tmp_path)
    bench.meet("ada", "bob")
    yield bench
    bench.close()
