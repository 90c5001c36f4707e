"""linkgraph.amocrm"""
