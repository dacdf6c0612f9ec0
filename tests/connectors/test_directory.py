from pathlib import Path

import pytest

from access import Evidence, Principal, PrincipalKind, Source
from connectors.directory import DirectoryInvalid, DirectoryMissing, load_directory

GOOD = """\
people:
  - subject: ava@acme.com
    name: Ava
    accounts: {google_drive: AVA@acme.com, github: "7"}
  - subject: sam@partner.example
    name: Sam
    guest: true
    accounts: {google_drive: [sam@acme.com, sam@partner.example]}
groups:
  google_drive:
    - id: Engineering@acme.com
      people: [ava@acme.com]
      users: [svc@acme.com]
      groups: [core@acme.com]
tenants:
  google_drive:
    - {id: acme.com, kind: domain}
  github:
    - {id: org/acme}
"""


def drive(kind: PrincipalKind, id: str) -> Principal:
    return Principal(Source.GOOGLE_DRIVE, kind, id)


def load(tmp_path: Path, text: str):
    path = tmp_path / "directory.yaml"
    path.write_text(text, encoding="utf-8")
    return load_directory(path)


def test_people_accounts_groups_and_tenants(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD)
    ava, sam = found.people
    assert (ava.person.issuer, ava.email, ava.guest, sam.guest) == (
        "directory",
        "ava@acme.com",
        False,
        True,
    )
    assert {k.evidence for k in ava.links} == {Evidence.EXPLICIT}
    page = found.memberships(Source.GOOGLE_DRIVE)
    user = PrincipalKind.USER
    assert page.groups[drive(PrincipalKind.GROUP, "engineering@acme.com")] == {
        drive(user, "ava@acme.com"),
        drive(user, "svc@acme.com"),
        drive(PrincipalKind.GROUP, "core@acme.com"),
    }
    # A guest with an address in the domain is still no member of it.
    assert page.groups[drive(PrincipalKind.DOMAIN, "acme.com")] == {drive(user, "ava@acme.com")}
    assert len(page.links) == 3
    assert found.sources == (Source.GOOGLE_DRIVE, Source.GITHUB)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('github: "7"', "github: 7", 4, "quotes"),
        ('github: "7"', 'git_hub: "7"', 4, "accounts.git_hub"),
        ("guest: true", 'guest: "yes"', 7, "boolean"),
        ("people: [ava@acme.com]", "people: [eve]", 12, "no person 'eve'"),
        ("people: [ava@acme.com]", "peolpe: [ava@acme.com]", 12, "peolpe"),
        ("[sam@acme.com, sam@partner.example]", "ava@acme.com", 8, "already"),
        ("    name: Sam\n", "    name: Sam\n    name: Samuel\n", 7, "stands twice"),
        ("groups: [core@acme.com]", "groups: [engineering@acme.com]", 11, "own member"),
        ("people:\n", "people: [\n", 2, "not YAML"),
        ("subject: sam@partner.example", "subject: ava@acme.com", 5, "stands twice"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(DirectoryInvalid) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert any(at == line and said in what for at, what in caught.value.problems), caught.value


def test_a_person_without_an_account_can_be_no_member(tmp_path: Path) -> None:
    text = GOOD.replace("- {id: org/acme}", "- {id: org/acme, people: [sam@partner.example]}")
    with pytest.raises(DirectoryInvalid, match="guest"):
        load(tmp_path, text)


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "people: 3", "\x00"])
def test_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DirectoryInvalid):
        load(tmp_path, text)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DirectoryMissing, match=r"nowhere\.yaml"):
        load_directory(tmp_path / "nowhere.yaml")
