"""A bad day: faults by plan or at random under the seed, each one logged."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.world import World


class FaultKind(StrEnum):
    """What goes wrong."""

    RATE_LIMIT = "rate_limit"
    """429 with Retry-After in seconds (`Fault.as_date` makes it a date)."""
    SECONDARY_LIMIT = "secondary_limit"
    """A rate limit that looks like 403 (GitHub); Retry-After as above."""
    SERVER_ERROR = "server_error"
    """500, 502 or 503, as `Fault.status` says."""
    UNAUTHORIZED = "unauthorized"
    """401 though the token is good."""
    FORBIDDEN = "forbidden"
    """403; use `Fault.match` to hit one object."""
    EXPIRED_CURSOR = "expired_cursor"
    """The cursor in this request is no longer known: the vendor's 410 or 400."""
    RESET = "reset"
    """The connection breaks in the middle of the body."""
    TRUNCATED_JSON = "truncated_json"
    """A whole response whose JSON ends early."""
    SLOW_FIRST_BYTE = "slow_first_byte"
    """`Fault.seconds` pass before the first byte."""
    SLOW_DRIP = "slow_drip"
    """The body comes in small pieces over `Fault.seconds`."""
    REPEATED_PAGE_TOKEN = "repeated_page_token"  # noqa: S105
    """A page names itself as the next one."""
    DUPLICATE_ACROSS_PAGES = "duplicate_across_pages"
    """The last item of a page comes again on the next one."""
    ITEM_MOVES = "item_moves"
    """An item slips to a page already read, so that the listing misses it."""
    CUT_SHORT = "cut_short"
    """A listing ends early and claims to be complete."""
    INCOMPLETE_SEARCH = "incomplete_search"
    """Drive's `incompleteSearch`, with results missing."""
    TRUNCATED_TREE = "truncated_tree"
    """GitHub's `truncated`, with entries missing."""
    SEARCH_LAG = "search_lag"
    """Searches do not find what was written in the last `Fault.seconds` of virtual time."""
    CLOCK_SKEW = "clock_skew"
    """The Date header is off by `Fault.seconds`."""


STATUS_KINDS = (
    FaultKind.RATE_LIMIT,
    FaultKind.SECONDARY_LIMIT,
    FaultKind.SERVER_ERROR,
    FaultKind.UNAUTHORIZED,
    FaultKind.FORBIDDEN,
)
"""Answered by the core before the handler runs."""
WIRE_KINDS = (
    FaultKind.RESET,
    FaultKind.TRUNCATED_JSON,
    FaultKind.SLOW_FIRST_BYTE,
    FaultKind.SLOW_DRIP,
)
"""Done by the core to the finished response."""
LASTING_KINDS = (FaultKind.SEARCH_LAG, FaultKind.CLOCK_SKEW)
"""Conditions rather than events: they hold for every matching call."""


@dataclass(slots=True)
class Fault:
    """One line of a plan: what goes wrong, where, and how often."""

    kind: FaultKind
    vendor: str = "*"
    """A vendor's name or ``*``."""
    endpoint: str = "*"
    """A pattern over endpoint names, such as ``files.*``."""
    match: str = ""
    """A text that the path with its query must hold: one object's id, say."""
    person: str = "*"
    """A caller's person id, ``service``, or ``*``."""
    after: int = 0
    """How many matching calls pass unharmed first."""
    times: int | None = 1
    """How often it strikes; None is for ever."""
    probability: float = 1.0
    """The chance at each matching call, drawn under the world's seed."""
    seconds: float = 1.0
    """For Retry-After, slowness, lag and skew."""
    as_date: bool = False
    """Retry-After as an HTTP date."""
    status: int = 503
    """For `SERVER_ERROR`."""


@dataclass(frozen=True, slots=True)
class Struck:
    """One line of the fault log."""

    number: int
    at: datetime
    kind: FaultKind
    vendor: str
    endpoint: str
    path: str
    who: str


class Faults:
    """The plan, and the log of what struck."""

    def __init__(self, world: World):
        self._world = world
        self.plan: list[Fault] = []
        self.log: list[Struck] = []
        self._rng = random.Random(f"{world.seed}/faults")  # noqa: S311

    def add(self, kind: FaultKind | str, **options: Any) -> Fault:
        """Plan a fault; the options are `Fault`'s fields. Lasting kinds strike for ever."""
        kind = FaultKind(kind)
        if kind in LASTING_KINDS:
            options.setdefault("times", None)
        fault = Fault(kind, **options)
        self.plan.append(fault)
        return fault

    def bad_day(self, rate: float = 0.02, vendor: str = "*", seconds: float = 0.2) -> None:
        """Plan every kind at random: each strikes about `rate` of the calls that it could."""
        for kind in FaultKind:
            if kind not in LASTING_KINDS:
                self.add(kind, vendor=vendor, probability=rate, times=None, seconds=seconds)

    def clear(self) -> None:
        """Forget the plan; the log stays."""
        self.plan.clear()

    def strike(
        self, kinds: tuple[FaultKind, ...], vendor: str, endpoint: str, path: str, who: str
    ) -> Fault | None:
        """The first planned fault of `kinds` that hits this call, now logged; None if spared."""
        if not self.plan:
            return None
        for fault in self.plan:
            if (
                fault.kind not in kinds
                or fault.times == 0
                or fault.vendor not in ("*", vendor)
                or fault.person not in ("*", who)
                or not fnmatchcase(endpoint, fault.endpoint)
                or fault.match not in path
            ):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.probability < 1 and self._rng.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
            self.log.append(
                Struck(len(self.log), self._world.now(), fault.kind, vendor, endpoint, path, who)
            )
            return fault
        return None

    def struck(self, kind: FaultKind | None = None) -> list[Struck]:
        """What happened, or what of one kind did."""
        return [line for line in self.log if kind is None or line.kind == kind]

    def described(self) -> dict[str, Any]:
        """The plan and the log as JSON values."""
        log = [asdict(line) | {"at": line.at.isoformat()} for line in self.log]
        return {"plan": [asdict(fault) for fault in self.plan], "log": log}
