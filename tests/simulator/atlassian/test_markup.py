from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.atlassian.markup import adf_text, storage_adf, storage_text, to_adf, to_storage
from simulator.confluence.state import ConfluenceState
from simulator.jira.state import JiraState
from simulator.world import World
from tests.simulator.atlassian_schema import document_format

SPACES = 'xmlns:ac="urn:ac" xmlns:ri="urn:ri"'
TEXT = """## Head
A **strong** word, `code`, a [link](https://example.org/a?b=1&c=2) and @ada; mail to x@y.example.
- one
- two < three
1. first
| Name | Value |
| a | `b` |
```py
if a < b: print("]]>")
```
!warning Careful.
"""
line = st.one_of(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30),
    st.sampled_from((*TEXT.splitlines(), "#" * 8, "```", "|", "- ", "!info ", "")),
)


def well_formed(storage):
    return ET.fromstring(f"<r {SPACES}>{storage}</r>")


def test_both_forms_say_the_same():
    storage = to_storage(TEXT)
    tree = well_formed(storage)
    macros = [m.get("{urn:ac}name") for m in tree.iter("{urn:ac}structured-macro")]
    assert macros == ["code", "warning"]
    assert tree.find(".//{urn:ri}user").get("{urn:ri}account-id").startswith("712020:")
    assert [one.text for one in tree.iter("th")] == [None, None]
    assert 'print("]]>")' in "".join(tree.itertext())
    words = adf_text(to_adf(TEXT)).replace("@Ada", "").split()
    assert storage_text(storage).split() == words
    assert [node["type"] for node in to_adf(TEXT)["content"]] == [
        "heading",
        "paragraph",
        "bulletList",
        "orderedList",
        "table",
        "codeBlock",
        "panel",
    ]


@settings(deadline=None)
@given(st.lists(line, max_size=6).map("\n".join))
def test_whatever_is_written_is_well_formed(text):
    well_formed(to_storage(text))


def test_adf_is_as_published():
    judge = document_format()

    @settings(deadline=None, max_examples=40)
    @given(st.lists(line, max_size=6).map("\n".join))
    def check(text):
        judge.validate(to_adf(text))
        judge.validate(storage_adf(to_storage(text)))

    check()


def test_the_company_writes_well():
    judge = document_format()
    world = World.company()
    for content in ConfluenceState.of(world).contents.values():
        well_formed(content.body)
        judge.validate(storage_adf(content.body))
    for comment in ConfluenceState.of(world).comments.values():
        well_formed(comment.body)
    for issue in JiraState.of(world).issues.values():
        for body in (issue.description, *(one.body for one in issue.comments.values())):
            if body is not None:
                judge.validate(body)
