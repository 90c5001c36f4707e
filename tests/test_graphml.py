"""GraphML: well-formed whatever the names hold, typed, and the same graph when read back."""

import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgraph import graphml

SPACE = "{http://graphml.graphdrawing.org/xmlns}"
NODES = pa.record_batch({"ref": ["lead:1", "element:4521/9"], "name": ["Сделка", None]})
LINKS = pa.record_batch(
    {"source": ["lead:1"], "target": ["element:4521/9"], "relation": ["lead_element"]}
)


def written(nodes: list[pa.RecordBatch], links: list[pa.RecordBatch]) -> bytes:
    file = io.BytesIO()
    counts = graphml.write(nodes, links, file)
    assert counts == (sum(b.num_rows for b in nodes), sum(b.num_rows for b in links))
    return file.getvalue()


def read(nodes: list[pa.RecordBatch], links: list[pa.RecordBatch]) -> Any:
    return nx.read_graphml(io.BytesIO(written(nodes, links)))


def texts(*values: str | None) -> list[str | None]:
    """What an XML parser makes of names that were written; None where nothing was."""
    batch = pa.record_batch({"ref": [f"lead:{n}" for n in range(len(values))], "name": values})
    root = ElementTree.fromstring(written([batch], []))
    data = [node.find(f"{SPACE}data") for node in root.iter(f"{SPACE}node")]
    return [None if one is None else one.text or "" for one in data]


def test_what_is_written_is_read_back() -> None:
    """Refs are the ids, names are labels, NULL is left out, links are undirected."""
    graph = read([NODES], [LINKS])

    assert dict(graph.nodes(data=True)) == {"lead:1": {"label": "Сделка"}, "element:4521/9": {}}
    assert list(graph.edges(data=True)) == [
        ("lead:1", "element:4521/9", {"relation": "lead_element"})
    ]
    assert not graph.is_directed()


def test_types_are_kept() -> None:
    """Truths, whole numbers and fractions stay such, times are ISO 8601 in UTC."""
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    batch = pa.record_batch(
        {
            "ref": ["lead:1"],
            "yes": [True],
            "id": pa.array([2**62], pa.int64()),
            "price": [1.5],
            "huge": [1e300],
            "money": [Decimal("2.50")],
            "kind": pa.array(["a<b"]).dictionary_encode(),
            "plain": pa.array([at.replace(tzinfo=None)], pa.timestamp("us")),
            "fine": pa.array([at.replace(microsecond=250)], pa.timestamp("us", "Europe/Moscow")),
            "long": pa.array(["x"], pa.large_string()),
            "nothing": pa.nulls(1),
        }
    )

    assert read([batch], []).nodes["lead:1"] == {
        "yes": True,
        "id": 2**62,
        "price": 1.5,
        "huge": 1e300,
        "money": 2.5,
        "kind": "a<b",
        "plain": "2026-01-02T03:04:05Z",
        "fine": "2026-01-02T03:04:05.000250Z",
        "long": "x",
    }


def test_what_is_no_number_is_left_out() -> None:
    """Programs write NaN and infinity in different ways, so neither is written."""
    batch = pa.record_batch({"ref": ["a", "b", "c"], "x": [float("nan"), float("-inf"), 0.1]})

    assert [data for _, data in read([batch], []).nodes(data=True)] == [{}, {}, {"x": 0.1}]


@given(st.lists(st.none() | st.text(max_size=30), min_size=1, max_size=5))
def test_any_text_comes_back(values: list[str | None]) -> None:
    """Whatever a name holds is read back as it was, but for the characters that XML forbids."""
    forbidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

    assert texts(*values) == [None if v is None else forbidden.sub("", v) for v in values]


@pytest.mark.parametrize(
    "name",
    [
        '"/><script>alert(1)</script>',
        "]]></data></node><node id='lead:2'>",
        "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
        "&amp;&#0;&lt;",
        "one\r\ntwo\rthree\tfour",
    ],
)
def test_markup_is_only_text(name: str) -> None:
    """A name that tries to be markup, in attributes too, is read back as the name that it is."""
    batch = pa.record_batch({"ref": [name.translate(dict.fromkeys(b"\r\n\t"))], name: ["x"]})

    root = ElementTree.fromstring(written([batch], []))

    assert texts(name) == [name]
    assert [node.get("id") for node in root.iter(f"{SPACE}node")] == batch["ref"].to_pylist()
    assert [key.get("attr.name") for key in root.iter(f"{SPACE}key")] == [
        name.replace("\n", " ").replace("\t", " ")
    ]


def test_long_texts_are_cut() -> None:
    """A megabyte of name is a thousand characters, the last of which says that it was cut."""
    limit = graphml.TEXT_LIMIT

    assert texts("ё" * 1_000_000, "&" * limit) == ["ё" * (limit - 1) + "…", "&" * limit]


@pytest.mark.parametrize("rows", [1, 7, 25_000])
def test_batches_do_not_show(rows: int) -> None:
    """However the rows come in batches, slices of larger ones too, the file is the same."""
    count = 25_000 if rows > 7 else 25
    nodes = pa.table(
        {
            "ref": [f"lead:{n}" for n in range(count)],
            "name": [None, "a&b", "в", "", "x"] * (count // 5),
        }
    )
    links = pa.table({"source": nodes["ref"][1:], "target": nodes["ref"][:-1]})

    cut_up = written(nodes.to_batches(rows), links.to_batches(rows))

    assert cut_up == written(nodes.to_batches(), links.to_batches())
    assert len(ElementTree.fromstring(cut_up)[-1]) == 2 * count - 1


@pytest.mark.parametrize("nodes", [[], [NODES.slice(0, 0)], [NODES]])
def test_a_graph_without_links(nodes: list[pa.RecordBatch]) -> None:
    """Neither no batch nor an empty one is an error."""
    assert len(read(nodes, [])) == sum(batch.num_rows for batch in nodes)


@pytest.mark.parametrize(
    ("nodes", "links", "told"),
    [
        ([NODES.drop_columns(["ref"])], [], "no column 'ref'"),
        ([NODES], [LINKS.drop_columns(["target"])], "no column 'target'"),
        ([pa.record_batch({"ref": pa.nulls(1, pa.string())})], [], "a ref is NULL"),
        ([NODES, NODES.select(["ref"])], [], "differ in their schemas"),
        ([pa.record_batch({"ref": ["lead:1"], "tags": [["a"]]})], [], "has no text"),
    ],
)
def test_what_is_no_graph_is_refused(
    nodes: list[pa.RecordBatch], links: list[pa.RecordBatch], told: str
) -> None:
    """A column that is missing or cannot be written is named."""
    with pytest.raises(ValueError, match=told):
        written(nodes, links)


def test_failures_of_the_file_come_through(tmp_path: Path) -> None:
    """A full disk or a closed pipe is the caller's to tell of."""
    path = tmp_path / "graph.graphml"
    path.touch()

    with path.open("rb") as file, pytest.raises(OSError, match=r"write"):
        graphml.write([NODES], [LINKS], file)
