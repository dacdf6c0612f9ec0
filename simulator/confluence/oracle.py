"""Who may read what in Confluence, from Atlassian's documentation.

A document is a page or a blog post; comments and attachments are read by whoever reads what
they are on.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.confluence.objects import Content, Restriction, SpacePermission
from simulator.confluence.state import ConfluenceState
from simulator.oracle import Document, Rules, groups_holding
from simulator.people import Person
from simulator.world import World

_REST = "https://developer.atlassian.com/cloud/confluence/rest"
_SPACE = f"{_REST}/v2/api-group-space-permissions/"
_VIEW = f"{_REST}/v2/api-group-page/#api-pages-id-get"
_TRASH = f"{_REST}/v1/api-group-content/#api-wiki-rest-api-content-id-delete"
_ACCESS = f"{_REST}/v1/api-group-space/#api-wiki-rest-api-space-get"
_ANONYMOUS = (
    "https://community.atlassian.com/forums/Confluence-Cloud-Admins-articles/"
    "Introducing-a-new-level-of-control-over-anonymous-access-in/ba-p/3236776"
)
_RESTRICT = "https://support.atlassian.com/confluence-cloud/docs/add-or-remove-page-restrictions/"
_SIGN_IN = "https://confluence.atlassian.com/cloud/deactivate-a-managed-account-961259517.html"
_DRAFTS = "https://confluence.atlassian.com/conf60/drafts-852731435.html"
_GROUPS = "https://support.atlassian.com/provisioning-users/docs/what-are-nested-groups"
_FACT = "knowledge/sources.md section 5: effective read"

SPACE = Rules("confluence: a space permission speaks of this person")
NAMED = Rules("confluence: a restriction admits this person")
READING = Rules("confluence: the content is there to be read", every=True)
BOOKS = (SPACE, NAMED, READING)


@SPACE.rule(_SPACE)
def space_names_user(world: World, person: Person, held: SpacePermission) -> bool:
    """View permission of a user."""
    return held.type == "user" and held.subject == person.id


@SPACE.rule(_GROUPS)
def space_names_group(world: World, person: Person, held: SpacePermission) -> bool:
    """View permission of a group; nested groups are flattened into it."""
    return held.type == "group" and held.subject in groups_holding(world, person.id)


@SPACE.rule(_ANONYMOUS)
def space_is_public(world: World, person: Person, held: SpacePermission) -> bool:
    """View permission of everybody, where the site lets anonymous people in."""
    return held.type == "anonymous" and ConfluenceState.of(world).anonymous


@NAMED.rule(_RESTRICT)
def not_restricted(world: World, person: Person, held: Restriction) -> bool:
    """Without a view restriction everyone with access to the space may read."""
    return len(held.users) + len(held.groups) == 0


@NAMED.rule(_RESTRICT)
def restricted_to_user(world: World, person: Person, held: Restriction) -> bool:
    """A view restriction names the person."""
    return person.id in held.users


@NAMED.rule(_RESTRICT)
def restricted_to_group(world: World, person: Person, held: Restriction) -> bool:
    """A view restriction names a group of the person."""
    return not groups_holding(world, person.id).isdisjoint(held.groups)


@READING.rule(_SIGN_IN)
def account_can_sign_in(world: World, person: Person, content: Content) -> bool:
    """Deactivated and deleted accounts read nothing."""
    return person.active and not person.deleted


@READING.rule(_ACCESS)
def has_the_product(world: World, person: Person, content: Content) -> bool:
    """Without the global permission "Can use", nothing a space grants is of use."""
    access = ConfluenceState.of(world).access
    return any(group in access for group in groups_holding(world, person.id))


@READING.rule(_TRASH)
def not_in_trash(world: World, person: Person, content: Content) -> bool:
    """What is in the trash is no document any more."""
    return content.status != "trashed"


@READING.rule(_DRAFTS)
def drafts_are_the_authors(world: World, person: Person, content: Content) -> bool:
    """A draft is its author's until published; others would need its address, listed nowhere."""
    return content.status != "draft" or content.author == person.id


@READING.rule(_VIEW)
def space_lets_view(world: World, person: Person, content: Content) -> bool:
    """The permission to view the space is needed for everything in it."""
    space = ConfluenceState.of(world).spaces[content.space]
    return any(
        held.operation == "read" and held.target == "space" and SPACE.hold(world, person, held)
        for held in space.permissions.values()
    )


@READING.rule(_FACT)
def every_ancestor_admits(world: World, person: Person, content: Content) -> bool:
    """View restrictions are inherited: each one above must admit the person as well."""
    state, above = ConfluenceState.of(world), content.parent
    while above:
        page = state.contents[above]
        if not NAMED.hold(world, person, page.restriction("read")):
            return False
        above = page.parent
    return True


@READING.rule(_RESTRICT)
def own_restriction_admits(world: World, person: Person, content: Content) -> bool:
    """So must its own; one on editing takes nobody's right to view."""
    return NAMED.hold(world, person, content.restriction("read"))


def readable(world: World, person: Person, document: str) -> bool:
    """Whether `person` may read the page or blog post."""
    content = ConfluenceState.of(world).contents.get(document)
    return content is not None and READING.hold(world, person, content)


def documents(world: World) -> Iterator[Document]:
    """Every page and blog post: archived ones, drafts and those in the trash included."""
    state = ConfluenceState.of(world)
    for content in state.contents.values():
        yield Document("confluence", content.id, content.title, state.spaces[content.space].key)
