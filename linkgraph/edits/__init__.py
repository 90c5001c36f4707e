"""Edits of links: queued in a journal, planned against what is live, pushed, verified, undone."""
