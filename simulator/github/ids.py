"""GitHub's ids: plain numbers, and the opaque node ids that GraphQL and REST both show."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b

_PREFIXES = {
    "U": "User",
    "BOT": "Bot",
    "O": "Organization",
    "E": "Enterprise",
    "T": "Team",
    "R": "Repository",
    "LA": "Label",
    "I": "Issue",
    "IC": "IssueComment",
    "PR": "PullRequest",
    "PRR": "PullRequestReview",
    "PRRC": "PullRequestReviewComment",
    "D": "Discussion",
    "DC": "DiscussionComment",
    "DIC": "DiscussionCategory",
    "EI": "ExternalIdentity",
}
_OF_TYPE = {kind: prefix for prefix, kind in _PREFIXES.items()}
_MARK = "_kwDO"
BOT, BOT_ID = "saltmarsh-sync[bot]", 41_898_282
"""The app that the service token belongs to, as an author."""
GHOST = 10137
"""The id of the account that stands in for deleted ones."""


def account_id(person: str) -> int:
    """The number of a person's account: eight digits, the same for ever."""
    return (
        20_000_000
        + int.from_bytes(blake2b(f"user/{person}".encode(), digest_size=8).digest(), "big")
        % 70_000_000
    )


def node_id(kind: str, number: int) -> str:
    """The node id of an object of a GraphQL type.

    Raises:
        KeyError: there is no such type here.
    """
    packed = base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")
    return f"{_OF_TYPE[kind]}{_MARK}{packed}"


def git_node_id(prefix: str, repo: int, sha: str) -> str:
    """The node id of a commit, tree, blob or ref: it holds its repository and its name."""
    packed = base64.urlsafe_b64encode(f"{repo}:{sha}".encode()).decode().rstrip("=")
    return f"{prefix}{_MARK}{packed}"


def read_node_id(text: str) -> tuple[str, int] | None:
    """The type and number that `node_id` put together; None for anything else."""
    prefix, _, packed = text.partition(_MARK)
    if prefix not in _PREFIXES or len(packed) != 11:
        return None
    try:
        return _PREFIXES[prefix], int.from_bytes(base64.urlsafe_b64decode(packed + "="), "big")
    except (binascii.Error, ValueError):
        return None
