"""GOV.UK: content items that list attachments, and the assets themselves."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from html import escape

from sandbox.bodies.answers import Answer, Request, as_json, as_text
from sandbox.documents import ASSETS, Document, Shelf

_ASSET = re.compile(r"/media/([0-9a-f]{24})/([^/]+)")


def content_item(request: Request, base: str, documents: Sequence[Document], shelf: Shelf) -> Answer:
    """The content item of a page: 200 with its attachments, 404 for an unknown page.

    A page with a withdrawn document still answers 200, with a withdrawn notice.
    """
    page = request.path.removeprefix("/api/content")
    found = [document for document in documents if document.page and document.page == page]
    if not found:
        return as_json({"message": "Not found"}, 404)
    releases = [shelf.release(document) for document in found]
    updated = max(release.updated for release in releases)
    attachments = [
        {
            "id": f"{number}",
            "attachment_type": "file",
            "title": document.title,
            "url": f"{base}{ASSETS}/{release.asset_id}/{document.filename}",
            "content_type": document.media_type,
            "filename": document.filename,
            "file_size": release.size,
        }
        for number, (document, release) in enumerate(zip(found, releases, strict=True), start=1)
    ]
    history = [{"public_timestamp": _stamp(found[0].updated), "note": "First published."}]
    if updated != found[0].updated:
        history.insert(0, {"public_timestamp": _stamp(updated), "note": "Figures revised."})
    item = {
        "base_path": page,
        "content_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://www.gov.uk{page}")),
        "document_type": "statistical_data_set",
        "schema_name": "statistical_data_set",
        "locale": "en",
        "title": page.rsplit("/", 1)[-1].replace("-", " ").capitalize(),
        "description": "",
        "public_updated_at": _stamp(updated),
        "updated_at": _stamp(updated),
        "details": {
            "body": "".join(
                f'<p><a href="{escape(str(a["url"]))}">{escape(str(a["title"]))}</a></p>' for a in attachments
            ),
            "attachments": attachments,
            "change_history": history,
        },
        "links": {},
    }
    withdrawn = [release.withdrawn for release in releases if release.withdrawn]
    if withdrawn:
        item["withdrawn_notice"] = {
            "explanation": f"<p>{escape(withdrawn[0])}</p>",
            "withdrawn_at": _stamp(updated),
        }
    headers = {"Cache-Control": "max-age=300, public", "Access-Control-Allow-Origin": "*"}
    return as_json(item, 200, **headers)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def asset(request: Request, documents: Sequence[Document], shelf: Shelf) -> Answer:
    """An asset by its id and file name: 404 for an id that has rotated away, 410 when withdrawn."""
    match = _ASSET.fullmatch(request.path)
    if match is None:
        return as_text("Not found", 404)
    for document in documents:
        if document.page and document.filename == match[2]:
            release = shelf.release(document)
            if release.withdrawn:
                return as_text("Gone", 410)
            if release.asset_id == match[1]:
                headers = {"Content-Type": document.media_type, "Cache-Control": "max-age=1800, public"}
                return Answer(200, headers, release.path, release.etag, release.last_modified)
    return as_text("Not found", 404)
