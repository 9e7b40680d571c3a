"""Connectors to the bodies, one module for each kind of interface, imported only when one is used."""

from __future__ import annotations

from ingest.bodies.base import Connector, Delivered, Known, Offer
from ingest.contract import BulkFiles, Ees, Fingertips, GovUkPage, Nomis, PoliceApi, Returns, Source, StatXplore

__all__ = ["Connector", "Delivered", "Known", "Offer", "connector_for"]


def connector_for(source: Source) -> Connector:
    """The connector that speaks the interface of a dataset's source."""
    match source:
        case GovUkPage():
            from ingest.bodies.govuk import GovUkConnector

            return GovUkConnector(source)
        case BulkFiles():
            from ingest.bodies.bulk import BulkConnector

            return BulkConnector(source)
        case Fingertips():
            from ingest.bodies.fingertips import FingertipsConnector

            return FingertipsConnector(source)
        case Nomis():
            from ingest.bodies.nomis import NomisConnector

            return NomisConnector(source)
        case PoliceApi():
            from ingest.bodies.police import PoliceConnector

            return PoliceConnector(source)
        case Ees():
            from ingest.bodies.ees import EesConnector

            return EesConnector(source)
        case StatXplore():
            from ingest.bodies.stat_xplore import StatXploreConnector

            return StatXploreConnector(source)
        case Returns():
            from ingest.bodies.returns import ReturnsConnector

            return ReturnsConnector()
