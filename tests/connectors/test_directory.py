import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from access import Evidence, Principal, PrincipalKind, Source
from connectors.directory import DirectoryInvalid, DirectoryMissing, directory_of, load_directory
from connectors.directory.schema import GroupEntry, PersonEntry
from tests.fixtures.unprivileged import unprivileged

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

_KEY = (
    st.sampled_from(
        (*PersonEntry.model_fields, *GroupEntry.model_fields, "github", "gdrive", "nmae", "7")
    )
    | st.integers(0, 9)
    | st.sampled_from((True, None, 1.5, "a\nb", "[key]", ""))
)


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
        ('github: "7"', 'git_hub: "7"', 4, "people #1.accounts.git_hub: there is no source"),
        (
            "guest: true",
            'guest: "yes"',
            7,
            "people #2.guest: it is text, and must be true or false",
        ),
        ("people: [ava@acme.com]", "people: [eve]", 12, "no person 'eve'"),
        (
            "people: [ava@acme.com]",
            "peolpe: [ava@acme.com]",
            12,
            "no 'peolpe' (is 'people' meant?)",
        ),
        ("- {id: org/acme}", "- {name: all}", 19, "it is missing: a tenant needs 'id'"),
        ("- {id: org/acme}", "- org/acme", 19, "must be a tenant: keys with values"),
        ("kind: domain", "kind: team", 17, "'tenant' or 'domain'"),
        ("users: [svc@acme.com]", "users: svc@acme.com", 13, "it is text, and must be a list"),
        ("users: [svc@acme.com]", "users: [7]", 13, "users #1: it is a number, and must be text"),
        ("    name: Sam\n", "", 5, "people #2.name: it is missing: a person needs 'name'"),
        ("name: Sam", 'name: ""', 6, "it is empty"),
        ("  github:\n", "  gtihub:\n", 19, "no source 'gtihub' (is 'github' meant?)"),
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


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("7", "7"),
        ("0", "0"),
        ("0x7", "7"),
        ("yes", "True"),
        ("1.5", "1.5"),
        ("null", "None"),
        ("2024-01-01", "2024-01-01"),
        (r'"a\nb"', r"'a\nb'"),
        ('"a b"', "'a b'"),
        ('"[key]"', "'[key]'"),
    ],
)
@pytest.mark.parametrize(
    ("before", "indent", "place"),
    [
        ("", "", ""),
        ("  - subject: ava\n    name: Ava\n", "    ", "people #1."),
        ("  - subject: ava\n    name: Ava\n    accounts:\n", "      ", "people #1.accounts."),
    ],
)
def test_a_key_that_is_no_word_is_told_on_its_line(
    tmp_path: Path, key: str, told: str, before: str, indent: str, place: str
) -> None:
    text = f"people:\n{before}{indent}{key}: x\n" if before else f"people: []\n{key}: x\n"
    with pytest.raises(DirectoryInvalid) as caught:
        load(tmp_path, text)
    (line, what), *_ = caught.value.problems
    assert line == text.count("\n")
    assert what.startswith(f"{place}{told}: "), what
    assert len(str(caught.value).splitlines()) == len(caught.value.problems)
    assert "there are " in what


@pytest.mark.parametrize(
    "text", ["people: &a\n  - *a\n", "people:\n  - &a {subject: *a}\n", "people: " + "[" * 3_000]
)
def test_what_has_no_end_is_nested_too_deeply(tmp_path: Path, text: str) -> None:
    with pytest.raises(DirectoryInvalid, match=r"directory\.yaml:1: nested too deeply: "):
        load(tmp_path, text)


def test_a_person_without_an_account_can_be_no_member(tmp_path: Path) -> None:
    text = GOOD.replace("- {id: org/acme}", "- {id: org/acme, people: [sam@partner.example]}")
    with pytest.raises(DirectoryInvalid, match="guest"):
        load(tmp_path, text)


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 9)
    | st.dates()
    | st.sampled_from(["", "ava", "a@b.c"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEY, inner, max_size=4),
    max_leaves=12,
)


@example({"people": {"7": None, 7: None}})
@given(st.dictionaries(st.sampled_from(["people", "groups", "tenants", "peple"]), _ANYTHING))
def test_nothing_is_said_in_the_words_of_a_library(said: dict[str, object]) -> None:
    try:
        directory_of(Path("directory.yaml"), yaml.safe_dump(said))
    except DirectoryInvalid as error:
        told = str(error)
    else:
        return
    assert not re.search(
        "Input should|Keys should|Extra inputs|Field required|valid |pydantic|<Source", told
    )
    assert all(re.match(r"directory\.yaml:\d+: .+: .", line) for line in told.splitlines())


def test_a_file_of_somebody_else_says_so(tmp_path: Path) -> None:
    path = tmp_path / "directory.yaml"
    path.mkdir()
    with pytest.raises(DirectoryMissing, match="set BAILIWICK_DIRECTORY to a file"):
        load_directory(path)
    path.rmdir()
    path.write_text(GOOD)
    path.chmod(0)
    with unprivileged(), pytest.raises(DirectoryMissing, match="may not be read by this account"):
        load_directory(path)


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "people: 3", "\x00"])
def test_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DirectoryInvalid):
        load(tmp_path, text)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DirectoryMissing, match=r"nowhere\.yaml"):
        load_directory(tmp_path / "nowhere.yaml")
