"""The functions that SQL over a snapshot can call: their names, arguments and meaning.

DuckDB tells them itself. Those that the sandbox refuses are left out.
"""

from dataclasses import dataclass

from sqlalchemy import Engine

from queries.objections import REFUSED_FUNCTIONS, TABLE_FUNCTIONS

# Of the forms of a function the one with most arguments tells most.
_FUNCTIONS = """
select function_name, arg_max(parameters, len(parameters)), any_value(description)
from duckdb_functions()
where schema_name = 'main' and regexp_full_match(function_name, '[a-z][a-z0-9_]*')
    and not starts_with(function_name, 'icu_collate_') and function_type in ($kinds)
group by function_name
order by function_name
"""


@dataclass(frozen=True, slots=True)
class FunctionInfo:
    """A function, or a table function."""

    name: str
    arguments: tuple[str, ...]
    comment: str
    """What it does, as DuckDB has it; empty where it says nothing."""
    is_table: bool
    """Whether it stands where a table stands."""


def functions(engine: Engine) -> list[FunctionInfo]:
    """The functions of values, then those that stand for tables, by name."""
    with engine.connect() as connection:
        values = connection.exec_driver_sql(
            _FUNCTIONS.replace("$kinds", "'scalar', 'aggregate', 'macro'")
        ).fetchall()
        tables = connection.exec_driver_sql(
            _FUNCTIONS.replace("$kinds", "'table', 'table_macro'")
        ).fetchall()
    found = [
        FunctionInfo(name, tuple(arguments), comment or "", is_table=False)
        for name, arguments, comment in values
        if name not in REFUSED_FUNCTIONS
    ]
    return found + [
        FunctionInfo(name, tuple(arguments), comment or "", is_table=True)
        for name, arguments, comment in tables
        if name in TABLE_FUNCTIONS
    ]
