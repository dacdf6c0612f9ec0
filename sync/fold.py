"""One page of changes, folded to what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from access import AccessControl
from catalog.failures import Failure
from corpus import Change, Container, Delete, Document, Failed, Reacl, Upsert


@dataclass(slots=True)
class Folded:
    """The outcome of a page's changes, each document in one place only, failures apart."""

    upserts: dict[str, Document] = field(default_factory=dict)
    access: dict[str, AccessControl] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    """Of those in `access` that are in a part of the container, its name."""
    deletes: set[str] = field(default_factory=set)
    failures: dict[str, Failed] = field(default_factory=dict)

    def failed(self, container: Container, stage: str) -> list[Failure]:
        """The failures as the catalog keeps them."""
        return [
            Failure(
                container.source, container.id, each.document_id, stage, each.reason, each.remedy
            )
            for each in self.failures.values()
        ]


def fold(changes: Iterable[Change]) -> Folded:
    """Apply changes in their order: of two about one document the later counts."""
    folded = Folded()
    for change in changes:
        match change:
            case Upsert(document):
                folded.upserts[document.id] = document
                folded.access.pop(document.id, None)
                folded.deletes.discard(document.id)
                folded.failures.pop(document.id, None)
            case Delete(name):
                folded.upserts.pop(name, None)
                folded.access.pop(name, None)
                folded.failures.pop(name, None)
                folded.deletes.add(name)
            case Reacl(name, access, part) if name in folded.upserts:
                part = part or folded.upserts[name].part
                folded.upserts[name] = replace(folded.upserts[name], access=access, part=part)
            case Reacl(name, access, part):
                folded.access[name] = access
                if part:
                    folded.parts[name] = part
                folded.deletes.discard(name)
            case Failed(name):
                folded.failures[name] = change
    return folded
