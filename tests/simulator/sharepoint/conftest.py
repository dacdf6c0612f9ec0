"""The office, running, with the SDK."""

import pytest

from simulator.embedded import serve
from simulator.sharepoint.ids import HOST
from tests.simulator.sharepoint.worlds import office


@pytest.fixture(scope="module")
def there():
    from tests.simulator.sharepoint.sdk import Office  # Microsoft's SDK takes a second

    with serve(office()) as running:
        yield Office(running)


@pytest.fixture(scope="module")
def ids(there):
    """Ids of the site, drive, folder, list and page that every test uses."""
    sp = there.sp
    site = sp.site("/sites/crew")
    library = next(sp.lists_of(site.id, "documentLibrary"))
    return {
        "web": site.id,
        "site": f"{HOST},{site.collection.id},{site.id}",
        "drive": library.drive,
        "library": library.id,
        "folder": next(i.id for i in sp.items.values() if i.kind == "folder"),
        "plan": next(i.id for i in sp.items.values() if i.name == "plan.docx"),
        "list": next(sp.lists_of(site.id, "genericList")).id,
        "page": next(i.id for i in sp.items.values() if i.title == "Welcome"),
        "draft": next(i.id for i in sp.items.values() if i.title == "Soon"),
    }
