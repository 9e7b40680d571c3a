"""Surveys of residents, users and organisations."""

from __future__ import annotations

from ingest.datasets.layouts import survey

DATASETS = (
    survey(
        "active_people",
        "Active People Survey",
        "Sport England",
        "district",
    ),
    survey(
        "asb_reporter_survey",
        "Satisfaction of people who reported anti-social behaviour (withdrawn)",
        "Home Office",
        "upper",
    ),
    survey(
        "disabled_children_survey",
        "Parental experience of services for disabled children",
        "Department for Children, Schools and Families",
        "upper",
        min_areas=25,
    ),
    survey(
        "place_survey",
        "Place Survey",
        "Communities and Local Government",
        "district",
    ),
    survey(
        "tellus",
        "TellUs survey of children and young people",
        "Department for Children, Schools and Families, and Ofsted",
        "upper",
    ),
    survey(
        "third_sector_survey",
        "National Survey of Third Sector Organisations",
        "Cabinet Office",
        "upper",
    ),
)
