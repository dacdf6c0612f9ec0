"""Which sources there are: settings and connector by name, imported when they are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from access import Source
from connectors.interface import NotConfigured, SourceConnector
from connectors.settings import MISTAKES, ConnectorSettings, mistakes


@dataclass(frozen=True, slots=True)
class _Entry:
    settings: str
    """``module:class``, cheap to import: pydantic alone."""
    connector: str
    """``module:class``, which imports the vendor's SDK."""


_ENTRIES: dict[Source, _Entry] = {
    Source.GOOGLE_DRIVE: _Entry(
        "connectors.google_drive.settings:GoogleDriveSettings",
        "connectors.google_drive.connector:GoogleDriveConnector",
    ),
    Source.SHAREPOINT: _Entry(
        "connectors.sharepoint.settings:SharePointSettings",
        "connectors.sharepoint.connector:SharePointConnector",
    ),
    Source.GITHUB: _Entry(
        "connectors.github.settings:GitHubSettings",
        "connectors.github.connector:GitHubConnector",
    ),
}


def available_sources() -> tuple[Source, ...]:
    """Every source that has a connector."""
    return tuple(_ENTRIES)


def settings_kind(source: Source) -> type[ConnectorSettings]:
    """The class of the settings of `source`.

    Raises:
        NotConfigured: there is no connector.
    """
    return cast(type[ConnectorSettings], _load(_entry(source).settings))


def settings_of(source: Source) -> ConnectorSettings:
    """The settings of `source` from the environment and `.env`.

    Raises:
        NotConfigured: there is no connector, or the variables do not fit.
    """
    settings = settings_kind(source)
    try:
        return settings()
    except MISTAKES as error:
        wrong = mistakes(error, settings.model_config.get("env_prefix", ""))
        raise NotConfigured(
            source,
            f"the settings do not fit: {wrong}",
            f"See docs/sources/{source.value}.md.",
        ) from None


def open_connector(
    source: Source,
    settings: ConnectorSettings | None = None,
    *,
    budgets: Path | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> SourceConnector:
    """The connector of `source`, opened without a request.

    Args:
        source: the system to read.
        settings: the connector's own settings class; read from the environment when None.
        budgets: the folder in which processes share what a credential may ask (`Budget`);
            None for a connector that is alone.
        sleep: waits that many seconds before a request is tried again.

    Raises:
        NotConfigured: there is no connector, or no credentials for it.
    """
    entry = _entry(source)
    settings = settings if settings is not None else settings_of(source)
    if not settings.configured:
        raise NotConfigured(source, "not configured", _what_to_set(source, settings))
    return cast(SourceConnector, _load(entry.connector)(settings, budgets=budgets, sleep=sleep))


def absence(source: Source) -> str:
    """Says that a source is not configured, and if somebody began to, what is missing.

    Raises:
        NotConfigured: there is no connector, or the variables do not fit.
    """
    settings = settings_of(source)
    more = f". {_what_to_set(source, settings)}" if settings.half_set else ""
    return f"not configured{more}"


def standing(source: Source) -> str:
    """Why a source can't be read, as far as that shows without a request; empty if it does not.

    A file that the settings name is looked at: see `ConnectorSettings.verify`.
    """
    try:
        settings = settings_of(source)
        if not settings.configured:
            return absence(source)
        settings.verify()
    except NotConfigured as error:
        return f"{error.reason}. {error.remedy}"
    return ""


def _what_to_set(source: Source, settings: ConnectorSettings) -> str:
    return f"Set {' and '.join(settings.missing)}, see docs/sources/{source.value}.md."


def _entry(source: Source) -> _Entry:
    try:
        return _ENTRIES[source]
    except KeyError:
        raise NotConfigured(
            source, "no connector yet", f"Leave {source.label} out of the settings."
        ) from None


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
