"""What the settings of every connector share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MISTAKES = (ValidationError, UnicodeDecodeError, OSError)
"""What reading settings raises: of their values, and of a `.env` that can't be read as text."""


def mistakes(error: ValidationError | UnicodeDecodeError | OSError, prefix: str) -> str:
    """What is wrong with settings, each variable by name and without its value.

    Args:
        error: one of `MISTAKES`.
        prefix: how the variables' names begin.
    """
    if isinstance(error, UnicodeDecodeError):
        return f"{Path('.env').absolute()} is not UTF-8 text; save it as UTF-8"
    if isinstance(error, OSError):
        return f"{Path('.env').absolute()} can't be read ({error.strerror})"
    wrong = sorted(
        # What is wrong with several variables together is of no place, and names them itself.
        "".join(f"{prefix}{field}: ".upper() for field in each["loc"][:1])
        + each["msg"].removeprefix("Value error, ")
        for each in error.errors(include_input=False, include_url=False)
    )
    return "; ".join(wrong)


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several names in one environment variable, separated by commas."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address that begins with https://")
    return value


Address = Annotated[str, AfterValidator(_web_address)]
"""The root of an API."""


class ConnectorSettings(BaseSettings):
    """Read from the environment and `.env`; unknown variables are other people's."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    max_bytes: int = 20_000_000
    """Bodies larger than this many bytes are left out and counted, not read."""
    attempts: int = 5
    """How often one request is tried before the source counts as unavailable."""
    longest_wait: float = 120.0
    """Seconds that one throttled request may wait; asked for more, the sync stops and says so."""
    timeout: float = 60.0
    """Seconds without an answer after which a request counts as failed."""
    concurrency: int = Field(default=4, ge=1)
    """How many bodies are fetched at once, by one process."""
    rate: float = Field(default=10.0, gt=0)
    """Requests a second with one credential, of all processes of this installation together."""
    burst: int = Field(default=20, ge=1)
    """Requests that may come at once after a rest; a minute has at most 60 × rate + burst."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be set yet before the source can be read, each a variable or alternatives."""
        raise NotImplementedError

    def verify(self) -> None:
        """Look at the files that the settings name, without a request.

        Raises:
            NotConfigured: one of them is missing, unreadable, or something else.
        """

    @property
    def configured(self) -> bool:
        """Whether there is all that it takes to read the source."""
        return not self.missing

    @property
    def half_set(self) -> bool:
        """Whether somebody began to configure the source, and something is missing."""
        return bool(self.missing) and bool(self.model_fields_set)
