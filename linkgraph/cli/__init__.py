"""linkgraph.cli"""
