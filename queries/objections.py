"""What speaks against a SELECT: functions that act, and tables that are not of the snapshot.

The syntax tree is DuckDB's own, so that nothing is hidden by how a statement is written.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from linkgraph.plaintext import plain

#: Functions that stand where a table stands: only those that compute, or describe the tables.
TABLE_FUNCTIONS = (
    frozenset({"range", "generate_series", "unnest", "repeat", "repeat_row"})
    | {"json_each", "json_tree", "query_table", "pragma_table_info", "pragma_version"}
    | {"duckdb_columns", "duckdb_tables", "duckdb_views", "duckdb_types", "duckdb_functions"}
)
#: Functions of values that do more than compute.
_ACTING_FUNCTIONS = frozenset(
    {"write_log", "getenv", "sleep_ms", "pg_sleep", "nextval", "currval", "setseed"}
) | {"read_text", "read_blob", "json_execute_serialized_sql", "json_serialize_plan"}
#: Names under which DuckDB tells of itself: its settings, files and logs.
_NOT_OF_THE_SNAPSHOT = frozenset({"current_setting", "pg_settings", "pg_prepared_statements"}) | {
    "duckdb_logs",
    "duckdb_databases",
    "pragma_database_list",
}
#: Functions of values that no statement may call.
REFUSED_FUNCTIONS = _ACTING_FUNCTIONS | _NOT_OF_THE_SNAPSHOT
_NOWHERE = 2**64 - 1


def objection_to(connection: Any, sql: str) -> tuple[str, int | None] | None:
    """Why a SELECT-like statement may not run, and the offset of the place, where it is known."""
    row = connection.execute("select json_serialize_sql($sql::varchar)", {"sql": sql}).fetchone()
    tree = msgspec.json.decode(row[0])
    if tree["error"]:
        return "this statement cannot be checked", None
    for node in _nodes(tree["statements"]):
        if reason := _objection(node):
            place = node.get("query_location", _NOWHERE)  # in bytes
            if place == _NOWHERE:
                return reason, None
            return reason, len(sql.encode()[:place].decode(errors="ignore"))
    return None


def _objection(node: dict[str, Any]) -> str | None:
    """What speaks against a node of the syntax tree."""
    function = str(node.get("function_name", "")).lower()
    if function in _ACTING_FUNCTIONS:
        return f"{plain(function, 60)}() does more than read"
    table = str(node.get("table_name", "")).lower()
    other = None
    if node.get("type") == "TABLE_FUNCTION":
        called = str(node["function"].get("function_name", "")).lower()
        if called not in TABLE_FUNCTIONS:
            other = f"{called}()"
        elif called == "query_table":
            return _objection_to_names(node["function"]["children"])
    elif function in _NOT_OF_THE_SNAPSHOT:
        other = f"{function}()"
    elif node.get("type") == "BASE_TABLE" and table in _NOT_OF_THE_SNAPSHOT:
        other = table
    return f"{plain(other, 60)} reads something other than the snapshot" if other else None


def _objection_to_names(arguments: Any) -> str | None:
    for node in _nodes(arguments):
        if node.get("class") in ("PARAMETER", "FUNCTION") and (
            node.get("function_name") != "list_value"
        ):
            return "query_table() takes only names that are written out"
        if node.get("class") == "CONSTANT":
            text = str(node["value"].get("value", "")).lower()
            if any(name in text for name in _NOT_OF_THE_SNAPSHOT):
                return f"{plain(text, 60)} reads something other than the snapshot"
    return None


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    # not recursive: a statement of a thousand nested parentheses is still a statement
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
