"""Google Drive v3, the Admin SDK Directory and the token endpoint.

``view`` and ``oracle`` read the same rules twice and must not import each other.
"""

from simulator.google import (
    routes_comments,
    routes_directory,
    routes_drives,
    routes_files,
    routes_permissions,
    routes_token,
    routes_writes,
)
from simulator.google.api import API
from simulator.google.company import build
from simulator.google.generated import grow
from simulator.google.ids import user_id
from simulator.google.oracle import BOOKS, documents, readable
from simulator.google.state import GoogleState
from simulator.vendor import Vendor

ROUTES = (
    routes_files,
    routes_permissions,
    routes_drives,
    routes_writes,
    routes_comments,
    routes_directory,
    routes_token,
)
"""The modules that fill `API`."""

VENDOR = Vendor(
    name="google",
    label="Google Workspace",
    state=GoogleState,
    apis=(API,),
    documents=documents,
    readable=readable,
    rules=BOOKS,
    account=lambda _world, person: user_id(person.id),
    company=build,
    grow=grow,
    share=4,
)
