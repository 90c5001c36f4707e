"""linkgraph.mirror"""
