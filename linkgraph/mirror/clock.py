"""The time, as all tables hold it."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment in UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
