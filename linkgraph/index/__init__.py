"""The in-memory link index: neighbours, paths, components and what-if over all links at once."""

from linkgraph.index.linkindex import LinkIndex
from linkgraph.index.walk import Walk

__all__ = ["LinkIndex", "Walk"]
