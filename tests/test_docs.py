"""The pages of the documentation tell the truth."""

from pathlib import Path

from tests import docs


def test_graph_page_prints_what_it_says(demo_home: Path, tmp_path: Path) -> None:
    """Whoever runs the Python of docs/graph.md after `linkgraph demo --size 5k` sees the same."""
    printed = docs.outputs(demo_home, tmp_path)

    assert printed == [said for _, said in docs.blocks()], "python -m tests.docs writes it anew"
    assert {path.name for path in tmp_path.iterdir()} >= {
        *("around.graphml", "neighbourhood.svg", "paths.html")
    }
