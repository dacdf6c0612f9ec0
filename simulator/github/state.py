"""GitHub's state: look-ups, accounts, and the verbs of `members`, `repos`, `files` and `talk`."""

from __future__ import annotations

from simulator.github.files import FileVerbs
from simulator.github.members import MemberVerbs
from simulator.github.talk import TalkVerbs


class GithubState(MemberVerbs, FileVerbs, TalkVerbs):
    """Organisations, repositories and everything in them."""

    name = "github"
