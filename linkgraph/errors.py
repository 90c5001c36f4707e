"""Everything that can foreseeably go wrong, as one tree.

Each error says what failed and on what (its message) and what to do next (its hint). `retryable`
answers the one question a caller asks of a failed request: may the very same thing be tried again?

    LinkgraphError
    ├── UsageError                what was asked does not make sense
    │   ├── InvalidRef            "lead:12x" is no card
    │   ├── InvalidEdit           "link lead:1 lead:2" is no edit
    │   ├── UnknownQuestion
    │   ├── InvalidParameter
    │   └── InvalidQuestion       a question file that does not hold together
    ├── SettingsError             the home, its accounts and credentials
    │   ├── NoAccount
    │   ├── InvalidAddress
    │   └── HomeUnusable
    ├── ApiError                  the CRM did not do what was asked (names the request)
    │   ├── ConnectionFailed      no answer: refused, reset, timed out, cut short
    │   ├── ServerFailed          5xx
    │   │   └── GatewayTimeout    504: ask for less at once
    │   ├── RateLimited           429
    │   ├── InvalidAnswer         an answer that is not the API's
    │   │   └── NotAmoCRM         … not even remotely
    │   ├── RequestTooLong        413, 414
    │   ├── RequestRefused        400, 422: validation errors by item
    │   ├── Unauthorized          401
    │   ├── PaymentRequired       402
    │   ├── RightsMissing         403 with a problem body
    │   ├── AccountBlocked        403 from the gateway: stop at once
    │   └── NotFound              404, 405
    ├── ReadOnly                  a write was asked where nothing may be written
    ├── EditError                 queued edits cannot be pushed as they are
    │   ├── NothingToPush
    │   ├── PlanStale             what is live is not what the plan was made upon
    │   ├── PushRunning
    │   ├── PushOpen              a push was broken off, and is to be taken up first
    │   └── NotConfirmed
    ├── MirrorError               staging and snapshots
    │   ├── NothingMirrored
    │   ├── SnapshotTooNew
    │   ├── SnapshotUnusable
    │   ├── SyncRunning
    │   ├── SyncStopped           a sync ended before it was done
    │   ├── TooManyRemovals
    │   └── PublishFailed
    └── QueryError                SQL that DuckDB refused
        ├── QueryForbidden        SQL that the sandbox refused
        └── QueryStopped          timed out or was cancelled
"""

from dataclasses import dataclass


class LinkgraphError(Exception):
    """Base of every foreseeable failure: a message, and a hint that says what to do next."""

    retryable = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LinkgraphError):
    """What was asked does not make sense."""


class InvalidRef(UsageError):
    """A text names no card."""


class InvalidEdit(UsageError):
    """A text is no edit, or joins cards that cannot be linked."""


class UnknownQuestion(UsageError):
    """No question has that name."""


class InvalidParameter(UsageError):
    """A question was given a parameter that it does not take, or a value out of its range."""


class InvalidQuestion(UsageError):
    """A question file does not hold together."""


class SettingsError(LinkgraphError):
    """The home, its accounts or their credentials are not as they should be."""


class NoAccount(SettingsError):
    """No such account, or none at all."""


class InvalidAddress(SettingsError):
    """An address is not that of an amoCRM or Kommo account."""


class HomeUnusable(SettingsError):
    """The home cannot be read or written."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One validation error of a refused request.

    `item` is the index of the item in the request's array, or None where the server named none;
    `path` is relative to that item (amocrm-api, section 1.7).
    """

    item: int | None
    code: str
    path: str
    detail: str

    def __str__(self) -> str:
        where = "" if self.item is None else f"item {self.item}: "
        path = f"{self.path}: " if self.path else ""
        return f"{where}{path}{self.detail or self.code}"


class ApiError(LinkgraphError):
    """The CRM did not do what was asked. Names the request, the status and the remedy."""

    def __init__(
        self, message: str, *, request: str = "", status: int | None = None, hint: str = ""
    ) -> None:
        where = f" ({request})" if request else ""
        super().__init__(f"{message}{where}", hint=hint)
        self.request = request
        self.status = status


class ConnectionFailed(ApiError):
    """No answer came: refused, reset, timed out or cut short."""

    retryable = True


class ServerFailed(ApiError):
    """The server answered 5xx."""

    retryable = True


class GatewayTimeout(ServerFailed):
    """504: the request took the server too long, so ask for less at once."""


class RateLimited(ApiError):
    """429. `retry_after` is the wait in seconds that the server asked for, where it did."""

    retryable = True

    def __init__(
        self,
        message: str,
        *,
        request: str = "",
        status: int | None = 429,
        hint: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, request=request, status=status, hint=hint)
        self.retry_after = retry_after


class InvalidAnswer(ApiError):
    """An answer that breaks the API's own rules: no JSON, cut JSON, a foreign next link."""

    retryable = True


class NotAmoCRM(InvalidAnswer):
    """What answers at the address is not amoCRM."""

    retryable = False


class RequestTooLong(ApiError):
    """413 or 414: fewer ids a request."""


class RequestRefused(ApiError):
    """400 or 422. `problems` says which items were wrong, where the server told."""

    def __init__(
        self,
        message: str,
        *,
        request: str = "",
        status: int | None = 400,
        hint: str = "",
        problems: tuple[FieldProblem, ...] = (),
    ) -> None:
        super().__init__(message, request=request, status=status, hint=hint)
        self.problems = problems


class Unauthorized(ApiError):
    """401: the token is wrong, expired or revoked."""


class PaymentRequired(ApiError):
    """402: unpaid, or the plan does not include what was asked for."""


class RightsMissing(ApiError):
    """403 with a problem body: the token's user may not."""


class AccountBlocked(ApiError):
    """403 from the gateway: the API is blocked, and going on asking prolongs the block."""


class NotFound(ApiError):
    """404 or 405: there is no such thing."""


class ReadOnly(LinkgraphError):
    """A write was asked where nothing may be written."""


class EditError(LinkgraphError):
    """Queued edits cannot be pushed as they are."""


class NothingToPush(EditError):
    """Nothing of what is queued has to be sent."""


class PlanStale(EditError):
    """What is live, or the time, is no longer what the plan was made upon."""


class PushRunning(EditError):
    """Another process is pushing edits of this account."""


class PushOpen(EditError):
    """An earlier push was broken off, and what became of it is to be found out first."""


class NotConfirmed(EditError):
    """Nobody said that the plan may be pushed."""


class MirrorError(LinkgraphError):
    """Staging and snapshots."""


class NothingMirrored(MirrorError):
    """The account has no snapshot yet."""


class SnapshotTooNew(MirrorError):
    """The snapshot was made by a newer linkgraph."""


class SnapshotUnusable(MirrorError):
    """The snapshot cannot be opened."""


class SyncRunning(MirrorError):
    """Another process is syncing this account."""


class SyncStopped(MirrorError):
    """A sync ended before it was done: it was asked to, or its process was ended from outside."""


@dataclass(frozen=True, slots=True)
class Removal:
    """How many links of a relation a sync would remove."""

    relation: str
    removed: int
    of: int
    """So many has the last snapshot."""


class TooManyRemovals(MirrorError):
    """The pull saw far fewer links than the last snapshot has; nothing was published."""

    def __init__(self, message: str, *, hint: str = "", removals: tuple[Removal, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.removals = removals


class PublishFailed(MirrorError):
    """A finished pull could not be written as a snapshot; the last one stands."""


class QueryError(LinkgraphError):
    """SQL that DuckDB refused. `position` is the offset of the place in the text, if known."""

    def __init__(self, message: str, *, hint: str = "", position: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.position = position
        self.source: str | None = None
        """The text that `position` points into, where whoever ran it keeps it for showing."""


class QueryForbidden(QueryError):
    """SQL that would read or write something other than the snapshot."""


class QueryStopped(QueryError):
    """A query that timed out or was cancelled."""
