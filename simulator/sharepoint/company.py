"""What Saltmarsh Instruments keeps in SharePoint: the texts beside this, and who reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulator.sharepoint.state import SharePointState
from simulator.world import World

_TEXTS = Path(__file__).parent / "texts"
_SITES = (
    ("intranet", "", "Saltmarsh", "The front door."),
    ("people", "/sites/people", "People", "Handbook, leave, hiring and pay."),
    ("finance", "/sites/finance", "Finance", "Budget, expenses and the board."),
    ("quality", "/sites/quality", "Quality", "Procedures and certificates."),
    ("field", "/sites/field", "Field operations", "Guides, safety and routes."),
    ("legal", "/sites/legal", "Legal", "Contracts and advice."),
    ("product", "/sites/buoy-next", "Buoy Next", "The nitrate channel."),
    ("security", "/sites/security", "Security", "Policies and incidents."),
    ("customers", "/sites/harbour-board", "Harbour Board", "Shared with the customer."),
)
APP = "saltmarsh-indexer"
APP_SECRET = "simulated"  # noqa: S105
"""Client id and secret of the application that may read everything."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text: where it goes, whose it is and from when."""

    kind: str
    """page, draft, file, item or attach."""
    where: str
    by: str
    at: str
    text: str


@cache
def entries(name: str) -> tuple[Entry, ...]:
    """The texts of a site: parts that begin with ``=== kind | where | by | date``."""
    source = (_TEXTS / f"{name}.md").read_text(encoding="utf-8")
    found = []
    for part in f"\n{source}".split("\n=== ")[1:]:
        head, _, text = part.partition("\n")
        kind, where, by, *rest = (word.strip() for word in head.split("|"))
        at = f"{rest[0]}T09:30:00Z" if rest else ""
        found.append(Entry(kind, where, by, at, text.strip()))
    return tuple(found)


class _Building:
    """One site while it fills."""

    def __init__(self, state: SharePointState, site: str):
        self.state, self.site = state, site
        self.places: dict[str, str] = {}
        """Paths of libraries and folders, titles of lists → ids."""
        self.made: dict[str, str] = {}
        """File names, page and item titles → ids."""

    def add(self, entry: Entry) -> None:
        state, by, at = self.state, entry.by, entry.at
        if entry.kind in ("page", "draft"):
            self.made[entry.where] = state.create_page(
                site=self.site,
                title=entry.where,
                author=by,
                text=entry.text,
                published=entry.kind == "page",
                at=at,
            )
        elif entry.kind == "file":
            path, _, name = entry.where.rpartition("/")
            parent = self._folder(path, by, at)
            self.made[name] = state.create_file(
                parent=parent, name=name, author=by, text=entry.text, at=at
            )
        elif entry.kind == "item":
            fields = dict(line.split(": ", 1) for line in entry.text.splitlines())
            where = self._list(entry.where, by, at)
            self.made[fields["Title"]] = state.create_item(
                list=where, author=by, fields=fields, at=at
            )
        else:
            state.attach(item=self.made[entry.where], name=by, text=entry.text)

    def _folder(self, path: str, by: str, at: str) -> str:
        if path not in self.places:
            above, _, name = path.rpartition("/")
            if above:
                parent = self._folder(above, by, at)
                self.places[path] = self.state.create_folder(
                    parent=parent, name=name, author=by, at=at
                )
            else:
                self.places[path] = self.state.create_library(
                    site=self.site, title=path, author=by, at=at
                )
        return self.places[path]

    def _list(self, title: str, by: str, at: str) -> str:
        if title not in self.places:
            self.places[title] = self.state.create_list(
                site=self.site,
                title=title,
                columns=["Status", "Notes"],
                own_only=title == "Leave requests",
                author=by,
                at=at,
            )
        return self.places[title]

    def group(self, ending: str, *principals: str) -> None:
        """Put principals into the site's Owners, Members or Visitors."""
        title = f"{self.state.site(self.site).title} {ending}"
        for principal in principals:
            self.state.add_to_group(site=self.site, group=title, principal=principal)

    def only(self, where: str, **grants: str) -> None:
        """Break inheritance and leave only these: principal with ``__`` for ``:`` → role."""
        self.state.break_inheritance(target=self[where], copy=False)
        self.also(where, **grants)

    def open(self, where: str, **grants: str) -> None:
        """Break inheritance, keep what was and add these."""
        self.state.break_inheritance(target=self[where])
        self.also(where, **grants)

    def also(self, where: str, **grants: str) -> None:
        """Add grants where inheritance is broken."""
        for name, role in grants.items():
            principal = name.replace("__", ":").replace("_", "-")
            self.state.grant(target=self[where], principal=principal, role=role)

    def __getitem__(self, name: str) -> str:
        return self.places.get(name) or self.made[name]


def _sites(state: SharePointState) -> Iterator[tuple[str, _Building]]:
    for name, path, title, description in _SITES:
        group = "buoy-next" if name == "product" else ""
        site = state.create_site(
            path=path, title=title, group=group, description=description, at="2023-01-02T08:00:00Z"
        )
        building = _Building(state, site)
        for entry in entries(name):
            building.add(entry)
        yield name, building


def build(world: World) -> None:
    """Sites with their texts, permissions, links and a few things that happened since."""
    state = SharePointState.of(world)
    state.register_app(
        client_id=APP,
        secret=APP_SECRET,
        permissions=[
            "Sites.FullControl.All",
            "User.Read.All",
            "GroupMember.Read.All",
            "Member.Read.Hidden",
        ],
    )
    state.create_m365_group(id="buoy-next", name="Buoy Next", owners=["tomas"], hidden=True)
    for member in ("kaya", "hana", "ada", "liam", "ada-lab"):
        state.add_m365_member(group="buoy-next", person=member)
    site = dict(_sites(state))
    _open_sites(site["intranet"], site["people"], site["security"])
    _closed_sites(site["finance"], site["legal"])
    _team_sites(site["quality"], site["field"], site["product"], site["customers"])
    _links(site["finance"], site["legal"], site["quality"], site["customers"])
    _since(state, site["people"], site["field"], site["security"])


def _open_sites(intranet: _Building, people: _Building, security: _Building) -> None:
    intranet.group("Visitors", "eeeu")
    intranet.group("Members", "group:product")
    intranet.state.add_admin(site=intranet.site, principal="user:zoe")

    people.group("Visitors", "eeeu")
    people.group("Members", "group:people-team")
    people.group("Owners", "user:orla")
    people.only("Documents/Compensation", user__orla="Full Control", user__ingrid="Read")
    people.also("Documents/Compensation", user__maeve="Read")
    # Deeper inside, again: Ada and Tomás read this one and nothing beside it.
    people.only("Platform merger note.md", user__orla="Edit", user__ada="Edit", user__tomas="Read")
    people.only("Documents/Recruiting", group__people_team="Edit")
    people.state.share_with(
        item=people["Field technician scorecard.xlsx"], principal="user:padraig"
    )
    people.only("Leave requests", group__people_team="Design", eeeu="Contribute")
    people.only("Open positions", group__people_team="Edit", group__leadership="Read")

    # "Everyone" is not the guests: the tenant was never set to let it cover them.
    security.group("Visitors", "everyone")
    security.group("Owners", "group:security")
    security.only(
        "Documents/Incidents",
        group__security="Full Control",
        user__emil="Read",
        user__dagny="Read",
        user__freya="Contribute",
    )
    security.only("Documents/Access reviews", group__security="Full Control", user__ingrid="Read")


def _closed_sites(finance: _Building, legal: _Building) -> None:
    finance.group("Members", "group:finance", "user:nora")
    finance.group("Owners", "user:ingrid")
    finance.open("Documents/Expenses", eeeu="Read")
    finance.only("Documents/Board", user__ingrid="Full Control", group__board="Read")
    finance.only("Project Heron valuation.xlsx", user__ingrid="Full Control", user__maeve="Read")

    legal.group("Owners", "user:quentin")
    legal.open("Guidance", eeeu="Read")
    legal.open("Contracts/Customers", group__sales="Read")
    legal.only("Privilege", user__quentin="Full Control", user__maeve="Read")
    legal.open("NDA register", group__leadership="Read")
    legal.only("Heron", user__quentin="Full Control", group__board="Read", user__ingrid="Read")
    legal.state.break_inheritance(target=legal["Legal front desk"])
    legal.also("Legal front desk", eeeu="Read")


def _team_sites(
    quality: _Building, field: _Building, product: _Building, customers: _Building
) -> None:
    quality.group("Members", "group:quality")
    quality.group("Visitors", "group:engineering", "group:field-ops")
    quality.only("Certificates", group__quality="Edit", group__sales="Read")
    quality.open("Nonconformities", eeeu="Read")

    # field-ops and field-support hold each other by mistake; both come in.
    field.group("Members", "group:field-ops")
    field.group("Visitors", "group:support")
    field.group("Owners", "user:padraig")

    # The group's owner is no member of it: Tomás comes in as owner of the site.
    product.state.define_role(
        site=product.site, name="Drop box", permissions=["AddListItems", "Open", "ViewFormPages"]
    )
    product.open("Ideas", eeeu="Drop box", user__samir="Contribute")
    product.open("Documents/Design", group__contractors="Contribute")

    customers.group("Members", "group:support", "group:sales")
    customers.group("Visitors", "user:otto")
    customers.only("Documents/Internal", group__support="Edit", group__sales="Edit")
    customers.open("Requests", user__otto="Contribute")


def _links(finance: _Building, legal: _Building, quality: _Building, customers: _Building) -> None:
    state = finance.state
    budget = state.share(
        item=finance["Budget 2026 v3 final.xlsx"], scope="organization", by="ingrid"
    )
    for person in ("padraig", "ada", "sven"):
        state.redeem(link=budget, person=person)
    state.share(
        item=legal["Order 7 dashboard redesign.docx"],
        scope="users",
        people=["petra", "samir", "liam"],
        by="quentin",
        expires="2026-07-15T00:00:00Z",
    )
    # Expired five days before the world begins.
    state.share(
        item=legal["Vigo permit appeal.docx"],
        scope="users",
        people=["padraig", "tess"],
        by="quentin",
        expires="2026-06-10T00:00:00Z",
    )
    state.share(
        item=quality["Harbour Board 2026-03.pdf"], scope="users", people=["otto"], by="marta"
    )
    state.share(
        item=customers["Tide tables summer 2026.csv"],
        scope="anonymous",
        by="una",
        expires="2026-08-31T00:00:00Z",
    )
    # Nobody has opened this one: it is findable for no one but those inside.
    state.share(item=finance["Close checklist.md"], scope="organization", kind="edit", by="rosa")


def _since(
    state: SharePointState, people: _Building, field: _Building, security: _Building
) -> None:
    state.comment(
        item=security["Gateway label 2231.md"],
        author="freya",
        text="Key for the printer, please do not lose it again: gwk_live_7Fq2-Herdla-9981-QmZt",
        at="2026-03-04T15:10:00Z",
    )
    state.comment(
        item=people["Employee handbook 2026.docx"],
        author="viktor",
        text="Do rest days also count after a night at sea, or only after ten hours?",
        at="2026-02-02T11:00:00Z",
    )
    depot = state.create_site(path="vigo", title="Vigo depot", parent=field.site)
    library = state.create_library(site=depot, author="yara")
    state.move(item=field["Service round July 2026.xlsx"], parent=library, by="yara")
    spare = state.create_file(
        parent=people["Documents/Policies"],
        name="Copy of Employee handbook 2026.docx",
        author="pilar",
        text="# Employee handbook 2026\nWorking copy, to be deleted.",
    )
    state.delete(item=spare, by="orla")
    state.rename(
        item=security["Password policy 2022.docx"],
        name="Password policy 2022 (obsolete).docx",
        by="wanda",
    )
