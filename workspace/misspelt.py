"""Variables of `.env` that look like ours and name no setting: a typing error, kept silent."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic_settings import BaseSettings

from connectors.registry import available_sources, settings_kind
from embedding.settings import EmbeddingSettings
from index.settings import IndexSettings
from workspace.settings import WorkspaceSettings


def ours(name: str) -> bool:
    """Whether a variable's name begins as those of our settings do."""
    return name.upper().startswith(tuple(str(kind.model_config["env_prefix"]) for kind in _kinds()))


def misspelt(file: Path = Path(".env")) -> Iterator[str]:
    """A line about each, without its value.

    Args:
        file: what to look at. The environment itself is not: other programs set variables there
            that begin alike, such as GITHUB_SHA.
    """
    known = {
        f"{kind.model_config['env_prefix']}{name}".upper()
        for kind in _kinds()
        for name in kind.model_fields
    }
    for name in dotenv_values(file):
        if ours(name) and name.upper() not in known:
            near = get_close_matches(name.upper(), known, 1)
            meant = f" (is {near[0]} meant?)" if near else ""
            yield f"{file}: {name} names no setting{meant}"


def _kinds() -> list[type[BaseSettings]]:
    sources = [settings_kind(each) for each in available_sources()]
    return [*sources, WorkspaceSettings, IndexSettings, EmbeddingSettings]
