"""A world: one company at five vendors, under one seed and one clock."""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from simulator.clock import START, Clock, parse, rfc3339
from simulator.directory import Directory
from simulator.faults import Faults
from simulator.people import Person
from simulator.vendor import vendors
from simulator.verbs import State, VendorState, VerbError, verb

R = TypeVar("R")
_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Token:
    """What a bearer of one token is."""

    person: str = ""
    """The id of the person it speaks for; empty for a service."""
    service: bool = False
    """An administrator or app-only credential that sees everything of `vendor`."""
    vendor: str = ""
    """The only vendor that accepts it; empty for all."""
    scopes: tuple[str, ...] = ()
    """What it was granted, in the vendor's words; empty when not limited."""
    expires: datetime | None = None
    """When it stops working, by the world's clock; None for never."""


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the request log."""

    at: datetime
    vendor: str
    endpoint: str
    method: str
    path: str
    status: int
    who: str
    fault: str


class Time(State):
    """The clock's verbs."""

    name = "clock"

    @verb
    def advance(self, seconds: float) -> str:
        """Let `seconds` pass; tells the new time."""
        return rfc3339(self.world.clock.advance(seconds))


class World:
    """Everything: people, five vendors' states, the clock, the faults and the verb log."""

    def __init__(self, seed: int = 7, *, start: datetime = START, ticking: bool = False):
        """An empty world with no one in it.

        Args:
            seed: decides every id and every random fault.
            start: the first instant, aware.
            ticking: whether the wall clock moves the virtual one; else only verbs do.
        """
        self.seed, self.base, self.scale = seed, "empty", 0
        self.start = start
        self.clock = Clock(start, ticking=ticking)
        self.lock = threading.RLock()
        self.rng = random.Random(f"{seed}/start")  # noqa: S311
        self.faults = Faults(self)
        self.log: list[dict[str, Any]] = []
        """Verbs since the base was built: ``{"at", "verb", "args"}``."""
        self.requests: deque[Request] = deque(maxlen=2000)
        self.tokens: dict[str, Token] = {}
        self._depth, self._count, self._logging = 0, 0, True
        self.states: dict[str, VendorState] = {}
        self.directory = Directory(self)
        self.time = Time(self)
        for vendor in vendors():
            self.states[vendor.name] = vendor.state(self)
            self.tokens[f"service-{vendor.name}"] = Token(service=True, vendor=vendor.name)

    @classmethod
    def company(
        cls, seed: int = 7, *, scale: int = 0, start: datetime = START, ticking: bool = False
    ) -> World:
        """The fixed company; a `scale` above its size adds that many generated documents."""
        from simulator.company import build

        world = cls(seed, start=start, ticking=ticking)
        world.base, world.scale = "company", scale
        with world.building():
            build(world, scale)
        return world

    def now(self) -> datetime:
        """The world's time."""
        return self.clock.now()

    def new_id(self, length: int = 33, alphabet: str = _ID_ALPHABET) -> str:
        """A random id; only verbs may ask for one."""
        return "".join(self.rng.choices(alphabet, k=length))

    def token_of(self, person: str) -> str:
        """The token of a person, good at every vendor."""
        return f"person-{person}"

    def mint(self, token: str, meaning: Token) -> str:
        """Make `token` known; it is not saved with the world."""
        self.tokens[token] = meaning
        return token

    def resolve(self, token: str, vendor: str) -> tuple[Token, Person | None] | None:
        """What `token` means at `vendor`; None where it is unknown, or its person cannot work."""
        meaning = self.tokens.get(token)
        if meaning is None:
            if not token.startswith("person-"):
                return None
            meaning = Token(person=token[7:])
        if meaning.vendor and meaning.vendor != vendor:
            return None
        if meaning.expires is not None and meaning.expires <= self.now():
            return None
        if not meaning.person:
            return meaning, None
        person = self.directory.people.get(meaning.person)
        return (meaning, person) if person is not None and person.works else None

    def record(self, name: str, args: dict[str, Any], act: Callable[[], R]) -> R:
        """Run a verb: alone, at one instant, with its own random numbers, then log it."""
        with self.lock:
            if self._depth:
                return act()
            self.clock.advance(1)
            at = rfc3339(self.now())
            self.rng = random.Random(f"{self.seed}/{self._count}/{name}")  # noqa: S311
            self._depth += 1
            try:
                result = act()
            finally:
                self._depth -= 1
            self._count += 1
            if self._logging:
                self.log.append({"at": at, "verb": name, "args": args})
            return result

    @contextmanager
    def building(self) -> Iterator[None]:
        """Verbs inside make the base and are not logged."""
        self._logging = False
        try:
            yield
        finally:
            self._logging = True

    def do(self, name: str, /, **args: Any) -> Any:
        """Run the verb `name`, such as ``google.share``.

        Raises:
            VerbError: there is no such verb, its arguments do not fit, or it was refused.
        """
        owner, _, method = name.partition(".")
        states: dict[str, State] = {"directory": self.directory, "clock": self.time, **self.states}
        found = getattr(states.get(owner), method, None)
        if not getattr(found, "is_verb", False) or found is None:
            raise VerbError(f"no verb {name}")
        try:
            return found(**args)
        except TypeError as wrong:
            raise VerbError(f"{name}: {wrong}") from wrong

    def verbs(self) -> list[str]:
        """The names of every verb."""
        states: list[State] = [self.directory, self.time, *self.states.values()]
        return [f"{state.name}.{name}" for state in states for name in state.verbs()]

    def save(self, path: Path) -> None:
        """Write the world to a JSON file: its base and what happened since."""
        kept = {
            "seed": self.seed,
            "base": self.base,
            "scale": self.scale,
            "start": rfc3339(self.start),
            "now": rfc3339(self.now()),
            "log": self.log,
        }
        path.write_text(json.dumps(kept, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path, *, ticking: bool = False) -> World:
        """The world that `save` wrote: the base built again, then every verb at its time."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        start = parse(kept["start"])
        if kept["base"] == "company":
            world = cls.company(kept["seed"], scale=kept["scale"], start=start)
        else:
            world = cls(kept["seed"], start=start)
        for entry in kept["log"]:
            # A verb moves the clock by one second before it acts.
            gap = (parse(entry["at"]) - world.now()).total_seconds() - 1
            if gap > 0:
                world.clock.advance(gap)
            world.do(entry["verb"], **entry["args"])
        world.clock.set(parse(kept["now"]))
        world.clock.ticking = ticking
        return world
