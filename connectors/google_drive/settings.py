"""Settings of the Google Drive connector: `GOOGLE_DRIVE_*` variables."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.google_drive import key_file
from connectors.settings import Address, ConnectorSettings, Names


class GoogleDriveSettings(ConnectorSettings):
    """Whose Drive is read, and as whom.

    Either `access_token`, for one account, or `service_account_file` with domain-wide
    delegation, for the My Drives of `users` and the shared drives of the domain.
    """

    model_config = SettingsConfigDict(env_prefix="GOOGLE_DRIVE_")

    access_token: SecretStr | None = None
    """An OAuth access token of one account. It is used as it is and never refreshed."""
    service_account_file: Path | None = None
    """The JSON key of a service account."""
    subject: str | None = None
    """The account that the service account acts as to list shared drives and groups: an
    administrator. Without it the service account acts for itself."""
    users: Names = ()
    """E-mail addresses whose My Drives are read (service account only)."""
    shared_drives: Names | None = None
    """Ids of the shared drives to read; without it, all that the account sees."""
    domain_admin: bool | None = None
    """Whether `subject` lists all the domain's shared drives as an administrator, and each is
    then read as one of its own organizers. By default yes for a service account with `subject`.
    If not, `subject` reads the drives that it is in itself."""
    directory: bool = False
    """Whether group members are read from the Admin Directory API."""
    customer: str = "my_customer"
    """The Workspace customer whose groups are listed."""
    api_root: Address = "https://www.googleapis.com"
    """Where the Drive API is; `/drive/v3/` is added."""
    directory_api_root: Address = "https://admin.googleapis.com"
    """Where the Directory API is; `/admin/directory/v1/` is added."""
    page_size: int = 100
    """Files asked for at once (1 to 1000)."""
    rate: float = Field(default=100.0, gt=0)
    """Requests a second. Google publishes 12,000 a minute for a project and for each of its users
    (https://developers.google.com/workspace/drive/api/guides/limits): half of it, since a project
    with the newer quota units has less room for what is dear."""
    burst: int = Field(default=200, ge=1)

    @property
    def credential(self) -> str:
        """What Google counts requests by, for `Budget`: never shown, never written."""
        if self.access_token is not None:
            return self.access_token.get_secret_value()
        try:
            return self.service_account_file.read_text() if self.service_account_file else ""
        except (OSError, ValueError):
            return str(self.service_account_file)  # what uses it says what is wrong with it

    def verify(self) -> None:
        """Look at the key file, where it is what counts; raises as the base does."""
        if self.delegated and self.service_account_file is not None:
            key_file.verify(self.service_account_file)

    @property
    def delegated(self) -> bool:
        """Whether a service account acts for others."""
        return self.access_token is None and self.service_account_file is not None

    @property
    def administers(self) -> bool:
        """Whether shared drives are listed as an administrator, each read as its organizer."""
        if self.domain_admin is None:
            return self.delegated and self.subject is not None
        return self.domain_admin

    @property
    def missing(self) -> tuple[str, ...]:
        """The credentials, if there are none."""
        if self.access_token is not None or self.service_account_file is not None:
            return ()
        return ("GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE or GOOGLE_DRIVE_ACCESS_TOKEN",)
