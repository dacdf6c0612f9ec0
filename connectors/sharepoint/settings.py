"""Settings of the SharePoint connector: `SHAREPOINT_*` variables."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.settings import Address, ConnectorSettings, Names
from connectors.sharepoint.certificate import certificate


class SharePointSettings(ConnectorSettings):
    """Which tenant is read, and as which application.

    An application registered in Entra proves itself by a certificate or by a secret. SharePoint's
    own REST, which alone tells of the permissions of pages and list items, accepts certificates
    only (learn.microsoft.com, "Granting access via Entra ID App-Only").
    """

    model_config = SettingsConfigDict(env_prefix="SHAREPOINT_")

    tenant: str = ""
    """The directory's id or its primary domain."""
    client_id: str = ""
    """The application's (client) id."""
    certificate_file: Path | None = None
    """PEM or PKCS #12 with the application's certificate and its private key."""
    certificate_password: SecretStr | None = None
    """The password of `certificate_file`, where it has one."""
    client_secret: SecretStr | None = None
    """The application's secret; used where there is no certificate."""
    sites: Names | None = None
    """Addresses or ids of the sites to read; without it, all that the application may."""
    exclude_sites: Names = ()
    """Addresses or ids of sites that are left out."""
    subsites: bool = True
    """Whether the subsites of a site that is named in `sites` are read as well."""
    onedrive: bool = False
    """Whether people's OneDrives are read."""
    everyone_includes_guests: bool = False
    """Whether the tenant lets the claim "Everyone" cover guests (``Set-SPOTenant
    -ShowEveryoneClaim``, which no API tells)."""
    authority: Address = "https://login.microsoftonline.com"
    """Where tokens come from; national clouds have their own."""
    graph_root: Address = "https://graph.microsoft.com"
    """Where Microsoft Graph is; `/v1.0` is added."""
    graph_audience: str = ""
    """Whom tokens for Graph are made out to, where that is not the host of `graph_root`."""
    page_size: int = Field(default=200, ge=1, le=999)
    """Items asked for at once."""

    @property
    def audience(self) -> str:
        """Whom tokens for Graph are made out to."""
        if self.graph_audience:
            return self.graph_audience.rstrip("/")
        parts = urlsplit(self.graph_root)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def credential(self) -> str:
        """What Microsoft counts requests by, for `Budget`: the application in its tenant."""
        return f"{self.tenant}/{self.client_id}"

    def verify(self) -> None:
        """Look at the certificate; raises as the base does."""
        if self.certificate_file is not None:
            self.certificate()

    def certificate(self) -> bytes:
        """The certificate file, looked at.

        Raises:
            NotConfigured: it can't be used.
        """
        assert self.certificate_file is not None
        secret = self.certificate_password
        return certificate(
            self.certificate_file, None if secret is None else secret.get_secret_value()
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """The credentials, as far as there are none."""
        proof = self.certificate_file is not None or self.client_secret is not None
        held = {
            "SHAREPOINT_TENANT": bool(self.tenant),
            "SHAREPOINT_CLIENT_ID": bool(self.client_id),
            "SHAREPOINT_CERTIFICATE_FILE": proof,
        }
        return tuple(name for name, there in held.items() if not there)
