"""The account as an ASGI application."""

from starlette.applications import Starlette
from starlette.middleware import Middleware

from linkgraph.simulator import (
    routes_account,
    routes_cards,
    routes_events,
    routes_face,
    routes_links,
    routes_webhooks,
)
from linkgraph.simulator.behaviour import Behaviour
from linkgraph.simulator.gate import Gate
from linkgraph.simulator.problems import Problem, on_bad_method, on_crash, on_not_found, on_problem
from linkgraph.simulator.running import Running
from linkgraph.simulator.world import World


def create_app(
    world: World, behaviour: Behaviour | None = None, token: str | None = None
) -> Starlette:
    """The application that serves `world`.

    Args:
        world: The account; the application changes it as clients write.
        behaviour: The switches to begin with.
        token: One more token to take, besides any that is signed for the account.
    """
    running = Running(world, behaviour or Behaviour(), token)
    app = Starlette(
        routes=[
            *routes_account.routes(),
            *routes_links.routes(),
            *routes_cards.routes(),
            *routes_events.routes(),
            *routes_webhooks.routes(),
            *routes_face.routes(),
        ],
        middleware=[Middleware(Gate, running=running)],
        exception_handlers={
            Problem: on_problem,
            404: on_not_found,
            405: on_bad_method,
            Exception: on_crash,
        },
    )
    app.router.redirect_slashes = False
    app.state.running = running
    return app
