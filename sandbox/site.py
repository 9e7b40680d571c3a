"""The site: documents, interfaces and faults, and which of them answers a request."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from sandbox import addresses
from sandbox.areas import SEEDS, Geography
from sandbox.bodies import ees, fingertips, govuk, nomis, stat_xplore
from sandbox.bodies.answers import Answer, Request, as_text
from sandbox.bodies.ees import Ees
from sandbox.bodies.fingertips import Fingertips
from sandbox.bodies.nomis import Nomis
from sandbox.bodies.police import PoliceApi
from sandbox.bodies.stat_xplore import Allowance, StatXplore
from sandbox.catalogue import made_documents, sample_documents
from sandbox.documents import Document, Shelf, stamp_of
from sandbox.faults import CONTENT_KINDS, FaultBook, FaultError
from sandbox.makers import Makers

_CACHE_CONTROL = {
    "data.gov.uk": "no-cache",
    "data.police.uk": "max-age=3600",
    "www.ons.gov.uk": "max-age=900, public",
}
_COMPUTED = (ees.PREFIX, fingertips.PREFIX, nomis.PREFIX, stat_xplore.ADDRESS)
"""Documents at these addresses are not handed out as files: an interface answers from them."""
NOT_READ = frozenset(
    {
        "corrections.csv", "frameworks.csv", "offence_categories.csv", "part_sets.csv", "period_types.csv",
        "published_figures.csv", "reasons.csv", "standard_populations.csv", "symbols.csv",
    }
)  # fmt: skip
"""Seeds that no document depends on: a correction must not have every file made anew."""


class Site:
    """Everything that a running sandbox hands out."""

    def __init__(
        self,
        origin: str = "made",
        seed: int = 2008,
        samples: Path | None = None,
        cache: Path | None = None,
        files: Path | None = None,
        police_limit: int = 10_000,
        seeds: Path = SEEDS,
        stat_xplore_limit: int = 2_000,
        makers: int = 0,
    ) -> None:
        """Prepare a site; files are made at their first request.

        `origin` is made or sample; `samples` is needed for sample. `cache` keeps made files between runs,
        else they live in a temporary folder until `close`. `police_limit` is the number of crimes in a polygon, and
        `stat_xplore_limit` that of requests in an hour, above which the body refuses. `makers` is the number of
        processes that make files; with none, the thread that is asked makes them. Raises ValueError or
        FileNotFoundError when something needed is missing.
        """
        if origin not in ("made", "sample"):
            raise ValueError(f"origin is {origin!r}; it must be made or sample")
        if origin == "sample" and samples is None:
            raise ValueError("origin sample needs the folder of genuine files: give --samples DIR")
        if files is not None and not files.is_dir():
            raise FileNotFoundError(f"{files} is not a folder; give an existing one with --files DIR")
        self.origin, self.seed, self.files = origin, seed, files
        self.faults = FaultBook()
        self.geography = Geography(seeds)
        self._temporary = None if cache else tempfile.TemporaryDirectory(prefix="sandbox-")
        folder = cache or Path(self._temporary.name if self._temporary else "")
        code = [
            *Path(__file__).parent.rglob("*.py"),
            *Path(__file__).parent.rglob("*.csv"),
            *(path for path in seeds.glob("*.csv") if path.name not in NOT_READ),
        ]
        self._makers = Makers(makers, seed, seeds) if makers and origin == "made" else None
        make = self._makers.make if self._makers else Document.make
        self.shelf = Shelf(folder, stamp_of(origin, str(seed), files=code), str(seed), self.faults, make)
        if samples is not None and origin == "sample":
            self.documents = sample_documents(samples)
        else:
            self.documents = made_documents(seed, self.geography)
        self._fixed = {
            document.addresses[0]: document
            for document in self.documents
            if document.addresses and not document.addresses[0].startswith(_COMPUTED)
        }
        self._ees = Ees(self.documents, self.shelf)
        self._fingertips = Fingertips(self.documents, self.shelf)
        self._nomis = Nomis(self.documents, self.shelf, self.geography)
        self._stat_xplore = StatXplore(self.documents, self.shelf, Allowance(stat_xplore_limit))
        self._police = PoliceApi(self._named(addresses.STREET.name), self.shelf, police_limit)

    def close(self) -> None:
        """End the processes that make files; remove the temporary folder, if there is one."""
        if self._makers is not None:
            self._makers.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _named(self, name: str) -> Document:
        return next(document for document in self.documents if document.name == name)

    def answer(self, request: Request, base: str) -> Answer:
        """Answer a request; `base` is the address of this server, for absolute links."""
        document = self._fixed.get(f"/{request.host}{request.path}")
        if document is not None:
            return self._fixed_file(document, request.host)
        if request.host == "www.gov.uk" and request.path.startswith("/api/content/"):
            return govuk.content_item(request, base, self.documents, self.shelf)
        if request.host == "assets.publishing.service.gov.uk":
            return govuk.asset(request, self.documents, self.shelf)
        if request.host == "data.police.uk" and request.path.startswith("/api/"):
            return self._police.answer(request)
        if request.host == "fingertips.phe.org.uk" and request.path.startswith("/api/"):
            return self._fingertips.answer(request)
        if request.host == "api.education.gov.uk":
            return self._ees.answer(request)
        if request.host == "stat-xplore.dwp.gov.uk":
            return self._stat_xplore.answer(request)
        if request.host == "www.nomisweb.co.uk":
            return self._nomis.answer(request)
        return as_text("Not found", 404)

    def add_fault(self, body: object) -> dict[str, Any]:
        """Put a fault in force and give it back as stored; a new release is made at once.

        Raises FaultError, and leaves everything as it was, when the fault is wrong or fits no document.
        """
        fault = self.faults.add(body)
        try:
            if fault["kind"] in CONTENT_KINDS:
                self._try_content(fault)
        except (FaultError, ValueError, TypeError) as error:
            self.faults.clear(fault["id"])
            raise FaultError(str(error)) from error
        return fault

    def _try_content(self, fault: dict[str, Any]) -> None:
        touched = [d for d in self.documents if any(edit.id == fault["id"] for edit in self.shelf.edits(d))]
        if not touched:
            known = sorted(address for document in self.documents for address in document.known_as)
            raise FaultError(f"{fault['path']} fits no document; documents are {', '.join(known)}")
        for document in touched:
            at = document.addresses[0] if document.addresses else ""
            _check_interface(fault, at)
            if fault["kind"] == "rename_column" and at.startswith(nomis.PREFIX):
                self._nomis.check_rename(document, fault["args"]["from"])
            elif fault["kind"] == "rename_column" and at == stat_xplore.ADDRESS:
                self._stat_xplore.check_rename(fault["args"]["from"])
            else:
                self.shelf.release(document)

    def _fixed_file(self, document: Document, host: str) -> Answer:
        release = self.shelf.release(document)
        if release.withdrawn:
            return as_text(f"Gone: {release.withdrawn}", 410)
        headers = {"Content-Type": document.media_type}
        if host in _CACHE_CONTROL:
            headers["Cache-Control"] = _CACHE_CONTROL[host]
        return Answer(200, headers, release.path, release.etag, release.last_modified)

    def shared_file(self, name: str) -> Answer:
        """A file of the folder given with --files, by its plain name."""
        if self.files is None or not name or name != Path(name).name or name in (".", ".."):
            return as_text("Not found", 404)
        path = self.files / name
        if not path.is_file() or path.is_symlink():
            return as_text("Not found", 404)
        status = path.stat()
        media = "text/csv" if path.suffix == ".csv" else "application/octet-stream"
        return Answer(200, {"Content-Type": media}, path, f'"{status.st_size:x}-{status.st_mtime_ns:x}"')


def _check_interface(fault: dict[str, Any], at: str) -> None:
    """Raise FaultError for a fault that the interface at an address cannot show."""
    if fault["kind"] in ("bom", "crlf") and at.startswith((nomis.PREFIX, fingertips.PREFIX, stat_xplore.ADDRESS)):
        raise FaultError(f"{fault['kind']}: {at} is answered row by row; its encoding and line ends are its own")
    if fault["kind"] == "pages":
        if not at.startswith((nomis.PREFIX, ees.PREFIX)):
            raise FaultError(f"pages: {at or 'a file of a page'} is not read page by page; Nomis and EES are")
        size = fault["args"].get("size")
        if not isinstance(size, int) or size < 1:
            raise FaultError(f"pages needs args size, a whole number above 0, not {size!r}")
