"""What councils and Government send themselves: returns keyed by councils, local area agreements."""

from __future__ import annotations

from ingest.contract import Domain
from ingest.datasets.layouts import hub_return, laa_targets

DATASETS = (
    hub_return(
        "hub_council_returns",
        Domain.LOCAL_AUTHORITY,
        "Returns keyed by councils",
        "Local authorities in England",
    ),
    laa_targets(
        "laa_targets",
        Domain.LOCAL_AUTHORITY,
        "LAA priorities and targets: designated, local, statutory",
        "Communities and Local Government",
    ),
    hub_return(
        "regulation_returns",
        Domain.LOCAL_AUTHORITY,
        "Business satisfaction and food hygiene compliance",
        "Local authorities in England, and the Food Standards Agency",
    ),
)
