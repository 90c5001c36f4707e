"""Writes cards and links as GraphML, which Gephi, yEd and networkx open; batch by batch.

GraphML 1.0 (graphml.graphdrawing.org) is XML 1.0, and names in a CRM may hold anything. What XML
forbids is left out, markup is escaped, texts are cut. Rows become text by Arrow's own kernels:
millions of links pass without a loop over them.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

#: Most characters of a text; one that was longer ends with an ellipsis.
TEXT_LIMIT = 1_000
#: Rows made into text at a time: with texts of full length some 60 MB a column.
_ROWS = 10_000
#: Escaping makes nothing longer than six characters of one.
_ESCAPES = {
    "&": "&amp;",  # first, or it would escape the others' escapes
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\r": "&#13;",  # a bare one is read as a line feed
}
_MARKUP = '[&<>"\r]'
# What Arrow's texts may hold of what XML 1.0 (2.2, Char) forbids; surrogates are not UTF-8.
_FORBIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
#: What a row is joined from: the same text in every row, or a column of them.
_Part: TypeAlias = str | pa.Array

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns \
http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""
_KEY = '<key id="{id}" for="{what}" attr.name="{name}" attr.type="{type}"/>\n'
_GRAPH = '<graph id="links" edgedefault="undirected">\n'
_TAIL = "</graph>\n</graphml>\n"


def write(
    nodes: Iterable[pa.RecordBatch], links: Iterable[pa.RecordBatch], file: BinaryIO
) -> tuple[int, int]:
    """Write a graph and return how many nodes and links it has.

    Every other column becomes an attribute of its name and type: boolean, long, double, or string
    for anything else (times are ISO 8601 in UTC). `name` is called `label`, which is what Gephi
    shows. A value that is NULL, NaN or infinite is left out.

    Args:
        nodes: Batches of one schema with `ref`, each ref once.
        links: Batches of one schema with `source` and `target`, refs of nodes.
        file: Where to; whoever opened it closes it, and replaces a file at once if that matters.

    Raises:
        ValueError: a column is missing or of a type that has no text, a ref is NULL, or the
            batches of one kind differ in their schemas.
        OSError: from the file.
    """
    node_batches, node_names = _begun(nodes, ("ref",))
    link_batches, link_names = _begun(links, ("source", "target"))
    file.write(_HEAD.encode())
    file.write("".join(chain(_keys("node", node_names), _keys("edge", link_names))).encode())
    file.write(_GRAPH.encode())
    node_count = _elements("node", {"ref": "id"}, node_batches, file)
    link_count = _elements("edge", {"source": "source", "target": "target"}, link_batches, file)
    file.write(_TAIL.encode())
    return node_count, link_count


def _begun(
    batches: Iterable[pa.RecordBatch], ends: tuple[str, ...]
) -> tuple[Iterator[pa.RecordBatch], pa.Schema]:
    """All batches, and the schema of their attributes: keys are declared before any row."""
    remaining = iter(batches)
    first = next(remaining, None)
    if first is None:
        return iter(()), pa.schema([])
    missing = [name for name in ends if name not in first.schema.names]
    if missing:
        raise ValueError(f"a batch has no column {missing[0]!r}")
    attributes = pa.schema([field for field in first.schema if field.name not in ends])
    return _alike(first, remaining), attributes


def _alike(first: pa.RecordBatch, others: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in chain([first], others):
        if not batch.schema.equals(first.schema):
            raise ValueError("the batches differ in their schemas")
        for start in range(0, batch.num_rows, _ROWS):
            yield batch.slice(start, _ROWS)


def _keys(what: str, attributes: pa.Schema) -> Iterator[str]:
    for place, field in enumerate(attributes):
        name = "label" if what == "node" and field.name == "name" else field.name
        escaped = _escaped(pa.array([name], pa.string()))[0].as_py()
        yield _KEY.format(id=f"{what}{place}", what=what, name=escaped, type=_type(field.type))


def _type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "long"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "double"
    return "string"


def _elements(
    what: str, ends: dict[str, str], batches: Iterator[pa.RecordBatch], file: BinaryIO
) -> int:
    """Write an element a row; `ends` names the columns that are XML attributes, and those."""
    count = 0
    for batch in batches:
        parts: list[_Part] = [f"<{what}"]
        for column, attribute in ends.items():
            refs = batch.column(column)
            if refs.null_count:
                raise ValueError(f"a {column} is NULL")
            parts += [f' {attribute}="', _escaped(refs.cast(pa.string())), '"']
        parts.append(">")
        attributes = [name for name in batch.schema.names if name not in ends]
        for place, name in enumerate(attributes):
            parts += _data(f'<data key="{what}{place}">', _text(batch.column(name)))
        parts.append(f"</{what}>\n")
        file.write(_bytes(_joined(parts, null_handling="skip")))
        count += batch.num_rows
    return count


def _data(opening: str, text: pa.Array) -> list[_Part]:
    """The parts of a column's elements: where there are NULLs, one part that is NULL as well."""
    parts: list[_Part] = [opening, text, "</data>"]
    return [_joined(parts, null_handling="emit_null")] if text.null_count else parts


def _joined(parts: list[_Part], *, null_handling: str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "", null_handling=null_handling)


def _bytes(text: pa.Array) -> memoryview:
    """The texts of an array without NULLs, one after the other, as they lie in memory."""
    _, offsets, data = text.buffers()
    ends = memoryview(offsets).cast("i")
    return memoryview(data)[ends[text.offset] : ends[text.offset + len(text)]]


def _text(column: pa.Array) -> pa.Array:
    """A column as text that may stand in XML; NULL where there is nothing to say."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _text(column.dictionary).take(column.indices)
    if pa.types.is_decimal(kind):
        column, kind = column.cast(pa.float64()), pa.float64()
    if pa.types.is_floating(kind):
        # NULL stays NULL, for it is not finite either
        column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind))
    elif pa.types.is_timestamp(kind):
        return _time(column)
    try:
        # cut first where a column may hold more than a string column can
        text = column if pa.types.is_large_string(kind) else column.cast(pa.string())
        return _escaped(_cut(text).cast(pa.string()))
    except pa.ArrowNotImplementedError as exc:
        raise ValueError(f"a column of {kind} has no text") from exc


def _time(column: pa.Array) -> pa.Array:
    """ISO 8601 in UTC, by casts of bare times: `strftime`, and zones, take ten times as long."""
    bare = column.cast(pa.timestamp(column.type.unit))
    try:
        bare = bare.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:  # there are fractions
        text = pc.replace_substring_regex(bare.cast(pa.string()), r"\.0+$", "")
    else:
        text = bare.cast(pa.string())
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), "Z", "")


def _cut(text: pa.Array) -> pa.Array:
    too_long = pc.greater(pc.utf8_length(text), TEXT_LIMIT)
    if not pc.any(too_long).as_py():
        return text
    short = pc.utf8_slice_codeunits(text, 0, TEXT_LIMIT - 1)
    return pc.if_else(too_long, pc.binary_join_element_wise(short, "…", ""), text)


def _escaped(text: pa.Array) -> pa.Array:
    # most texts need none of this, and one look tells
    if not pc.any(pc.match_substring_regex(text, f"{_MARKUP}|{_FORBIDDEN}")).as_py():
        return text
    text = pc.replace_substring_regex(text, _FORBIDDEN, "")
    for character, escape in _ESCAPES.items():
        text = pc.replace_substring(text, character, escape)
    return text
