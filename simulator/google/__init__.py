"""Google Drive v3, the Admin SDK Directory and the token endpoint."""

from simulator.google import routes_files
from simulator.google.api import API
from simulator.google.company import build
from simulator.google.ids import user_id
from simulator.google.oracle import BOOKS, documents, readable
from simulator.google.state import GoogleState
from simulator.vendor import Vendor

__all__ = ["VENDOR", "routes_files"]

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
)
