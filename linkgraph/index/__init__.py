"""The in-memory link index: neighbours, paths, components and what-if over all links at once."""
