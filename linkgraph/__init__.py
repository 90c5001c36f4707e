"""linkgraph: every link of an amoCRM / Kommo account, mirrored into DuckDB."""

__version__ = "0.1.0"
