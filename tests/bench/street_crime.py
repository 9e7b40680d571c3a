"""A street-level crime file of any length, its contract, and one measured load of it."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine

# Imported here, though landing does so itself where it is used: what a process costs to start is not what is measured.
import ingest.bodies.http  # noqa: F401
from ingest import database
from ingest.contract import Body, BulkFiles, Dataset, Delimited, Domain, Table
from ingest.database.raw import create_raw_tables
from ingest.datasets.layouts import columns
from ingest.errors import NisError
from ingest.land import land
from ingest.landing import LandingStore
from ingest.load import load_release, waiting
from ingest.settings import Settings

NAMES = (
    "crime_id", "month", "reported_by", "falls_within", "longitude", "latitude", "location", "lsoa_code", "lsoa_name",
    "crime_type", "last_outcome_category", "context",
)  # fmt: skip
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
TYPES = ("Anti-social behaviour", "Violence and sexual offences", "Criminal damage and arson", "Vehicle crime")


def dataset(file: str) -> Dataset:
    """Contract of a generated file that the sandbox serves under /__files/."""
    headers = HEADER.lower().split(",")
    return Dataset(
        dataset_id="bench_street_crime",
        domain=Domain.POLICE,
        title="Generated street-level crime",
        publisher="Nobody: generated for the benchmark",
        body=Body.POLICE,
        source=BulkFiles(((file, f"/{file}"),)),
        max_bytes=8 * 1024**3,
        tables=(Table(columns=columns(*zip(NAMES, headers, strict=True)), reader=Delimited()),),
    )


def generate(path: Path, rows: int) -> None:
    """Write a file of about 250 bytes a row; the same rows every time."""
    with path.open("w") as file:
        file.write(HEADER + "\n")
        for number in range(rows):
            digest = hashlib.sha256(b"%d" % number).hexdigest()
            place = number % 900
            file.write(
                f"{digest},2020-{number % 12 + 1:02d},Surrey Police,Surrey Police,-0.{place:06d},51.{place * 7 % 999999:06d},"
                f"On or near Parking Area at Market Street {place},E0103{place % 9999:04d},Reigate and Banstead {place % 20:03d}A,"
                f"{TYPES[number % 4]},Investigation complete; no suspect identified,\n"
            )


def load_once(home: str, base: str, file: str) -> None:
    """Land and load one file over HTTP in this process; prints seconds and peak memory as JSON."""
    settings = Settings(home=Path(home), source="made", base_urls={Body.POLICE: base}, log_level="error")
    contract = dataset(file)
    owner = database.url(settings).replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(owner)
    with engine.begin() as connection:
        create_raw_tables(connection, [contract])
    engine.dispose()
    started = time.perf_counter()
    report = land(settings, [contract], run_id_of(settings), lambda *_: None)
    landed = time.perf_counter()
    if report.failed or not report.landed:
        raise NisError(f"nothing was landed: {report}")
    rows = 0
    store = LandingStore(settings.landing_url)
    with database.connect(settings, "nis_loader") as connection:
        for release in waiting(connection, [contract]):
            with store.open(release.sha256) as bytes_:
                rows += load_release(connection, release, bytes_)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"land": landed - started, "load": ended - landed, "rows": rows, "peak_mib": peak}, sys.stdout)


def run_id_of(settings: Settings) -> int:
    """A run for the releases to belong to."""
    with database.connect(settings, "nis_loader") as connection:
        row = connection.execute(
            "insert into ops.run (command, origin) values ('bench', 'made') returning run_id"
        ).fetchone()
    assert row is not None
    return int(row[0])


def forget(settings: Settings) -> None:
    """Remove what a load made, so that the next one has everything to do."""
    with database.connect(settings) as connection:
        connection.execute("delete from ops.release where dataset_id = 'bench_street_crime'")
        connection.execute("drop table if exists raw.bench_street_crime")
    for path in (settings.home / "landing" / "objects").rglob("*"):
        if path.is_file():
            path.unlink()
    os.sync()


if __name__ == "__main__":
    load_once(*sys.argv[1:])
