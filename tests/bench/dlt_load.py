"""The same file by dlt: PyArrow reads the CSV in batches, dlt writes CSV and copies it into PostgreSQL."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt
import pyarrow as pa
import pyarrow.csv as pc


def batches(path: str) -> Iterator[pa.Table]:
    """Tables of text columns, 64 MiB of CSV each."""
    with Path(path).open() as file:
        names = file.readline().strip().split(",")
    text = pc.ConvertOptions(column_types={name: pa.string() for name in names})
    reader = pc.open_csv(path, read_options=pc.ReadOptions(block_size=64 << 20), convert_options=text)
    for batch in reader:
        yield pa.Table.from_batches([batch])


def main(path: str, url: str) -> None:
    """Load a CSV file into schema bench_dlt; prints the seconds it took as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "bench", pipelines_dir=folder, destination=dlt.destinations.postgres(url), dataset_name="bench_dlt"
        )
        started = time.perf_counter()
        pipeline.run(batches(path), table_name="street_crime", write_disposition="replace", loader_file_format="csv")
        json.dump({"seconds": time.perf_counter() - started}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
