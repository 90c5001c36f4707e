"""The one error to tell of where several tasks ended together."""

from linkgraph.errors import ApiError, LinkgraphError


def first_cause(error: BaseException) -> BaseException:
    """The error that ended a group of tasks: an API error before all that followed from it."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    causes = [first_cause(inner) for inner in error.exceptions]
    for cause in causes:
        if isinstance(cause, ApiError) and not cause.retryable:
            return cause
    for cause in causes:
        if isinstance(cause, LinkgraphError):
            return cause
    return causes[0]
