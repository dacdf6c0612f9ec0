"""GraphQL: a part of GitHub's schema, parsed and executed by graphql-core."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graphql import GraphQLError, build_schema, graphql_sync

from simulator.github.api import API, Refused, payload, sight, spending
from simulator.github.graph import Graph
from simulator.github.show import stamp
from simulator.wire import Call, Reply, reply_json

SCHEMA = build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))


def _error(error: GraphQLError) -> dict[str, Any]:
    said: dict[str, Any] = {"message": error.message}
    kind = (error.extensions or {}).get("type")
    if kind:
        said = {"type": kind, **said}
    if error.path:
        said["path"] = error.path
    if error.locations:
        said["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    return said


@API.post("/graphql", "graphql")
def graphql(call: Call) -> Reply:
    """One query or mutation; errors come with status 200."""
    if not call.known:
        raise Refused(401, "This endpoint requires you to be authenticated.")
    given = payload(call)
    query = given.get("query")
    if not isinstance(query, str):
        raise Refused(400, "A query attribute must be specified and must be a string.")
    left = spending(call, "graphql")
    reset = stamp(datetime.fromtimestamp(left["reset"], UTC))
    graph = Graph(call, sight(call), left, reset)
    variables = given.get("variables")
    result = graphql_sync(
        SCHEMA,
        query,
        graph.root(),
        context_value=call,
        variable_values=variables if isinstance(variables, dict) else None,
        operation_name=given.get("operationName"),
    )
    body: dict[str, Any] = {}
    if result.data is not None or not result.errors:
        body["data"] = result.data
    if result.errors:
        body["errors"] = [_error(error) for error in result.errors]
    return reply_json(body)
