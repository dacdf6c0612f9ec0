"""GitHub's state: look-ups, accounts, and the verbs of its mixins."""

from __future__ import annotations

from simulator.github.discuss import DiscussionVerbs
from simulator.github.files import FileVerbs
from simulator.github.members import MemberVerbs
from simulator.github.talk import TalkVerbs


class GithubState(MemberVerbs, FileVerbs, TalkVerbs, DiscussionVerbs):
    """Organisations, repositories and everything in them."""

    name = "github"
