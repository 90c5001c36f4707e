"""What the routes share: the world, how it behaves, and what was asked of it."""

from dataclasses import dataclass, field

from starlette.requests import Request

from linkgraph.simulator.behaviour import Behaviour
from linkgraph.simulator.faults import Faults
from linkgraph.simulator.ratelimit import SlidingWindow
from linkgraph.simulator.requestlog import RequestLog
from linkgraph.simulator.tokens import is_good_token
from linkgraph.simulator.underway import Underway
from linkgraph.simulator.world import World

DEFAULT_MODE = "segments"


@dataclass
class Running:
    """One account being served."""

    world: World
    behaviour: Behaviour = field(default_factory=Behaviour)
    token: str | None = None
    """One more token to take, besides those signed for the account."""
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    window: SlidingWindow = field(default_factory=SlidingWindow)
    underway: Underway = field(default_factory=Underway)

    def takes(self, token: str) -> bool:
        """Whether a bearer token opens this account."""
        return token == self.token or is_good_token(token, self.world.account_id)

    @property
    def customers_mode(self) -> str:
        """The mode of customers: the switch, else the world's, else segments."""
        mode = self.behaviour.customers_mode or self.world.account.get("customers_mode")
        return str(mode or DEFAULT_MODE)

    @property
    def customers_are_off(self) -> bool:
        """Whether customers' routes are closed."""
        return self.customers_mode in ("disabled", "unavailable")


def running_of(request: Request) -> Running:
    """The account that a request is for."""
    running: Running = request.app.state.running
    return running
