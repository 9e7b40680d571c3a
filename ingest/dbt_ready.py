"""dbt in a process of its own that has read the project before it is asked for anything.

Its arguments are dbt's folders. Each line of standard input is a JSON object with dbt's `arguments`, the file `log` for
its lines, and the datasets that `changed`; the answer is a line with dbt's exit code.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


def main(folders: Sequence[str]) -> None:
    """Read the project, then do what each line asks for, until there are no more."""
    # Our standard output is for answers: what dbt prints goes where standard error goes, and later to the log.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    # What is imported and read stays: the collector would only go through it again and again.
    gc.disable()
    from dbt.cli.main import dbtRunner

    ready = dbtRunner().invoke(["--quiet", "--no-use-colors", "--no-write-json", "parse", *folders])
    # Where the project cannot be read, the command itself will say so, in its log.
    manifest = cast("Manifest | None", ready.result) if ready.success else None
    for line in sys.stdin:
        question = json.loads(line)
        os.environ["NIS_DBT_CHANGED"] = question["changed"]
        with Path(question["log"]).open("w") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        done = dbtRunner(manifest=manifest).invoke(["--no-use-colors", *question["arguments"], *folders])
        if done.exception:
            sys.stdout.write(f"{done.exception}\n")
        sys.stdout.flush()
        # A command leaves marks on what was read, so the next one reads anew.
        manifest = None
        answers.write(f"{0 if done.success else 1}\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
