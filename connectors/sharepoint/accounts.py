"""People of the directory: the object id behind the name that they sign in with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from threading import Lock

from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

from access import Source
from connectors.interface import MissingScope
from connectors.sharepoint.client import Json, SharePointClient
from connectors.sharepoint.errors import SharePointRefused

_Query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters
_SELECTED = ["id", "userPrincipalName", "userType"]
_TOGETHER = 15
"""Comparisons that Graph takes in one ``$filter``
(https://learn.microsoft.com/graph/filter-query-parameter)."""


class Accounts:
    """Object ids by user principal name, each looked up once.

    A name can be given to somebody else later; an object id can't. So a principal is known by the
    id, and a name is only ever looked up, never kept.
    """

    def __init__(self, client: SharePointClient, listed: Mapping[str, str] | None = None):
        """Begin with nothing looked up.

        Args:
            client: asks the directory.
            listed: id by name (lower case) of the whole directory, where that was read: then
                nobody is asked about.
        """
        self._client = client
        self._whole = listed is not None
        self._lock = Lock()
        self._ids: dict[str, str | None] = dict(listed or {})

    def ids(self, names: Iterable[str]) -> dict[str, str]:
        """The ids of those accounts that there are, by name in lower case.

        Raises:
            ConnectorError: the directory can't be read.
            SharePointRefused: it won't be.
        """
        wanted = {name.lower() for name in names}
        with self._lock:
            missing = [] if self._whole else sorted(wanted - self._ids.keys())
            for start in range(0, len(missing), _TOGETHER):
                self._look_up(missing[start : start + _TOGETHER])
            return {name: id for name in wanted if (id := self._ids.get(name))}

    def _look_up(self, names: list[str]) -> None:
        quoted = (name.replace("'", "''") for name in names)
        said = " or ".join(f"userPrincipalName eq '{name}'" for name in quoted)
        found: dict[str, str | None] = dict.fromkeys(names)
        for row in users(self._client, said):
            name = str(row.get("userPrincipalName") or "").lower()
            if name in found and row.get("id"):
                found[name] = str(row["id"]).lower()
        self._ids.update(found)


def users(client: SharePointClient, matching: str | None = None) -> Iterator[Json]:
    """Everybody with an account, guests included, or those who match a ``$filter``.

    Raises:
        MissingScope: the application may not read users.
        ConnectorError: the directory can't be read.
        SharePointRefused: it won't be.
    """
    query = _Query(select=_SELECTED, filter=matching, top=999)

    def request() -> RequestInformation:
        configuration: RequestConfiguration[_Query] = RequestConfiguration(query_parameters=query)
        return client.graph.users.to_get_request_information(configuration)

    try:
        for page in client.pages(request):
            yield from page.value
    except SharePointRefused as refused:
        if refused.lacks_scope:
            raise MissingScope(
                Source.SHAREPOINT,
                f"users can't be read ({refused.reason})",
                "Grant the application User.Read.All, see docs/sources/sharepoint.md.",
                refused.status,
            ) from None
        raise
