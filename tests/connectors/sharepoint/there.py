"""A small company at the simulator, and the connector that reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.sharepoint.connector import SharePointConnector
from connectors.sharepoint.settings import SharePointSettings
from corpus import Change, Container, Cursor, Delete, Document, Page, Upsert
from simulator.embedded import Running
from simulator.sharepoint.ids import TENANT, site_id
from simulator.sharepoint.state import SharePointState
from simulator.world import World
from tests.simulator.sharepoint.worlds import cast

AUDIENCE = "https://graph.microsoft.com"
ALL = ["Sites.FullControl.All", "User.Read.All", "GroupMember.Read.All", "Member.Read.Hidden"]


def settings(url: str, **more: object) -> SharePointSettings:
    values: dict[str, object] = {
        "tenant": TENANT,
        "client_id": "sync",
        "client_secret": "s3cret",
        "authority": f"{url}/entra",
        "graph_root": f"{url}/graph",
        "graph_audience": AUDIENCE,
        **more,
    }
    return SharePointSettings(_env_file=None, **values)  # type: ignore[arg-type]


@dataclass
class There:
    """A team site with a library, a list and pages, and a connector to it."""

    running: Running
    state: SharePointState
    made: dict[str, str]
    slept: list[float] = field(default_factory=list)
    stored: dict[str, str] = field(default_factory=dict)
    """Versions by document, as a catalog would keep them."""

    def connector(self, **more: object) -> SharePointConnector:
        world = self.running.world

        def sleep(seconds: float) -> None:
            self.slept.append(seconds)
            world.time.advance(seconds=seconds)

        return SharePointConnector(settings(self.running.url, **more), sleep=sleep, now=world.now)

    def container(self, connector: SharePointConnector, site: str = "team") -> Container:
        web = self.state.sites[self.made[site]]
        wanted = site_id(web.collection.id, web.id)
        (found,) = [each for each in connector.containers() if each.id == wanted]
        return found

    def read(
        self, connector: SharePointConnector, since: Cursor | None = None, site: str = "team"
    ) -> list[Page]:
        """One pass, with what it told kept as a catalog would."""
        container = self.container(connector, site)
        self.running.world.requests.clear()
        pages = list(connector.changes(container, since, self.known))
        for change in changes(pages):
            if isinstance(change, Upsert):
                self.stored[change.document.id] = change.document.version
            elif isinstance(change, Delete):
                del self.stored[change.document_id]
        return pages

    def known(self, ids: Sequence[str]) -> Mapping[str, str]:
        return {id: self.stored[id] for id in ids if id in self.stored}

    def asked(self) -> Counter[str]:
        return Counter(each.endpoint for each in self.running.world.requests)

    def fault(self, kind: str, **options: object) -> None:
        self.running.world.faults.add(kind, vendor="sharepoint", **options)


def settled(pages: Sequence[Page]) -> Cursor:
    """Where a pass ended, once what it asked for was compared."""
    cursor = pages[-1].cursor
    return replace(cursor, doubted=cursor.doubted - pages[-1].compare)


def changes(pages: Sequence[Page]) -> list[Change]:
    return [change for page in pages for change in page.changes]


def documents(pages: Sequence[Page]) -> dict[str, Document]:
    return {c.document.id: c.document for c in changes(pages) if isinstance(c, Upsert)}


def office() -> tuple[World, SharePointState, dict[str, str]]:
    world = World(11)
    cast(world)
    sp = SharePointState.of(world)
    sp.register_app(client_id="sync", secret="s3cret", permissions=ALL)
    team = sp.create_site(path="/sites/team", title="Team")
    made = {"team": team, "lab": sp.create_site(path="lab", title="Lab", parent=team)}
    made["library"] = sp.create_library(site=team, author="ana")
    made["other"] = sp.create_library(site=team, title="Archive", author="ana")
    made["folder"] = sp.create_folder(parent=made["library"], name="Plans & drafts", author="ana")
    made["inner"] = sp.create_folder(parent=made["folder"], name="Inner", author="ana")
    for name, parent in (
        ("plan.docx", "folder"),
        ("costs.xlsx", "inner"),
        ("notes.md", "library"),
        ("photo.png", "library"),
    ):
        made[name] = sp.create_file(
            parent=made[parent], name=name, author="ana", text=f"# {name}\n\nTide tables."
        )
    made["list"] = sp.create_list(site=team, title="Risks", columns=["Severity", "Notes"])
    made["risk"] = sp.create_item(
        list=made["list"],
        author="ana",
        fields={"Title": "Flood", "Severity": "High", "Notes": "Watch <it>\nand act."},
    )
    sp.attach(item=made["risk"], name="it's evidence.txt", text="It rained.")
    sp.attach(item=made["risk"], name="photo.jpg", text="pixels")
    sp.comment(item=made["risk"], author="ben", text="The password is swordfish-9.")
    made["calm"] = sp.create_item(list=made["list"], author="ben", fields={"Title": "Calm"})
    text = "# Tides\n\nRead this.\n\n!links | Start | Plans > https://saltmarsh.example/plans"
    made["page"] = sp.create_page(
        site=team, title="Welcome", author="ana", text=f"{text}\n---\nSecond part."
    )
    return world, sp, made


def nothing(ids: Sequence[str]) -> Mapping[str, str]:
    return {}
