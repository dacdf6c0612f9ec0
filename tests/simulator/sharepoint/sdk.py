"""Microsoft's own SDK on the running simulator: its client, its credentials, and what it used."""

import asyncio
import time
from functools import wraps

import httpx
from azure.core.credentials import AccessToken
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.graph_request_adapter import options
from msgraph_core import GraphClientFactory

from simulator.sharepoint.ids import TENANT
from simulator.sharepoint.state import SharePointState
from tests.simulator.sharepoint.csdl import model


class App:
    """An application's credential: client credentials at the token endpoint."""

    def __init__(self, url, client="indexer", secret="s3cret"):
        self._url, self._client, self._secret = url, client, secret

    def get_token(self, *scopes, **_):
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client,
            "client_secret": self._secret,
            "scope": "https://graph.microsoft.com/.default",
        }
        said = httpx.post(f"{self._url}/entra/{TENANT}/oauth2/v2.0/token", data=form).json()
        return AccessToken(said["access_token"], int(time.time()) + said["expires_in"])


class Someone:
    """A person's credential."""

    def __init__(self, token):
        self._token = token

    def get_token(self, *scopes, **_):
        return AccessToken(self._token, int(time.time()) + 3600)


class Office:
    """The running world, the SDK, and what was answered so far."""

    def __init__(self, running):
        self.running, self.world = running, running.world
        self.sp = SharePointState.of(running.world)
        self.endpoints = set()

    def client(self, credential):
        """The SDK's client: its own factory and adapter with another base URL."""

        async def keep(response):
            await response.aread()
            kind = response.headers.get("content-type", "")
            if model() and kind.startswith("application/json") and response.is_success:
                said = response.json()
                for part in said.get("responses", [{"body": said}]):
                    if "@odata.context" in part.get("body", {}):
                        model().check(part["body"])

        plain = httpx.AsyncClient(event_hooks={"response": [keep]}, timeout=30)
        inner = GraphClientFactory.create_with_default_middleware(client=plain, options=options)
        allowed = AzureIdentityAuthenticationProvider(credential, allowed_hosts=["127.0.0.1"])
        adapter = GraphRequestAdapter(allowed, client=inner)
        adapter.base_url = f"{self.running.url}/graph/v1.0"
        return GraphServiceClient(request_adapter=adapter)

    def ask(self, act, credential=None):
        """Run a coroutine of the SDK's client as the application, or as someone else."""

        async def run():
            return await act(self.client(credential or App(self.running.url)))

        told = len(self.world.requests)
        try:
            return asyncio.run(run())
        finally:
            for line in list(self.world.requests)[told:]:
                self.endpoints.add(line.endpoint)

    def as_person(self, person, act):
        return self.ask(act, Someone(self.world.token_of(person)))


USED = set()
"""Every endpoint that some test says it uses, and is held to."""


def uses(*endpoints):
    """Hold a test to having the SDK ask these endpoints."""

    def keep(test):
        USED.update(endpoints)

        @wraps(test)
        def held(there, ids):
            there.endpoints.clear()
            test(there, ids)
            assert set(endpoints) <= there.endpoints

        return held

    return keep


def query(builder, parameters, **headers):
    """A request configuration with query parameters and headers."""
    made = RequestConfiguration(query_parameters=getattr(builder, parameters[0])(**parameters[1]))
    for name, value in headers.items():
        made.headers.add(name.replace("_", "-"), value)
    return made


def options_for(builder, **parameters):
    name = next(n for n in dir(builder) if n.endswith("QueryParameters"))
    return query(builder, (name, parameters))


def prefer(*words):
    made = RequestConfiguration()
    made.headers.add("Prefer", ", ".join(words))
    return made
