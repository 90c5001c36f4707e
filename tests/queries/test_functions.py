"""The functions that SQL can call are listed, and only those."""

from sqlalchemy import Engine

from queries.functions import functions
from queries.sandbox import check


def test_functions_are_told_with_arguments_and_meaning(empty: Engine) -> None:
    """Those of values, windows and macros come before those that stand for tables."""
    listed = functions(empty)
    named = {one.name: one for one in listed if not one.is_table}
    kinds = [one.is_table for one in listed]

    assert {"count", "round", "row_number", "date_trunc", "nullif"} <= set(named)
    assert named["round"].arguments == ("x", "precision")
    assert "list" in named["list_transform"].comment
    assert kinds == sorted(kinds)
    assert "unnest" in {one.name for one in listed if one.is_table}


def test_what_the_sandbox_refuses_is_not_offered(empty: Engine) -> None:
    """Nothing is listed that a statement may not call."""
    listed = functions(empty)
    calls = [
        f"{'from' if one.is_table else 'select'} {one.name}({','.join('1' for _ in one.arguments)})"
        for one in listed
        if one.name != "position"  # has a grammar of its own: position(a in b)
    ]

    assert len(calls) > 400
    for call in calls:
        check(empty, call)
    assert not {"getenv", "current_setting", "read_csv", "duckdb_secrets"} & {
        one.name for one in listed
    }
