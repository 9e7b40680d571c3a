"""Polygons for questions about places: written as the police API wants them, and cut into quarters."""

from __future__ import annotations

from collections.abc import Callable

Point = tuple[float, float]
"""Latitude and longitude, in degrees."""
Polygon = tuple[Point, ...]

OVERLAP = 0.00001
"""Degrees (about a metre) by which quarters overlap, so that no point on a cut is lost."""


def as_text(polygon: Polygon) -> str:
    """A polygon as `lat,lng:lat,lng`, six decimals (about ten centimetres)."""
    return ":".join(f"{lat:.6f},{lng:.6f}" for lat, lng in polygon)


def quarters(polygon: Polygon) -> list[Polygon]:
    """The parts of a polygon in the four quarters of its bounding box; empty parts are left out.

    The parts together cover the polygon and nothing outside it.
    """
    lats, lngs = [lat for lat, _ in polygon], [lng for _, lng in polygon]
    lat, lng = (min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2
    parts = []
    for axis_0, axis_1 in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        part = _half(polygon, 0, axis_0, lat - axis_0 * OVERLAP)
        part = _half(part, 1, axis_1, lng - axis_1 * OVERLAP)
        if len(part) >= 3:
            parts.append(part)
    return parts


def _half(polygon: Polygon, axis: int, sign: int, at: float) -> Polygon:
    """The part of a polygon where coordinate `axis` is beyond `at` in the direction of `sign`."""
    inside: Callable[[Point], bool] = lambda point: sign * (point[axis] - at) >= 0  # noqa: E731
    kept: list[Point] = []
    for start, end in zip((*polygon[-1:], *polygon[:-1]), polygon, strict=True):
        if inside(start) != inside(end):
            share = (at - start[axis]) / (end[axis] - start[axis])
            kept.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
        if inside(end):
            kept.append(end)
    return tuple(kept)
