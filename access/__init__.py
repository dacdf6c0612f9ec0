"""Who may read: principals, clauses, access controls and people.

Everything here is a value: frozen, comparable, free of I/O, and built on the
standard library alone. The catalog answers the same questions in SQL; these types
state what the right answer is.
"""

from access.clause import Clause, Grant
from access.clock import CLOCK_SKEW, Clock, is_young, utc_now
from access.control import AccessControl
from access.errors import AccessError, InvalidClauseKey, InvalidPrincipal
from access.person import Evidence, IdentityLink, Person
from access.principal import Principal, PrincipalKind
from access.source import Source

__all__ = [
    "CLOCK_SKEW",
    "AccessControl",
    "AccessError",
    "Clause",
    "Clock",
    "Evidence",
    "Grant",
    "IdentityLink",
    "InvalidClauseKey",
    "InvalidPrincipal",
    "Person",
    "Principal",
    "PrincipalKind",
    "Source",
    "is_young",
    "utc_now",
]
