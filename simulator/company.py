"""Saltmarsh Instruments: who works there and in which groups.

It makes buoys that measure water quality, the firmware inside them and the cloud that shows
the readings; forty people in Galway, Bergen and Vigo. Each vendor's ``company.py`` adds what
these people wrote there.
"""

from __future__ import annotations

from itertools import islice

from simulator import scale as generated
from simulator.oracle import documents
from simulator.vendor import vendors
from simulator.world import World

_PEOPLE = """
maeve | Maeve Corrigan | Chief executive
tomas | Tomás Iglesias | Chief technology officer
ingrid | Ingrid Solheim | Chief financial officer
padraig | Pádraig Walsh | Head of field operations
ada | Ada Byrne | Head of platform engineering
bruno | Bruno Carvalho | Platform engineer
chidi | Chidi Okafor | Platform engineer
dagny | Dagny Lien | Site reliability engineer
emil | Emil Haugen | Firmware lead
freya | Freya Nygaard | Firmware engineer
gael | Gael Pereira | Firmware engineer
hana | Hana Kobayashi | Data scientist
ivo | Ivo Marković | Data engineer
jonas | Jonas Berg | Cloud engineer
kaya | Kaya Demir | Product manager
liam | Liam Fahy | Designer
marta | Marta Otero | Head of quality
nils | Nils Aas | Calibration technician
orla | Orla Keane | Head of people
pilar | Pilar Vázquez | Recruiter
quentin | Quentin Moreau | Legal counsel
rosa | Rosa Lema | Accountant
sven | Sven Dahl | Head of sales
tess | Tess Molloy | Account executive
una | Una Brennan | Customer support lead
viktor | Viktor Holm | Support engineer
wanda | Wanda Nowak | Security engineer
xavi | Xavi Pons | Field technician
yara | Yara Haddad | Field technician
zoe | Zoë Lindqvist | Technical writer
"""

_GROUPS: dict[str, tuple[str, ...]] = {
    "leadership": ("maeve", "tomas", "ingrid", "padraig", "sven", "orla"),
    "platform": ("ada", "bruno", "chidi", "dagny"),
    "firmware": ("emil", "freya", "gael", "kurt"),
    "data": ("hana", "ivo"),
    "cloud": ("jonas", "dagny", "bruno"),
    "engineering": ("tomas",),
    "on-call": ("dagny", "jonas"),
    "product": ("kaya", "liam", "zoe"),
    "quality": ("marta", "nils"),
    "people-team": ("orla", "pilar"),
    "finance": ("ingrid", "rosa"),
    "legal": ("quentin",),
    "sales": ("sven", "tess"),
    "support": ("una", "viktor"),
    "security": ("wanda",),
    "field-crew": ("xavi", "yara"),
    "field-ops": ("padraig",),
    "field-support": ("viktor",),
    "contractors": ("petra", "samir"),
    "board": ("maeve", "helga"),
    "everyone": (),
}
_NESTED = (
    ("engineering", "platform"),
    ("engineering", "firmware"),
    ("engineering", "data"),
    ("engineering", "cloud"),
    ("engineering", "quality"),
    ("field-ops", "field-crew"),
    # A cycle by mistake: each of the two was put into the other.
    ("field-ops", "field-support"),
    ("field-support", "field-ops"),
    ("everyone", "leadership"),
    ("everyone", "engineering"),
    ("everyone", "product"),
    ("everyone", "people-team"),
    ("everyone", "finance"),
    ("everyone", "legal"),
    ("everyone", "sales"),
    ("everyone", "support"),
    ("everyone", "security"),
    # Dagny comes into "everyone" by platform, by cloud and by on-call.
    ("everyone", "on-call"),
    ("everyone", "field-ops"),
)


def cast(world: World) -> None:
    """People, groups, and what happened to some of them."""
    directory = world.directory
    for line in _PEOPLE.strip().splitlines():
        person, name, title = (part.strip() for part in line.split("|"))
        hidden = person in ("wanda", "ivo")
        directory.add_person(
            id=person,
            name=name,
            title=title,
            email_hidden=hidden,
            email=f"{person}@{directory.domain}",
        )
    directory.add_person(
        id="ada-lab",
        name="Ada Byrne (lab)",
        email="ada.lab@saltmarsh.example",
        same_as="ada",
        title="Second account of Ada Byrne",
    )
    directory.add_person(id="kurt", name="Kurt Brandt", title="Firmware engineer, left in May")
    directory.add_person(id="nora", name="Nora Quinn", title="Former accountant")
    directory.add_person(
        id="petra",
        name="Petra Wolff",
        email="petra@brightwell.example",
        guest=True,
        title="Contract designer, Brightwell",
    )
    directory.add_person(
        id="samir",
        name="Samir Rao",
        email="samir@brightwell.example",
        guest=True,
        title="Contract developer, Brightwell",
    )
    directory.add_person(
        id="helga",
        name="Helga Storm",
        email="helga@fjordcapital.example",
        guest=True,
        title="Board member, Fjord Capital",
    )
    directory.add_person(
        id="otto",
        name="Otto Kranz",
        email="otto@harbourboard.example",
        guest=True,
        title="Customer, Harbour Board",
    )
    for group, members in _GROUPS.items():
        directory.create_group(id=group)
        for member in members:
            owns = member == members[0] and group != "contractors"
            directory.add_member(group=group, person=member, role="OWNER" if owns else "MEMBER")
    for group, child in _NESTED:
        directory.nest(group=group, child=child)
    # Tess married in March: a new surname and address, the old one still delivers.
    directory.rename_person(
        person="tess", name="Tess Garvey", email="tess.garvey@saltmarsh.example"
    )


def departures(world: World) -> None:
    """Those who left, once their documents are written."""
    world.directory.deactivate(person="kurt")
    world.directory.delete_person(person="nora")


def build(world: World, scale: int = 0) -> None:
    """The company, and generated documents up to `scale`."""
    cast(world)
    for vendor in vendors():
        vendor.company(world)
    departures(world)
    if scale:
        written = sum(1 for _ in islice(documents(world), scale))
        if scale > max(written, 300):
            generated.grow(world, scale - written)
