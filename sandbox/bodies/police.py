"""data.police.uk: street-level crime in a polygon, with the rate limit and the refusals of the real API."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sandbox.bodies.answers import Answer, Request, as_json, as_text
from sandbox.documents import Document, Shelf

CATEGORIES = {
    "anti-social-behaviour": "Anti-social behaviour",
    "bicycle-theft": "Bicycle theft",
    "burglary": "Burglary",
    "criminal-damage-arson": "Criminal damage and arson",
    "drugs": "Drugs",
    "other-theft": "Other theft",
    "possession-of-weapons": "Possession of weapons",
    "public-order": "Public order",
    "robbery": "Robbery",
    "shoplifting": "Shoplifting",
    "theft-from-the-person": "Theft from the person",
    "vehicle-crime": "Vehicle crime",
    "violent-crime": "Violence and sexual offences",
    "other-crime": "Other crime",
}
_SLUGS = {name: slug for slug, name in CATEGORIES.items()}
_LONGEST_GET = 4_094
_FIRST_ID = 85_000_000
_MILE_IN_DEGREES = 1.609344 / 111.195
FORCE = "surrey"
STREET_COLUMNS = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
    "LSOA name", "Crime type", "Last outcome category", "Context",
)  # fmt: skip
Point = tuple[float, float]


class Bucket:
    """A leaky bucket: `burst` requests at once, then `rate` a second."""

    def __init__(self, rate: float = 15.0, burst: int = 30, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with an empty bucket."""
        self._rate, self._burst, self._clock = rate, burst, clock
        self._level, self._at = 0.0, clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Count a request; False when the bucket would run over."""
        with self._lock:
            now = self._clock()
            self._level = max(0.0, self._level - (now - self._at) * self._rate)
            self._at = now
            if self._level + 1 > self._burst:
                return False
            self._level += 1
            return True


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Tell whether a (latitude, longitude) lies in a polygon, by ray casting."""
    lat, lng = point
    within = False
    before = polygon[-1]
    for corner in polygon:
        if (corner[0] > lat) != (before[0] > lat):
            crossing = (before[1] - corner[1]) * (lat - corner[0]) / (before[0] - corner[0]) + corner[1]
            if lng < crossing:
                within = not within
        before = corner
    return within


def _polygon(text: str) -> list[Point]:
    corners = [(float(lat), float(lng)) for lat, lng in (pair.split(",") for pair in text.split(":"))]
    if len(corners) < 3:
        raise ValueError("a polygon needs three corners")
    return corners


class PoliceApi:
    """Answers the street-level end points from a street CSV file."""

    def __init__(self, document: Document, shelf: Shelf, limit: int = 10_000, bucket: Bucket | None = None) -> None:
        """Serve the crimes of `document`; more than `limit` in a polygon are refused."""
        self._document, self._shelf, self._limit = document, shelf, limit
        self._bucket = bucket or Bucket()
        self._loaded: tuple[Path, list[dict[str, Any]]] | None = None
        self._lock = threading.Lock()

    def _crimes(self) -> list[dict[str, Any]]:
        path = self._shelf.text(self._document)
        with self._lock:
            if self._loaded is None or self._loaded[0] != path:
                with path.open(encoding="utf-8", errors="replace", newline="") as file:
                    next(file)  # titles; the order is fixed, and a renamed column must not break the interface
                    rows = list(csv.DictReader(file, STREET_COLUMNS))
                self._loaded = (path, [_crime(number, row) for number, row in enumerate(rows, start=1)])
            return self._loaded[1]

    def answer(self, request: Request) -> Answer:
        """Answer a request below /api: 429 over the rate, 400, 404 and 503 as documented, else JSON."""
        if not self._bucket.take():
            return as_text("", 429)
        if request.method == "GET" and request.target_length > _LONGEST_GET:
            return as_text("Bad Request: the URL is too long, use POST", 400)
        if any(fault.kind == "withdraw" for fault in self._shelf.edits(self._document)):
            return as_text("Gone", 410)
        path = request.path.removeprefix("/api/").strip("/")
        months = sorted({crime["month"] for crime in self._crimes()})
        if path == "crimes-street-dates":
            return as_json([{"date": month, "stop-and-search": [FORCE]} for month in reversed(months)])
        if path == "crime-last-updated":
            return as_json({"date": f"{months[-1]}-01"})
        if path == "crime-categories":
            every = {"all-crime": "All crime", **CATEGORIES}
            return as_json([{"url": slug, "name": name} for slug, name in every.items()])
        fields = request.fields()
        month = fields.get("date", months[-1])
        if path == "crimes-no-location":
            return self._without_place(fields, month)
        end, _, category = path.partition("/")
        if end != "crimes-street" or category not in {"all-crime", *CATEGORIES} or month not in months:
            return as_text("Not Found", 404)
        return self._in_area(fields, month, category)

    def _without_place(self, fields: dict[str, str], month: str) -> Answer:
        if "category" not in fields or "force" not in fields:
            return as_text("Bad Request: category and force are needed", 400)
        wanted = fields["category"]
        return as_json(
            [
                crime
                for crime in self._crimes()
                if crime["location"] is None
                and crime["month"] == month
                and fields["force"] == FORCE
                and wanted in ("all-crime", crime["category"])
            ]
        )

    def _in_area(self, fields: dict[str, str], month: str, category: str) -> Answer:
        try:
            if "poly" in fields:
                polygon = _polygon(fields["poly"])
            else:
                polygon = _circle(float(fields["lat"]), float(fields["lng"]))
        except (KeyError, ValueError):
            return as_text("Bad Request: give poly=lat,lng:lat,lng:lat,lng or lat and lng", 400)
        found = [
            crime
            for crime in self._crimes()
            if crime["location"] is not None
            and crime["month"] == month
            and category in ("all-crime", crime["category"])
            and inside((float(crime["location"]["latitude"]), float(crime["location"]["longitude"])), polygon)
        ]
        if len(found) > self._limit:
            return as_text("", 503)
        body = json.dumps(found, separators=(",", ":")).encode()
        return Answer(200, {"Content-Type": "application/json"}, body)


def _circle(lat: float, lng: float) -> list[Point]:
    """A polygon of 32 corners one mile around a point."""
    stretch = 1 / math.cos(math.radians(lat))
    turns = (2 * math.pi * step / 32 for step in range(32))
    return [(lat + _MILE_IN_DEGREES * math.sin(t), lng + _MILE_IN_DEGREES * stretch * math.cos(t)) for t in turns]


def _crime(number: int, row: dict[str, str]) -> dict[str, Any]:
    located = bool(row["Longitude"] and row["Latitude"])
    street = int(hashlib.sha256(row["Location"].encode()).hexdigest()[:6], 16)
    outcome = row["Last outcome category"]
    return {
        "category": _SLUGS.get(row["Crime type"], "other-crime"),
        "location_type": "Force" if located else None,
        "location": {
            "latitude": row["Latitude"],
            "street": {"id": street, "name": row["Location"]},
            "longitude": row["Longitude"],
        }
        if located
        else None,
        "context": row["Context"],
        "outcome_status": {"category": outcome, "date": row["Month"]} if outcome else None,
        "persistent_id": row["Crime ID"],
        "id": _FIRST_ID + number,
        "location_subtype": "",
        "month": row["Month"],
    }
