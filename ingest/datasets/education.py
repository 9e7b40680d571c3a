"""Education: absence from school."""

from __future__ import annotations

from ingest.contract import Body, BulkFiles, Dataset, Domain
from ingest.datasets.layouts import els_table

DATASETS = (
    Dataset(
        dataset_id="ons_persistent_absence",
        domain=Domain.EDUCATION,
        title="Persistent absences for all pupils",
        publisher="Department for Education, through ONS Explore Local Statistics",
        body=Body.ONS,
        source=BulkFiles((("all", "/explore-local-statistics/indicators/persistent-absences-for-all-pupils.csv"),)),
        tables=(els_table(min_rows=500, min_areas=140),),
    ),
)
