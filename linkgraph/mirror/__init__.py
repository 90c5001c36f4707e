"""From the API to snapshots: the pull, staging, merge and publication. The one writer of DuckDB."""
