"""Git's smart HTTP protocol (version 0), reading side: what a clone and a fetch need.

https://git-scm.com/docs/http-protocol and https://git-scm.com/docs/pack-protocol
"""

from __future__ import annotations

import gzip
import struct
import zlib
from hashlib import sha1

from simulator.github.git import Commit, Git

_KINDS = {"commit": 1, "tree": 2, "blob": 3}
_CAPABILITIES = "shallow no-progress ofs-delta object-format=sha1 agent=git/github-simulator"
FLUSH = b"0000"


def line(text: str | bytes) -> bytes:
    """One pkt-line."""
    content = text.encode() if isinstance(text, str) else text
    return f"{len(content) + 4:04x}".encode() + content


def advertise(git: Git) -> bytes:
    """The answer to ``GET info/refs?service=git-upload-pack``."""
    head = git.head
    found = [("HEAD", head.sha)] if head else []
    found += [(f"refs/heads/{name}", sha) for name, sha in sorted(git.branches.items())]
    said = f"{_CAPABILITIES} symref=HEAD:refs/heads/{git.default}"
    if not found:
        found, said = [("capabilities^{}", "0" * 40)], _CAPABILITIES
    lines = [line("# service=git-upload-pack\n"), FLUSH]
    for number, (name, sha) in enumerate(found):
        lines.append(line(f"{sha} {name}" + (f"\0{said}\n" if number == 0 else "\n")))
    return b"".join([*lines, FLUSH])


def unpack_request(body: bytes, encoding: str) -> list[bytes]:
    """The request's pkt-lines without line ends; a flush is an empty line.

    Raises:
        ValueError: it is not made of pkt-lines.
    """
    if encoding == "gzip":
        body = gzip.decompress(body)
    found, at = [], 0
    while at < len(body):
        size = int(body[at : at + 4], 16)
        if size in (0, 1):
            found.append(b"")
            at += 4
        elif size < 4:
            raise ValueError("a pkt-line is shorter than its own length")
        else:
            found.append(body[at + 4 : at + size].rstrip(b"\n"))
            at += size
    return found


def upload_pack(git: Git, lines: list[bytes]) -> bytes:
    """The answer to ``POST git-upload-pack``: shallow lines, acknowledgements and the pack."""
    words = [said.decode().split() for said in lines]
    wants = [word[1] for word in words if word[:1] == ["want"]]
    haves = [word[1] for word in words if word[:1] == ["have"] and word[1] in git.commits]
    deepen = next((int(word[1]) for word in words if word[:1] == ["deepen"]), 0)
    if not wants or any(want not in git.commits for want in wants):
        return line("ERR upload-pack: not our ref")
    shallow = {word[1] for word in words if word[:1] == ["shallow"]}
    said = b""
    if deepen:
        edge = _edge(git, wants, deepen)
        inside = {c.sha for c in _reach(git, wants, edge)} - edge
        said = b"".join(line(f"shallow {sha}") for sha in sorted(edge))
        said += b"".join(line(f"unshallow {sha}") for sha in sorted(shallow & inside)) + FLUSH
        shallow = edge
    if b"done" not in lines:
        if not any(word[:1] == ["have"] for word in words):
            return said
        return said + (line(f"ACK {haves[0]}\n") if haves else line("NAK\n"))
    known = set() if deepen else {c.sha for c in git.history(haves)}
    sent = [c for c in _reach(git, wants, shallow) if c.sha not in known]
    held = set(git.objects([git.commits[sha] for sha in haves]))
    answer = line(f"ACK {haves[-1]}\n") if haves else line("NAK\n")
    return said + answer + pack(git, [sha for sha in git.objects(sent) if sha not in held])


def _edge(git: Git, wants: list[str], depth: int) -> set[str]:
    level, seen = set(wants), set(wants)
    for _ in range(depth - 1):
        level = {p for sha in level for p in git.commits[sha].parents} - seen
        seen |= level
    return {sha for sha in seen if any(p not in seen for p in git.commits[sha].parents)}


def _reach(git: Git, wants: list[str], shallow: set[str]) -> list[Commit]:
    found: dict[str, Commit] = {}
    waiting = list(wants)
    while waiting:
        sha = waiting.pop()
        if sha not in found:
            found[sha] = git.commits[sha]
            if sha not in shallow:
                waiting += found[sha].parents
    return list(found.values())


def pack(git: Git, shas: list[str]) -> bytes:
    """A version 2 pack of whole objects."""
    parts = [b"PACK", struct.pack(">II", 2, len(shas))]
    for sha in shas:
        kind, content = git.raw(sha)
        size = len(content)
        first, size = _KINDS[kind] << 4 | size & 15, size >> 4
        header = bytearray()
        while size:
            header.append(first | 128)
            first, size = size & 127, size >> 7
        header.append(first)
        parts += [bytes(header), zlib.compress(content)]
    whole = b"".join(parts)
    return whole + sha1(whole).digest()  # noqa: S324
