"""Settings of the search index: `BAILIWICK_INDEX_*` in the environment or `.env`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from index.analyser import LANGUAGES, Analyser


class IndexSettings(BaseSettings):
    """Which backend, where it is, and how it is built."""

    model_config = SettingsConfigDict(
        env_prefix="BAILIWICK_INDEX_", env_file=".env", extra="ignore", frozen=True
    )

    backend: Literal["embedded", "weaviate"] = "embedded"
    """What holds the index."""
    folder: Path = Path(".bailiwick/index")
    """Where the embedded index keeps its versions."""
    languages: Annotated[tuple[str, ...], NoDecode] = LANGUAGES
    """Snowball languages to stem by, parted by commas; part of the index version."""

    weaviate_url: str = "http://127.0.0.1:8080"
    """The REST address; `https` means TLS, for gRPC too. Certificates are checked against the
    authorities that the clients bring, or those in `SSL_CERT_FILE` (REST, and the OIDC issuer)
    and `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH` (gRPC)."""
    weaviate_grpc_host: str = ""
    """The gRPC host, if it is not that of `weaviate_url`."""
    weaviate_grpc_port: int = 50051
    weaviate_api_key: SecretStr | None = None
    """An API key; give the writer and the reader their own."""
    weaviate_oidc_client_secret: SecretStr | None = None
    """The client secret for OIDC client credentials, instead of an API key."""
    weaviate_oidc_scope: str = ""
    """The scope to ask the OIDC issuer for, unless the server itself names some."""
    weaviate_collection: str = Field("Bailiwick", pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=64)
    """The alias of the serving version, and how the collections' names begin."""
    weaviate_quantizer: Literal["rq8", "none"] = "rq8"
    """How vectors are compressed in memory: `rq8` is a quarter at 98 to 99 % recall."""
    weaviate_filter_strategy: Literal["acorn", "sweeping"] = "acorn"
    """How HNSW walks under a filter."""
    weaviate_replication: int = Field(1, ge=1)
    """Copies of each shard in a cluster."""
    weaviate_query_timeout: float = Field(30, gt=0)
    """Seconds."""
    weaviate_insert_timeout: float = Field(120, gt=0)
    """Seconds."""

    @field_validator("languages", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("languages")
    @classmethod
    def _stemmed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return Analyser(value).languages
