"""Settings of the GitHub connector: `GITHUB_*` variables."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.settings import Address, ConnectorSettings, Names

DOCUMENTATION = (
    "*.md",
    "*.mdx",
    "*.markdown",
    "*.rst",
    "*.adoc",
    "*.asciidoc",
    "*.txt",
    "README",
    "*/README",
    "docs/*",
    "doc/*",
)


class GitHubSettings(ConnectorSettings):
    """Which organisations are read, and as whom."""

    model_config = SettingsConfigDict(env_prefix="GITHUB_")

    token: SecretStr | None = None
    """A fine-grained or classic personal access token, or an app's installation token."""
    api_url: Address = "https://api.github.com"
    """The API's root; ``https://HOST/api/v3`` on GitHub Enterprise Server."""
    organisations: Names = ()
    """Logins of the organisations whose repositories are read."""
    repositories: Names = ()
    """Patterns over ``owner/name``; without any, every repository of the organisations."""
    exclude_repositories: Names = ()
    """Patterns over ``owner/name`` that are left out, whatever `repositories` says."""
    documentation: Names = DOCUMENTATION
    """Patterns over the paths of files to read, without regard to case; ``*`` crosses folders."""
    enterprise: str | None = None
    """The enterprise's slug. Internal repositories are readable by all of its members; without
    it only the organisation's own tenant principal is granted."""
    page_size: int = 100
    """Issues asked for at once (1 to 100)."""
    rate: float = Field(default=14.0, gt=0)
    """Requests a second: with `burst` the 900 points a minute of GitHub's secondary limit
    (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). What is left of
    the hour's primary limit the server says itself, and everybody waits."""
    burst: int = Field(default=60, ge=1)

    @property
    def missing(self) -> tuple[str, ...]:
        """Credentials, and something to read with them."""
        wanted = {"GITHUB_TOKEN": self.token, "GITHUB_ORGANISATIONS": self.organisations}
        return tuple(name for name, value in wanted.items() if not value)
