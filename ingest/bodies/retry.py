"""When to ask a body again, and after how long."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from ingest.errors import BodyError

FIRST_WAIT = 0.5
# Above this many milliseconds a reset time is a moment (1973 or later), below it is a length of time.
_EPOCH_MS = 10**11

T = TypeVar("T")


class Transient(BodyError):
    """A failure that may pass: the request is repeated.

    `wait` is how many seconds the body asked us to stay away, None when it did not say.
    """

    def __init__(self, message: str, *, wait: float | None = None) -> None:
        super().__init__(message, hint="try again later")
        self.wait = wait


class TooMuch(BodyError):
    """The body will not answer so large a question: ask smaller ones."""


def wait_asked_for(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds a body asks us to wait, from Retry-After (seconds or date) or X-RateLimit-Reset (milliseconds).

    `now` is in seconds since 1970. None where neither header is there or can be read.
    """
    after = headers.get("Retry-After", "").strip()
    if after.isascii() and after.isdigit():
        return float(after)
    if after:
        try:
            return max(0.0, parsedate_to_datetime(after).timestamp() - now)
        except (ValueError, OverflowError):
            pass
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if reset.isascii() and reset.isdigit():
        milliseconds = int(reset)
        return max(0.0, milliseconds / 1000 - now) if milliseconds > _EPOCH_MS else milliseconds / 1000
    return None


def retrying(
    call: Callable[[], T],
    attempts: int,
    max_wait: float,
    warn: Callable[[Transient, int, float], None],
) -> T:
    """Call until it does not raise Transient, at most `attempts` times; the last Transient is raised.

    Waits grow exponentially with jitter, or follow the body's wish, never beyond `max_wait` seconds.
    `warn` is told (error, attempt, seconds to wait) before each wait.
    """

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, Transient) and error.wait is not None:
            # A little more than asked, so that many clients do not come back at the same instant.
            return min(error.wait * (1 + random.random() / 10), max_wait)  # noqa: S311
        grown = FIRST_WAIT * 2.0 ** (state.attempt_number - 1)
        return min(grown + random.uniform(0, FIRST_WAIT), max_wait)  # noqa: S311

    def before_sleep(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, Transient):
            warn(error, state.attempt_number, state.upcoming_sleep)

    return Retrying(
        stop=stop_after_attempt(attempts),
        wait=wait,
        retry=retry_if_exception_type(Transient),
        before_sleep=before_sleep,
        reraise=True,
    )(call)
