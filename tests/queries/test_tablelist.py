"""Tables and views with what they mean, as the snapshot itself says it."""

import pytest
from sqlalchemy import Engine

from linkgraph.errors import InvalidParameter
from queries.tablelist import as_rows, tables


def test_everything_is_told_of(empty: Engine) -> None:
    """Tables come before views, and nothing is without a comment."""
    listed = tables(empty)
    views = [table.is_view for table in listed]

    assert {"leads", "edges", "meta", "lead_contacts", "cards"} <= {table.name for table in listed}
    assert views == sorted(views)
    assert all(table.comment for table in listed)
    assert all(column.comment and column.type for table in listed for column in table.columns)


def test_columns_are_in_order_and_typed_as_sql_is(empty: Engine) -> None:
    """A type can be copied into a query; an enumerated one tells what it may be."""
    (edges,) = tables(empty, ["edges"])
    (leads,) = tables(empty, ["leads"])
    types = {column.name: column.type for column in leads.columns}

    assert [column.name for column in edges.columns[:3]] == ["relation", "from_type", "from_id"]
    assert edges.columns[1].type == "entity_type"
    assert edges.columns[1].values == ("lead", "customer", "contact", "company", "element")
    assert (types["lead_id"], types["tags"], types["custom_fields"]) == (
        "bigint",
        "varchar[]",
        "json",
    )


def test_named_ones_come_in_the_order_given(empty: Engine) -> None:
    """However they are typed, each once."""
    names = [table.name for table in tables(empty, ["users", " EDGES", "users", "cards"])]

    assert names == ["users", "edges", "cards"]


def test_unknown_names_get_the_nearest(empty: Engine) -> None:
    """A typing error is met with what is like it, anything else with all there are."""
    with pytest.raises(InvalidParameter, match="«edgs»") as near:
        tables(empty, ["leads", "edgs"])
    with pytest.raises(InvalidParameter) as far:
        tables(empty, ["zzzzzzzz"])

    assert "edges" in near.value.hint
    assert "identifiers" in far.value.hint


def test_rows_hold_it_all(empty: Engine) -> None:
    """A row a column, for files and pipes."""
    listed = tables(empty, ["edges", "users"])
    rows = as_rows(listed).to_pylist()

    assert len(rows) == sum(len(table.columns) for table in listed)
    assert rows[-1] == {
        "table": "users",
        "kind": "table",
        "table_comment": "Users of the account, as far as the token may see them",
        "column": "is_active",
        "type": "boolean",
        "values": None,
        "comment": "False for a user who was switched off",
    }
    assert as_rows([]).num_rows == 0
