"""Google's ids: the same for the same thing, in the shapes that Google uses."""

from __future__ import annotations

from hashlib import blake2b


def _digits(text: str, length: int) -> str:
    number = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big")
    return str(number % 10**length).rjust(length, "1")


def user_id(person: str) -> str:
    """The Directory's id of a person: 21 digits."""
    return "1" + _digits(f"user/{person}", 20)


def group_id(group: str) -> str:
    """The Directory's id of a group."""
    return "0" + blake2b(f"group/{group}".encode(), digest_size=7).hexdigest()


def permission_id(kind: str, subject: str, discoverable: bool = True) -> str:
    """The id of a grantee, which is the id of all its permissions."""
    if kind == "anyone":
        return "anyone" if discoverable else "anyoneWithLink"
    if kind == "domain":
        return _digits(f"domain/{subject}", 19) + ("k" if discoverable else "l")
    return _digits(f"{kind}/{subject}", 20)


def root_id(person: str) -> str:
    """The id of a person's My Drive."""
    return "0A" + blake2b(f"root/{person}".encode(), digest_size=8).hexdigest() + "PVA"
