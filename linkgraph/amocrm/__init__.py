"""The API of amoCRM and Kommo: one typed client, its pace, its wire structs."""

from linkgraph.amocrm import wire
from linkgraph.amocrm.address import Address
from linkgraph.amocrm.client import AmoClient
from linkgraph.amocrm.pacing import Pacer
from linkgraph.amocrm.retries import RetryPolicy
from linkgraph.amocrm.routes import largest_batch, request_target_for_mass_links
from linkgraph.amocrm.stats import Stats

__all__ = [
    "Address",
    "AmoClient",
    "Pacer",
    "RetryPolicy",
    "Stats",
    "largest_batch",
    "request_target_for_mass_links",
    "wire",
]
