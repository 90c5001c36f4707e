"""The question library: what can be asked of a snapshot, and plain SQL for the rest.

A question is a `.sql` file beside this one: a header comment that states what is asked, what may be
set and what comes back (`queries.header`), then SQL that runs in any DuckDB shell.
"""
