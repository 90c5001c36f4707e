"""A workbook on its way into a stream, and the names of its sheets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from queries.cells import shown

_NAME = 31
#: The same rows are to be the same file.
_CREATED = datetime(2020, 1, 1)  # noqa: DTZ001


@contextmanager
def workbook(stream: BinaryIO, folder: str) -> Iterator[Workbook]:
    """A workbook that is written to `stream` at the end, unless the block fails.

    Its rows wait in files in `folder`; add sheets as `PlainSheet`.

    Raises:
        OSError: it could not be written.
    """
    patient = _Patient(stream)
    book = Workbook(patient, {"constant_memory": True, "tmpdir": folder, "use_zip64": True})
    book.set_properties({"author": "linkgraph", "created": _CREATED})
    try:
        yield book
        try:
            book.close()
        except FileCreateError as exc:
            raise exc.args[0] from None
        if patient.failure is not None:
            raise patient.failure
    finally:
        for sheet in book.worksheets():
            sheet.row_data_fh.close()


class PlainSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose text is never taken for markup, which `<r>…</r>` else would be."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, True, attributes)


class _Patient:
    """A stream that remembers a failure instead of raising it.

    A zip file that cannot be finished tries again when Python clears it away, and complains.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.failure: OSError | None = None
        self.tell, self.seek = stream.tell, stream.seek

    def write(self, data: bytes) -> int:
        if self.failure is None:
            try:
                return self._stream.write(data)
            except OSError as exc:
                self.failure = exc
        return len(data)

    def flush(self) -> None:
        if self.failure is None:
            self._stream.flush()


def free_name(book: Workbook, wanted: str, number: int) -> str:
    """A name that Excel takes and no other sheet has."""
    name = re.sub(r"[\[\]:*?/\\]", "-", shown(wanted).replace("\n", " ")).strip("' ") or "Sheet"
    # «History» is a name that Excel keeps for itself
    taken = {"history", *(sheet.get_name().lower() for sheet in book.worksheets())}
    while True:
        end = f" ({number})" if number > 1 else ""
        whole = _cut(name, _NAME - len(end)).rstrip("' ") + end
        if whole.lower() not in taken:
            return whole
        number += 1


def _cut(text: str, units: int) -> str:
    """The first characters, as many as fit into that many units of UTF-16."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")
