"""The part of JQL that connectors use.

Dates are read at minute precision in the time zone of whoever asks, as Jira does
(``knowledge/sources.md`` section 6).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from simulator.atlassian.accounts import account_id, from_millis, person_of
from simulator.atlassian.markup import adf_text
from simulator.atlassian.query import (
    ORDERED,
    Call,
    Clause,
    Query,
    QueryError,
    Value,
    among,
    clauses,
    compare,
    holds,
    instant,
    parse_query,
)
from simulator.jira.objects import PRIORITIES, STATUSES, TYPES, Issue
from simulator.jira.view import Sight

_DATES = ("updated", "created", "resolved", "updateddate", "createddate", "resolutiondate")
_PEOPLE = ("reporter", "assignee", "creator")
_IDS = ("issuekey", "key", "id", "issue")
_OTHERS = (
    "project",
    "labels",
    "status",
    "statuscategory",
    "issuetype",
    "type",
    "priority",
    "level",
    "summary",
    "description",
    "text",
    "parent",
)
_FIELDS = frozenset((*_DATES, *_PEOPLE, *_IDS, *_OTHERS))
UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)


class Search:
    """One JQL query, for one caller."""

    def __init__(self, sight: Sight, jql: str, now: datetime):
        """Read the query.

        Raises:
            QueryError: it is malformed, unbounded, or names fields or projects that are not
                there for the caller.
        """
        self.sight, self.state, self.now = sight, sight.state, now
        self.zone = sight.state.zone(sight.person)
        self.query: Query = parse_query(jql)
        if self.query.where is None:
            raise QueryError(UNBOUNDED)
        for clause in clauses(self.query.where):
            self._check(clause)
        for field, _ in self.query.order:
            if field not in (*_DATES, *_IDS, "project", "priority", "status", "summary", "rank"):
                raise QueryError(f"Not able to sort using field '{field}'.")

    def _check(self, clause: Clause) -> None:
        field = clause.field
        if field not in _FIELDS:
            raise QueryError(
                f"Field '{field}' does not exist or you do not have permission to view it."
            )
        if clause.op in ("is", "is not"):
            return
        if field in _DATES:
            if clause.op not in ORDERED:
                raise QueryError(f"The operator '{clause.op}' is not supported by '{field}'.")
            for value in clause.values:
                if self._date(value) is None:
                    raise QueryError(
                        f"Date value '{value}' for field '{field}' is invalid. Valid formats "
                        "include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', "
                        "'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
                    )
        if field == "project":
            for value in clause.values:
                if not self._projects(value):
                    raise QueryError(f"The value '{value}' does not exist for the field 'project'.")

    def _date(self, value: Value) -> datetime | None:
        if isinstance(value, str) and value.isdecimal() and len(value) > 8:
            return from_millis(int(value)) if len(value) < 15 else None
        return instant(value, self.now, self.zone)

    def _projects(self, value: Value) -> list[str]:
        wanted = str(value).lower()
        return [
            one.key
            for one in self.state.projects.values()
            if wanted in (one.key.lower(), one.id, one.name.lower(), *map(str.lower, one.old_keys))
            and self.sight.sees_project(one)
        ]

    def run(self, until: datetime, fresh: frozenset[str] = frozenset()) -> list[str]:
        """Ids of what the index held at `until` that matches, in order, for the caller.

        Args:
            until: what was written later is not known yet, except
            fresh: of these issues (``reconcileIssues``).
        """
        found: list[tuple[Issue, datetime]] = []
        for issue in self.state.issues.values():
            known = [t for t in issue.touched if t <= until or issue.id in fresh]
            if known and self.sight.sees(issue):
                found.append((issue, known[-1]))
        hits = [
            (issue, updated)
            for issue, updated in found
            if holds(self.query.where, partial(self._match, issue, updated))
        ]
        for field, down in reversed(self.query.order or (("created", True),)):
            hits.sort(key=lambda hit: self._key(field, *hit), reverse=down)
        return [issue.id for issue, _ in hits]

    def _key(self, field: str, issue: Issue, updated: datetime) -> tuple[str, float]:
        if field in _DATES:
            when = updated if field.startswith("updated") else issue.created
            if field.startswith("resol"):
                when = issue.resolved or datetime.max.replace(tzinfo=UTC)
            return "", when.timestamp()
        if field in _IDS or field in ("project", "rank"):
            return self.state.projects[issue.project].key, issue.number
        if field == "priority":
            return "", -float(issue.priority)
        return (issue.summary.lower() if field == "summary" else issue.status), 0

    def _match(self, issue: Issue, updated: datetime, clause: Clause) -> bool:
        field = clause.field
        if clause.op in ("is", "is not"):
            return self._empty(issue, field) is (clause.op == "is")
        if field in _DATES:
            left: datetime | None = issue.created
            if field.startswith("updated"):
                left = updated
            elif field.startswith("resol"):
                left = issue.resolved
            right = self._date(clause.values[0])
            return left is not None and right is not None and compare(clause.op, left, right)
        if field in _IDS:
            return self._identity(issue, clause)
        if field == "project":
            named = [key for value in clause.values for key in self._projects(value)]
            made = Clause(field, clause.op, tuple(named))
            return among(made, self.state.projects[issue.project].key)
        if field in _PEOPLE:
            named = [self._account(value) for value in clause.values]
            person = getattr(issue, field)
            made = Clause(field, clause.op, tuple(named))
            return among(made, account_id(person) if person else "")
        if field == "labels":
            return among(clause, *issue.labels)
        if field in ("summary", "description", "text"):
            return self._words(issue, clause)
        if field == "parent":
            above = self.state.issues.get(issue.parent)
            return among(clause, above.id, self.state.key(above)) if above else False
        if field == "level":
            level = self.state.level(issue.security)[1] if issue.security else None
            return among(clause, *((level.id, level.name) if level else ()))
        name, category = STATUSES[issue.status]
        shown = {
            "status": (issue.status, name),
            "statuscategory": (category, {"new": "To Do", "done": "Done"}.get(category, "")),
            "issuetype": (issue.type, TYPES[issue.type]),
            "type": (issue.type, TYPES[issue.type]),
            "priority": (issue.priority, PRIORITIES[issue.priority]),
        }
        return among(clause, *shown[field])

    def _account(self, value: Value) -> str:
        if isinstance(value, Call):
            return account_id(self.sight.person.id) if self.sight.person else "nobody"
        found = person_of(self.state.world, value)
        return account_id(found.id) if found else value

    def _empty(self, issue: Issue, field: str) -> bool:
        if field == "level":
            return not issue.security
        if field in ("resolved", "resolutiondate"):
            return issue.resolved is None
        return not getattr(issue, field, "")

    def _identity(self, issue: Issue, clause: Clause) -> bool:
        if clause.op in ("=", "!=", "in", "not in"):
            for value in clause.values:
                if isinstance(value, str) and self.state.find(value) is issue:
                    return clause.op in ("=", "in")
            return clause.op in ("!=", "not in")
        other = self.state.find(str(clause.values[0]))
        if clause.field == "id" and str(clause.values[0]).isdecimal():
            return compare(clause.op, int(issue.id), int(str(clause.values[0])))
        if other is None or other.project != issue.project:
            return False
        return compare(clause.op, issue.number, other.number)

    def _words(self, issue: Issue, clause: Clause) -> bool:
        text = issue.summary if clause.field != "description" else ""
        if clause.field != "summary":
            text += " " + adf_text(issue.description)
        if clause.field == "text":
            seen = (one for one in issue.comments.values() if self.sight.sees_comment(one, issue))
            text += " " + " ".join(adf_text(one.body) for one in seen)
        if clause.op not in ("~", "!~"):
            raise QueryError(
                f"The operator '{clause.op}' is not supported by the '{clause.field}' field."
            )
        said = str(clause.values[0]).lower().strip('"')
        match = all(word.strip("*") in text.lower() for word in said.split())
        return match is (clause.op == "~")
