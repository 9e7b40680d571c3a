"""Processes that make files: Python computes on one core at a time, and a first run waits for a hundred files."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

from sandbox.documents import Document


class Makers:
    """As many processes as are told, each started when first needed; safe to use from several threads."""

    def __init__(self, count: int, seed: int, seeds: Path) -> None:
        """Nothing is started yet; documents are those of this seed and of this folder of seeds."""
        self._command = [sys.executable, "-m", "sandbox", "make", "--seed", str(seed), "--seeds", str(seeds)]
        # Last in, first out: what runs already is asked before another is started.
        self._idle: queue.LifoQueue[subprocess.Popen[str] | None] = queue.LifoQueue()
        self._started: list[subprocess.Popen[str]] = []
        for _ in range(count):
            self._idle.put(None)

    def make(self, document: Document, path: Path) -> None:
        """Write a made document to `path`; waits for a process that is idle.

        Raises OSError when the document could not be written.
        """
        process = self._idle.get()
        try:
            if process is None or process.poll() is not None:
                # It ends when its standard input does: it cannot outlive us, even if we are killed.
                process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                self._started.append(process)
            assert process.stdin is not None, "it is a pipe"
            assert process.stdout is not None, "it is a pipe"
            print(json.dumps([document.name, str(path)]), file=process.stdin, flush=True)
            answer = process.stdout.readline()
        finally:
            self._idle.put(process)
        if not answer:
            raise OSError(f"{document.name}: the process that made it ended with {process.wait()}")
        if error := json.loads(answer):
            raise OSError(f"{document.name}: {error}")

    def close(self) -> None:
        """End the processes."""
        for process in self._started:
            with process:
                assert process.stdin is not None, "it is a pipe"
                process.stdin.close()


def serve(documents: Mapping[str, Document], asked: Iterable[str], answers: TextIO) -> None:
    """Make one document for each line `[name, path]` and answer with a line: null, or what went wrong."""
    # Ctrl-C reaches all processes of a terminal; this one ends with its parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in asked:
        name, path = json.loads(line)
        try:
            documents[name].make(Path(path))
        except OSError as error:
            print(json.dumps(str(error)), file=answers, flush=True)
        else:
            print("null", file=answers, flush=True)
