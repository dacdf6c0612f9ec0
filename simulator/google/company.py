"""What Saltmarsh Instruments keeps in Google Drive: the texts are in ``documents/``.

Each file there is a row of entries that begin with ``%%%%``: header lines, a blank line, and
the text. ``drive``, ``folder`` or ``name`` says what the entry is; ``in`` is a path that begins
with a shared drive's name or with ``~`` and a person; ``share`` is a type, a subject, a role and
perhaps ``until`` a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from simulator.google.formats import CSV, DOCX, MARKDOWN, PDF, PPTX, XLSX
from simulator.google.objects import DOC, FOLDER, SHEET, SHORTCUT, SLIDES
from simulator.google.state import GoogleState
from simulator.world import World

_KINDS = {
    "": DOC, "sheet": SHEET, "slides": SLIDES, "docx": DOCX, "xlsx": XLSX, "pptx": PPTX,
    "pdf": PDF, "markdown": MARKDOWN, "csv": CSV, "shortcut": SHORTCUT,
}  # fmt: skip
_ORDER = ("company", "engineering", "finance", "field", "customers", "people")
_ADMIN = "wanda"


class _Entry:
    """One entry: its header, where a key may come again, and its text."""

    def __init__(self, source: str):
        head, _, self.text = source.strip("\n").partition("\n\n")
        self.lines = [line.partition(": ")[::2] for line in head.splitlines()]

    def one(self, key: str) -> str:
        return next((value for name, value in self.lines if name == key), "")

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.lines if name == key]


def _entries() -> Iterator[_Entry]:
    folder = files("simulator.google") / "documents"
    for name in _ORDER:
        whole = (folder / f"{name}.txt").read_text(encoding="utf-8")
        for source in whole.split("%%%%\n")[1:]:
            yield _Entry(source)


def build(world: World) -> None:
    """Shared drives and My Drives."""
    state = GoogleState.of(world)
    state.make_admin(person=_ADMIN)
    places: dict[str, str] = {}
    named: dict[str, str] = {}
    for entry in _entries():
        owner, at = entry.one("owner"), entry.one("at")
        drive = entry.one("drive")
        if drive:
            places[drive] = state.create_drive(name=drive, organizer=owner, at=at)
            for line in entry.all("member"):
                kind, subject, role = line.split()
                state.add_drive_member(drive=places[drive], subject=subject, role=role, type=kind)
            continue
        folder = entry.one("folder")
        path, _, leaf = folder.rpartition("/") if folder else ("", "", "")
        parent = _place(places, path or entry.one("in"))
        made = state.create(
            name=leaf or entry.one("name"),
            owner=owner,
            mime=FOLDER if folder else _KINDS.get(entry.one("kind"), entry.one("kind")),
            parent=parent,
            text=entry.text + "\n" if entry.text else "",
            target=named[entry.one("target")] if entry.one("target") else "",
            at=at,
        )
        if folder:
            places[folder] = made
        named.setdefault(entry.one("name"), made)
        _treat(state, made, entry)


def _place(places: dict[str, str], path: str) -> str:
    """The id of a folder or drive; empty for a person's own My Drive."""
    return "" if path.startswith("~") and "/" not in path else places[path]


def _treat(state: GoogleState, file: str, entry: _Entry) -> None:
    """What happened to the file after it was made."""
    for line in entry.all("share"):
        grant, _, until = line.partition(" until ")
        kind, *rest = grant.split()
        if kind in ("domain", "anyone"):
            domain = state.world.directory.domain if kind == "domain" else ""
            state.share(file=file, type=kind, subject=domain, discoverable="discoverable" in rest)
        else:
            subject, role = rest
            state.share(file=file, type=kind, subject=subject, role=role, expires=until)
    for line in entry.all("published"):
        kind, subject = line.split()
        state.share(file=file, type=kind, subject=subject, view="published")
    said = ""
    for name, line in entry.lines:
        author, _, text = line.partition(": ")
        if name == "comment":
            said = state.comment(file=file, author=author, text=text)
        elif name == "reply":
            state.reply(file=file, comment=said, author=author, text=text)
    if entry.one("edited"):
        state.edit(file=file, text=entry.text + "\n", at=entry.one("edited"))
    if entry.one("limited"):
        state.limit(folder=file)
    if entry.one("trashed"):
        state.trash(file=file)
