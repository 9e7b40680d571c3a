"""What feeds what, as the README shows it: written from the seeds, so that it cannot fall behind them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from ingest.catalogue.methods import components_below, measures_of
from ingest.catalogue.seeds import Row, read
from ingest.errors import UsageError

BEGIN = "<!-- what feeds what: begin; written by `nis catalogue readme` -->"
END = "<!-- what feeds what: end -->"


def rewritten(readme: str, folder: Path) -> str:
    """The text of the README with the part between the markers made anew from the seeds in a folder.

    Raises UsageError when the markers are not there.
    """
    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise UsageError(
            "the README has lost the markers of the part that is written from the seeds",
            hint=f"put the lines {BEGIN!r} and {END!r} back, once each",
        )
    before, rest = readme.split(BEGIN)
    return f"{before}{BEGIN}\n\n{section(folder)}\n{END}{rest.split(END)[1]}"


def section(folder: Path) -> str:
    """Markdown: the indicators by theme, each with its datasets and method, and the datasets by body."""
    seeds, _ = read(folder)
    families: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in seeds.rows("indicator_components"):
        families[row.key("framework_id", "indicator_id")].append(row)
    dataset_of = {row["measure_id"]: row["dataset_id"] for row in seeds.rows("measures")}
    indicators = sorted(seeds.rows("indicators"), key=lambda row: (row["framework_id"], int(row["ni"])))
    themes: dict[str, list[str]] = defaultdict(list)
    fed: dict[str, set[int]] = defaultdict(set)
    for indicator in indicators:
        family = families[indicator.key("framework_id", "indicator_id")]
        cells = [row.cells for row in family]
        for row in family:
            for measure in measures_of(row.cells, cells):
                fed[dataset_of.get(measure, "")].add(int(indicator["ni"]))
        headline = next((row.cells for row in family if row["headline"] == "yes"), None)
        themes[indicator["theme"]].append(_indicator(indicator, headline, cells, dataset_of))
    return "\n".join([*_by_theme(themes), *_by_body(seeds.rows("datasets"), fed)])


def _indicator(
    indicator: Row,
    headline: Mapping[str, str] | None,
    family: list[dict[str, str]],
    dataset_of: Mapping[str, str],
) -> str:
    status = "" if indicator["set_status"] == "in_set" else f" ({indicator['set_status']})"
    cells = [indicator["ni"], indicator["title"] + status]
    if headline is None:
        cells += ["", "", "0"]
    else:
        named = [dataset_of[measure] for measure in measures_of(headline, family) if measure in dataset_of]
        cells += [", ".join(f"`{name}`" for name in dict.fromkeys(named)), _how(headline, family), str(len(family))]
    return _line([*cells, indicator["definition_confidence"]])


def _how(headline: Mapping[str, str], family: list[dict[str, str]]) -> str:
    """The method of a component, and the methods of those it is made of."""
    made_of = components_below(headline)
    below = dict.fromkeys(row["method"] for row in family if row["component"] in made_of)
    return headline["method"] + (f" of {', '.join(below)}" if below else "")


def _by_theme(themes: Mapping[str, list[str]]) -> Iterable[str]:
    yield "Each indicator rests on the datasets of its headline component. `definition` says how sure the definition"
    yield "is: high, a public source for the measure was read; medium, the title is confirmed and the definition"
    yield "remembered; low, remembered only. `nis indicators --ni 20` tells the rest: components, notes and doubts."
    yield ""
    for theme, lines in themes.items():
        yield f"<details><summary>{theme} ({len(lines)})</summary>"
        yield ""
        yield "| NI | indicator | datasets | method | components | definition |"
        yield "|---:|---|---|---|---:|---|"
        yield from lines
        yield ""
        yield "</details>"
        yield ""


def _by_body(datasets: Iterable[Row], fed: Mapping[str, set[int]]) -> Iterable[str]:
    rows = sorted(datasets, key=lambda row: (row["body"].casefold(), row["dataset_id"]))
    yield f"<details><summary>Datasets by body ({len(rows)})</summary>"
    yield ""
    yield "| body | dataset | what it holds | interface | layout | NI |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        numbers = ranges(fed.get(row["dataset_id"], ())) or "none: context"
        name = f"`{row['dataset_id']}`"
        yield _line([row["body"], name, row["title"], f"`{row['interface']}`", f"`{row['layout']}`", numbers])
    yield ""
    yield "</details>"
    yield ""


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(re.sub(r"\s+", " ", cell).replace("|", "\\|") for cell in cells) + " |"


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as ranges: 1-3, 7, 9-10."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
