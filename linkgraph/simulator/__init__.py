"""linkgraph.simulator"""
