"""What can be wrong with a body.

Errors::

    ChunkingError
    ├── Unparsable       damaged, or its parser failed
    │   └── Encrypted    protected by a password
    └── TooLarge         beyond the limits, packed or unpacked

No message holds a title, an address or text of the document, nor a library's own message, which
might: they end up in logs and run metadata.
"""

from __future__ import annotations


class ChunkingError(Exception):
    """Root of every error that the chunker raises: one document's body gives no passages."""

    def __init__(self, reason: str, remedy: str) -> None:
        """Say what is wrong and what to do, in words that are the same for every such document."""
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        """What is wrong."""
        self.remedy = remedy
        """What an operator or the document's owner can do."""


class Unparsable(ChunkingError):
    """The body is damaged, or its parser failed on it."""


class Encrypted(Unparsable):
    """The body is protected by a password."""


class TooLarge(ChunkingError):
    """The body is, or would unpack to be, larger than the limits allow."""
