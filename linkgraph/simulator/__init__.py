"""An amoCRM account that runs on this machine: world, rules, routes, behaviours, faults.

A product of its own, written from the API's reference only: it shares nothing with the client
that is tested against it, so that two writings of one reference catch each other's mistakes.
"""

from linkgraph.simulator.app import create_app
from linkgraph.simulator.behaviour import Behaviour, BehaviourError
from linkgraph.simulator.faults import Fault, FaultError
from linkgraph.simulator.generator import SizeError, generate, links_of_size
from linkgraph.simulator.relation import Metadata
from linkgraph.simulator.requestlog import LoggedRequest
from linkgraph.simulator.server import PortInUseError, Simulator, run
from linkgraph.simulator.tokens import make_token
from linkgraph.simulator.vocabulary import ENTITY_TYPES
from linkgraph.simulator.world import World
from linkgraph.simulator.worldfile import WorldFileError, load_world

__all__ = [
    "ENTITY_TYPES",
    "Behaviour",
    "BehaviourError",
    "Fault",
    "FaultError",
    "LoggedRequest",
    "Metadata",
    "PortInUseError",
    "Simulator",
    "SizeError",
    "World",
    "WorldFileError",
    "create_app",
    "generate",
    "links_of_size",
    "load_world",
    "make_token",
    "run",
]
