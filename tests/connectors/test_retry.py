from datetime import UTC, datetime

import pytest

from access import Source
from connectors.interface import SourceUnavailable, Throttled
from connectors.position import PageTokens
from connectors.retry import Again, Retry, retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def retry(slept: list[float], attempts: int = 4, jitter: float = 1.0) -> Retry:
    return Retry(Source.GITHUB, attempts, 10.0, slept.append, lambda: jitter)


def fails(times: int):
    left = [times]

    def request() -> str:
        if left[0]:
            left[0] -= 1
            raise OSError("gone")
        return "done"

    return request


def test_backs_off_and_succeeds() -> None:
    slept: list[float] = []
    assert retry(slept).call(fails(3), lambda _: Again("no answer")) == "done"
    assert slept == [1.0, 2.0, 4.0]


def test_waits_what_the_server_asks() -> None:
    slept: list[float] = []
    retry(slept).call(fails(2), lambda _: Again("throttled", 429, 3.0))
    assert slept == [3.0, 3.0]


def test_gives_up_without_a_last_wait() -> None:
    slept: list[float] = []
    with pytest.raises(SourceUnavailable, match="4 times in a row") as caught:
        retry(slept).call(fails(9), lambda _: Again("no answer", 503))
    assert len(slept) == 3
    assert caught.value.status == 503
    assert not isinstance(caught.value, Throttled)


def test_does_not_wait_longer_than_allowed() -> None:
    slept: list[float] = []
    with pytest.raises(Throttled, match="in 3600 seconds"):
        retry(slept).call(fails(1), lambda _: Again("throttled", 429, 3600.0, throttled=True))
    assert slept == []


def test_says_that_it_was_throttled_to_the_end() -> None:
    with pytest.raises(Throttled, match="4 times in a row"):
        retry([]).call(fails(9), lambda _: Again("throttled", 429, 3.0, throttled=True))


def test_a_final_verdict_is_raised_at_once_and_hides_its_cause() -> None:
    with pytest.raises(KeyError) as caught:
        retry([]).call(fails(1), lambda _: KeyError("no"))
    assert caught.value.__suppress_context__


def test_a_page_token_is_used_once() -> None:
    tokens = PageTokens(Source.GITHUB, "a")
    assert tokens.checked("b") == "b"
    for again in ("a", "b"):
        with pytest.raises(SourceUnavailable, match="repeated page token"):
            tokens.checked(again)
