"""Sites: the containers of SharePoint."""

from __future__ import annotations

from dataclasses import dataclass

from corpus import Container


@dataclass(frozen=True, slots=True)
class Site:
    """One site (a *web*), subsites being sites of their own."""

    id: str
    """As Graph spells it: host, site collection's GUID and web's GUID, with commas."""
    url: str
    """Its address."""

    @classmethod
    def of(cls, container: Container) -> Site:
        """The site that a container is."""
        return cls(container.id, container.url)

    @property
    def host(self) -> str:
        """The SharePoint host, to which REST tokens are made out."""
        return self.id.split(",")[0]

    @property
    def collection(self) -> str:
        """The site collection's GUID: SharePoint groups are known in all of it, and no further."""
        return self.id.split(",")[1]

    @property
    def web(self) -> str:
        """The web's own GUID."""
        return self.id.split(",")[2]

    def api(self, path: str) -> str:
        """The address of something in the site's REST, such as ``web/lists``."""
        return f"{self.url.rstrip('/')}/_api/{path}"
