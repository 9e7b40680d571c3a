"""Writers of small ODS and XLSX workbooks: plain cells, merged cells, fixed timestamps."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from sandbox.archives import entry

Cell = str | int | float | None
Span = tuple[int, int, int, int]
"""First row, first column, last row, last column of a merged cell, counted from 0."""

_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OPENXML = "http://schemas.openxmlformats.org"
_MAIN = f"{_OPENXML}/spreadsheetml/2006/main"
_RELS = f"{_OPENXML}/officeDocument/2006/relationships"
_PACKAGE_RELS = f"{_OPENXML}/package/2006/relationships"
_MANY_ROWS = 20_000


@dataclass(slots=True)
class SheetData:
    """One sheet: its rows, where its column titles stand (0-based), and its merged cells."""

    name: str
    rows: list[list[Cell]]
    header_row: int | None = None
    merged: tuple[Span, ...] = ()


def write_workbook(target: Path, sheets: Sequence[SheetData]) -> None:
    """Write an ODS or XLSX workbook, by the ending of the file's name.

    Raises ValueError for another ending.
    """
    if target.suffix == ".ods":
        _write_ods(target, sheets)
    elif target.suffix == ".xlsx":
        _write_xlsx(target, sheets)
    else:
        raise ValueError(f"{target.name}: workbooks are written as .ods or .xlsx")


def _write_ods(target: Path, sheets: Sequence[SheetData]) -> None:
    manifest = (
        f'{_XML}<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(target, "w") as archive:
        # The format asks for the media type first and unpacked, so that the first bytes tell what the file is.
        archive.writestr(entry("mimetype", stored=True), _ODS)
        # A large table is packed fast rather than small: it repeats itself so much that both come out alike.
        archive.writestr(entry("content.xml"), "".join(_ods_content(sheets)), compresslevel=_pace(sheets))
        archive.writestr(entry("META-INF/manifest.xml"), manifest)


def _pace(sheets: Sequence[SheetData]) -> int:
    return 1 if sum(len(sheet.rows) for sheet in sheets) > _MANY_ROWS else 6


def _ods_content(sheets: Sequence[SheetData]) -> Iterator[str]:
    spaces = " ".join(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "table", "text"))
    yield f'{_XML}<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
    cells: dict[tuple[type, Cell], str] = {}
    for sheet in sheets:
        width = max((len(row) for row in sheet.rows), default=1)
        yield f"<table:table table:name={quoteattr(sheet.name)}>"
        yield f'<table:table-column table:number-columns-repeated="{width}"/>'
        spans = {(first, left): (first, left, last, right) for first, left, last, right in sheet.merged}
        covered = {
            (row, column)
            for first, left, last, right in sheet.merged
            for row in range(first, last + 1)
            for column in range(left, right + 1)
        } - set(spans)
        special = {row for row, _ in (*spans, *covered)}
        for number, row in enumerate(sheet.rows):
            if number in special:
                yield _ods_row(number, [*row, *[None] * (width - len(row))], spans, covered)
            else:
                yield f"<table:table-row>{_ods_plain(row, width, cells)}</table:table-row>"
        yield "</table:table>"
    yield "</office:spreadsheet></office:body></office:document-content>"


def _ods_plain(row: Sequence[Cell], width: int, cells: dict[tuple[type, Cell], str]) -> str:
    """A row without merged cells; each distinct cell is written once and remembered."""
    parts, empty = [], 0
    for value in row:
        if value is None or value == "":
            empty += 1
            continue
        if empty:
            parts.append(f'<table:table-cell table:number-columns-repeated="{empty}"/>')
            empty = 0
        # 1 and 1.0 are equal as keys and are written differently.
        key = (value.__class__, value)
        found = cells.get(key)
        if found is None:
            found = cells[key] = _ods_cell(value, None, False)
        parts.append(found)
    if empty := empty + width - len(row):
        parts.append(f'<table:table-cell table:number-columns-repeated="{empty}"/>')
    return "".join(parts)


def _ods_row(
    number: int, row: Sequence[Cell], spans: dict[tuple[int, int], Span], covered: set[tuple[int, int]]
) -> str:
    """A row that merged cells begin in or reach into."""
    cells = [
        _ods_cell(value, spans.get((number, column)), (number, column) in covered) for column, value in enumerate(row)
    ]
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _ods_cell(value: Cell, span: Span | None, covered: bool) -> str:
    tag = "table:covered-table-cell" if covered else "table:table-cell"
    extra = ""
    if span:
        first, left, last, right = span
        extra = f' table:number-columns-spanned="{right - left + 1}" table:number-rows-spanned="{last - first + 1}"'
    if value is None or value == "":
        return f"<{tag}{extra}/>"
    if isinstance(value, str):
        lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
        return f'<{tag} office:value-type="string"{extra}>{lines}</{tag}>'
    return f'<{tag} office:value-type="float" office:value="{value!r}"{extra}><text:p>{value!r}</text:p></{tag}>'


def _write_xlsx(target: Path, sheets: Sequence[SheetData]) -> None:
    count = range(1, len(sheets) + 1)
    types = (
        f'{_XML}<Types xmlns="{_OPENXML}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    )
    types += "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for i in count
    )
    root = (
        f'{_XML}<Relationships xmlns="{_PACKAGE_RELS}"><Relationship Id="rId1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    book = f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>' + "".join(
        f'<sheet name={quoteattr(sheet.name)} sheetId="{i}" r:id="rId{i}"/>'
        for i, sheet in zip(count, sheets, strict=True)
    )
    links = f'{_XML}<Relationships xmlns="{_PACKAGE_RELS}">' + "".join(
        f'<Relationship Id="rId{i}" Type="{_RELS}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in count
    )
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry("[Content_Types].xml"), types + "</Types>")
        archive.writestr(entry("_rels/.rels"), root)
        archive.writestr(entry("xl/workbook.xml"), book + "</sheets></workbook>")
        archive.writestr(entry("xl/_rels/workbook.xml.rels"), links + "</Relationships>")
        for i, sheet in zip(count, sheets, strict=True):
            archive.writestr(entry(f"xl/worksheets/sheet{i}.xml"), "".join(_xlsx_sheet(sheet)))


def column_letters(index: int) -> str:
    """Letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _xlsx_sheet(sheet: SheetData) -> Iterator[str]:
    yield f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'
    for number, row in enumerate(sheet.rows, start=1):
        cells = []
        for column, value in enumerate(row):
            if value is None or value == "":
                continue
            place = f"{column_letters(column)}{number}"
            if isinstance(value, str):
                cells.append(f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>')
            else:
                cells.append(f'<c r="{place}"><v>{value!r}</v></c>')
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData>"
    if sheet.merged:
        spans = "".join(
            f'<mergeCell ref="{column_letters(left)}{first + 1}:{column_letters(right)}{last + 1}"/>'
            for first, left, last, right in sheet.merged
        )
        yield f'<mergeCells count="{len(sheet.merged)}">{spans}</mergeCells>'
    yield "</worksheet>"
