"""Which embedding model is used, from the environment and `.env`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from embedding.openvino_runtime import Precision


class EmbeddingSettings(BaseSettings):
    """Read from variables that begin with ``BAILIWICK_EMBEDDING_``.

    A change of `provider`, `model`, `dimensions`, `max_tokens` or a prefix makes old vectors
    unusable: the index has to be rebuilt.
    """

    model_config = SettingsConfigDict(
        env_prefix="BAILIWICK_EMBEDDING_", env_file=".env", extra="ignore", frozen=True
    )

    provider: Literal["bundled", "openai", "fastembed", "hashing"] = "bundled"
    """``bundled`` needs nothing; ``hashing`` is for tests and knows no meaning."""
    precision: Precision = "auto"
    """Of the bundled model: ``auto``, ``bf16``, ``f32`` or ``int8``."""
    threads: int | None = Field(default=None, ge=1)
    """CPU threads of a local model; all when unset."""
    batch_size: int = Field(default=32, ge=1, le=4096)
    """Texts that a local model runs at once."""
    model: str = ""
    """The model's name at the endpoint, or in fastembed's list."""
    dimensions: int | None = Field(default=None, ge=2, le=65_536)
    """Length of its vectors."""
    max_tokens: int | None = Field(default=None, ge=16)
    """What it reads of a text."""
    query_prefix: str | None = None
    """Put before questions; unset for what the model is known to want."""
    passage_prefix: str | None = None
    """Put before passages; unset for what the model is known to want."""
    url: str = ""
    """The endpoint up to its version, such as ``https://api.openai.com/v1``."""
    api_key: SecretStr | None = None
    """The endpoint's key, where it wants one."""
    key_header: str = "Authorization"
    """The header for the key; ``api-key`` for Azure."""
    shortened: bool = False
    """Ask the endpoint for `dimensions`, of a model that can shorten its vectors."""
    batch_texts: int = Field(default=128, ge=1, le=2048)
    """Most texts in a request."""
    batch_tokens: int = Field(default=32_000, ge=16)
    """Most tokens in a request."""
    concurrency: int = Field(default=4, ge=1, le=64)
    """Requests under way at once."""
    timeout: float = Field(default=60.0, gt=0)
    """Seconds to wait for an answer."""
    allow_download: bool = False
    """Whether fastembed may download a model."""
    cache_folder: Path | None = None
    """Where fastembed keeps models."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wanted = {"openai": ("url", "model", "dimensions"), "fastembed": ("model", "dimensions")}
        missing = [name for name in wanted.get(self.provider, ()) if not getattr(self, name)]
        if missing:
            names = ", ".join(f"BAILIWICK_EMBEDDING_{name.upper()}" for name in missing)
            raise ValueError(f"the provider {self.provider} needs {names}")
        return self
