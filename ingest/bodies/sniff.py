"""What the first bytes of a download are, whatever its name and headers say."""

from __future__ import annotations

import re

from ingest.contract import normalise_header
from ingest.errors import BodyError

ODS_TYPE = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
# A member's name follows the 30 bytes of its header: elsewhere the same letters are chance.
_XLSX_MEMBER = re.compile(rb"PK\x03\x04.{26}(?:\[Content_Types\]\.xml|xl/|_rels/\.rels)", re.DOTALL)
_OTHER_OFFICE_MEMBER = re.compile(rb"PK\x03\x04.{26}(?:word|ppt)/", re.DOTALL)
_WORKBOOKS = {"ods", "xlsx"}


def plain_text(html: str, limit: int = 200) -> str:
    """The words of a piece of HTML (its title, where it has one), on one line, cut at `limit` characters."""
    title = _TITLE.search(html)
    text = normalise_header(_TAG.sub(" ", title.group(1) if title else html))
    return text if len(text) <= limit else text[: limit - 3] + "..."


def what_is(head: bytes) -> tuple[str, str]:
    """Kind and description of a body by its first bytes.

    The kind is one of csv, ods, xlsx, zip, gzip, xls, pdf, html, xml, json, binary, blank.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if ODS_TYPE in head[:200]:
            return "ods", "an OpenDocument spreadsheet"
        if _XLSX_MEMBER.search(head) and not _OTHER_OFFICE_MEMBER.search(head):
            return "xlsx", "an Excel workbook"
        return "zip", "a zip archive"
    for magic, kind, description in (
        (b"\x1f\x8b", "gzip", "gzip data"),
        (b"\xd0\xcf\x11\xe0", "xls", "an old Excel workbook (.xls)"),
        (b"%PDF", "pdf", "a PDF"),
        (b"\xff\xfe", "binary", "UTF-16 text"),
        (b"\xfe\xff", "binary", "UTF-16 text"),
    ):
        if head.startswith(magic):
            return kind, description
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "blank", "nothing but white space"
    lowered = text[:2048].lower()
    if text.startswith(b"<"):
        if b"<html" in lowered or lowered.startswith(b"<!doctype html"):
            return "html", f"HTML: title {plain_text(text[:65536].decode('utf-8', 'replace'))!r}"
        return "xml", "XML"
    if re.match(rb"\{|\[\s*[\[{\]]", text):
        return "json", f"JSON: {plain_text(text[:4096].decode('utf-8', 'replace'), 120)}"
    if b"\x00" in head[:8192]:
        return "binary", "binary data"
    return "csv", "text"


def require_media(head: bytes, media: str, about: str, url: str) -> None:
    """Refuse a download whose first bytes are not what the dataset promises.

    `media` is the dataset's: csv, zip, ods, xlsx, json or jsonl. A workbook may come as ODS or XLSX, since bodies
    change from one to the other between editions and the reader tells them apart.
    Raises BodyError naming what came instead.
    """
    kind, description = what_is(head)
    accepted = {"zip": {"zip"}, "jsonl": {"json"}}.get(media, _WORKBOOKS if media in _WORKBOOKS else {media})
    if kind not in accepted:
        raise BodyError(
            f"{about}: {url} sent {description} in place of {media}",
            hint="open the address in a browser: the file may have moved or changed its format",
        )
