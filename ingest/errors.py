"""Errors that say what is wrong, where, and the way out, each with its exit code."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the `nis` command line."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    HELD = 3


class NisError(Exception):
    """A refusal or failure that a person can act on.

    `message` names what happened and where; `hint` names the way out.
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  way out: {self.hint}" if self.hint else self.message


class UsageError(NisError):
    """The command was called with an argument that cannot be right."""

    exit_code = ExitCode.USAGE


class ContractError(NisError):
    """A dataset's declaration contradicts itself."""


class BodyError(NisError):
    """A source body could not be reached or did not answer as its interface promises."""


class Withdrawn(BodyError):
    """The body has withdrawn what we asked for."""


class NotPublished(BodyError):
    """The body has not published what we asked for (yet)."""


class BadFile(NisError):
    """A delivered file cannot be read as its contract says."""


class DatabaseError(NisError):
    """The warehouse cannot be reached or is not in the state we need."""
