"""Pictures of a part of the graph: a standalone SVG, and a page to walk about in."""
