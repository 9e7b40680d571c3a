"""A client of a sandbox under test, and a way to run one."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.server import SandboxServer
from sandbox.site import Site

ROOT = Path(__file__).resolve().parents[2]
TOTALS = "/www.ons.gov.uk/population/la_mid_year_population_totals.csv"
WASTE_PAGE = (
    "/www.gov.uk/api/content/government/statistical-data-sets/"
    "env18-local-authority-collected-waste-annual-results-tables"
)
SURREY = "51.47,-0.85:51.47,0.06:51.07,0.06:51.07,-0.85"
STREET = "/data.police.uk/api/crimes-street/all-crime"
NOMIS = "/www.nomisweb.co.uk/api/v01/dataset/NM_2002_1.data.csv"
NOMIS_QUERY = {
    "geography": "TYPE464",
    "date": "2011",
    "gender": "1,2",
    "c_age": "101...191",
    "measures": "20100",
    "select": "GEOGRAPHY_CODE,GENDER_NAME,C_AGE_NAME,OBS_VALUE,RECORD_OFFSET,RECORD_COUNT",
}


class Client:
    """Asks one sandbox; paths start with the host's name."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.url = server.url

    def get(self, path: str, **options: object) -> requests.Response:
        """GET a path below the sandbox."""
        return requests.get(self.url + path, timeout=20, allow_redirects=False, **options)  # type: ignore[arg-type]

    def fault(self, path: str, kind: str, **more: object) -> requests.Response:
        """Ask for a fault."""
        body = {"path": path, "kind": kind, **more}
        return requests.post(f"{self.url}/__control/faults", json=body, timeout=60)

    def mend(self) -> None:
        """Remove all faults."""
        requests.delete(f"{self.url}/__control/faults", timeout=20)


def post(client: Client, path: str, body: object, **headers: str) -> requests.Response:
    """POST an object as JSON."""
    return requests.post(client.url + path, json=body, headers=headers, timeout=20)


def table_of(response: requests.Response) -> list[dict[str, str]]:
    """Rows of an answer in CSV."""
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8"))))


@contextmanager
def running(site: Site) -> Iterator[Client]:
    """A server on a free port for as long as the block lasts."""
    server = SandboxServer(site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Client(server)
    finally:
        server.stop()
        thread.join(5)
        site.close()
