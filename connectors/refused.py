"""A no to one request, which is no error of the source."""

from __future__ import annotations


class Refused(Exception):
    """A request about one object was answered with a no; what asked decides what that means."""

    def __init__(self, status: int, reason: str = "", remedy: str = ""):
        """Keep the answer.

        Args:
            status: the HTTP status.
            reason: the vendor's reason code, if it has any; never a message, which names things.
            remedy: what to grant, where the vendor says it.
        """
        super().__init__(f"HTTP {status} {reason}".rstrip())
        self.status = status
        self.reason = reason
        self.remedy = remedy
