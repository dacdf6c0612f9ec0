"""What an installation declares about itself, from the environment and `.env`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from access import Source
from catalog.policy import DAY, AccessPolicy
from connectors.settings import MISTAKES, mistakes
from sync.reconcile import DeletionGuard
from workspace.errors import SettingsInvalid

Sources = Annotated[frozenset[Source], NoDecode]
S = TypeVar("S", bound=BaseSettings)
CENTURY = 36_525
"""In days: what is longer leads out of the calendar."""
Names = Annotated[frozenset[str], NoDecode]


class WorkspaceSettings(BaseSettings):
    """Where things are kept, and what the installation decides about access.

    Every field is read from ``BAILIWICK_<FIELD>``. Sources, embedding and index have settings
    of their own, beside their code.
    """

    model_config = SettingsConfigDict(
        env_prefix="BAILIWICK_", env_file=".env", extra="ignore", frozen=True
    )

    home: Path = Path(".bailiwick")
    """Folder for all that is kept on this machine."""
    catalog_url: SecretStr | None = None
    """SQLAlchemy URL of the catalog; SQLite in `home` when not set."""
    content_url: str | None = None
    """fsspec URL of the content store; a folder in `home` when not set."""
    directory: Path = Path("directory.yaml")
    """People, their accounts, and groups that no API lists. When it is not set, and not there, it
    is looked for in `home`."""
    searchable_anyone: Sources = frozenset()
    """Sources whose "anyone" grants make a document findable, comma-separated."""
    searchable_links: Sources = frozenset()
    """Sources whose link-only grants make a document findable, comma-separated."""
    canonical: Names = frozenset()
    """Containers whose documents are preferred, as ``source:container id``, comma-separated."""
    permission_max_age_hours: float = Field(default=24, ge=1, le=CENTURY * 24)
    """How old permission knowledge may be before it admits nobody."""
    deletion_fraction: float = Field(default=0.2, ge=0, le=1)
    """A container losing more than this part of its documents waits for a person, if it is also"""
    deletion_documents: int = Field(default=10, ge=0)
    """more than this many."""
    text_retention_days: float = Field(default=30, ge=0, le=CENTURY)
    """How long the text of a removed document is kept, so that restoring it costs nothing."""

    @field_validator("searchable_anyone", "searchable_links", "canonical", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("canonical")
    @classmethod
    def _named(cls, value: frozenset[str]) -> frozenset[str]:
        sources = {each.value for each in Source}
        for each in value:
            source, _, container = each.partition(":")
            if source not in sources or not container:
                raise ValueError("each is source:container id, such as github:4711")
        return value

    @property
    def policy(self) -> AccessPolicy:
        """What the installation declares about access."""
        limit = timedelta(hours=self.permission_max_age_hours)
        limits = {} if limit == DAY else dict.fromkeys(Source, limit)
        return AccessPolicy(self.searchable_anyone, self.searchable_links, limits)

    @property
    def guard(self) -> DeletionGuard:
        """When a loss waits for a person."""
        return DeletionGuard(self.deletion_fraction, self.deletion_documents)


def load_settings() -> WorkspaceSettings:
    """The settings of the environment and `.env`; raises as `loaded` does."""
    return loaded(WorkspaceSettings)


def loaded(settings: type[S]) -> S:
    """Settings of one kind, from the environment.

    Raises:
        SettingsInvalid: a variable does not say what it must, or `.env` is no text; the message
            leaves values out.
    """
    try:
        return settings()
    except MISTAKES as error:
        prefix = settings.model_config.get("env_prefix", "")
        raise SettingsInvalid(mistakes(error, prefix)) from None
