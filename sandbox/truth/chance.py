"""Cheap seeded chance: numbers that depend on what they are asked for, not on what was drawn before."""

from __future__ import annotations

import hashlib
import math
from statistics import NormalDist

_MASK = (1 << 64) - 1
_BINS = 4096
_NORMAL = tuple(NormalDist().inv_cdf((i + 0.5) / _BINS) for i in range(_BINS))


def word(*parts: object) -> int:
    """A 64-bit number for these words, the same on every machine."""
    text = ":".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def mixed(one: int, two: int, three: int = 0) -> int:
    """A 64-bit number that depends on three numbers (the finaliser of SplitMix64)."""
    key = (one ^ (two * 0x9E3779B97F4A7C15) ^ (three * 0xC2B2AE3D27D4EB4F)) & _MASK
    key = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    key = ((key ^ (key >> 27)) * 0x94D049BB133111EB) & _MASK
    return key ^ (key >> 31)


def normal(key: int) -> float:
    """A draw from the standard normal distribution, within 3.7 of 0."""
    return _NORMAL[key & (_BINS - 1)]


def other(key: int) -> float:
    """A second normal draw from the same number, independent of the first."""
    return _NORMAL[(key >> 12) & (_BINS - 1)]


def unit(key: int) -> float:
    """An even draw from 0 to 1 out of the upper bits, independent of both normal draws."""
    return (key >> 24) / (1 << 40)


def counted(key: int, mean: float) -> int:
    """A count with this mean: Poisson below 40, rounded normal above."""
    if mean <= 0:
        return 0
    if mean > 40:
        return max(0, round(mean + math.sqrt(mean) * normal(key)))
    left = unit(key)
    count, term = 0, math.exp(-mean)
    while left > term and count < 200:
        left -= term
        count += 1
        term *= mean / count
    return count


def shared_out(amount: int, weights: list[float], limits: list[int] | None = None) -> list[int]:
    """Whole numbers that add up to `amount`, near the weights, none above its limit.

    Raises ValueError when the limits cannot hold the amount.
    """
    if amount == 0:
        return [0] * len(weights)
    if limits is None:
        limits = [amount] * len(weights)
    if sum(limits) < amount:
        raise ValueError(f"{amount} does not fit below the limits {limits}")
    scale = amount / (sum(weights) or 1.0)
    parts = [min(limit, int(weight * scale)) for weight, limit in zip(weights, limits, strict=True)]
    left = amount - sum(parts)
    while left > 0:
        # What is over goes to those furthest below their share that still have room, one each in turn.
        room = [i for i, part in enumerate(parts) if part < limits[i]]
        room.sort(key=lambda i: (parts[i] - weights[i] * scale, i))
        step = max(1, left // (2 * len(room)))
        for i in room:
            more = min(step, left, limits[i] - parts[i])
            parts[i] += more
            left -= more
    return parts
