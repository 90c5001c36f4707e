"""The terminal browser: a Textual application over `linkgraph.session`. It is not built yet."""
