"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import linkgraph
import queries


def test_examples_in_docstrings() -> None:
    """Every example of every module gives what it says."""
    tried = 0
    for package in (linkgraph, queries):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("__main__"):
                continue
            result = doctest.testmod(importlib.import_module(module.name))
            assert result.failed == 0, module.name
            tried += result.attempted

    assert tried >= 5
