"""What a page of a report holds, as an HTML parser of its own finds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "link", "br", "hr", "img", "input", "col"}
SENTENCES = {"p", "li", "figcaption"}


@dataclass
class Mark:
    """A number that says where it was read."""

    value: str
    cell: str
    scale: int
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A parsed page: its tags in order, marks, sentences without what is marked, headings, addresses."""

    source: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    """Of sentences."""
    cells: list[Mark] = field(default_factory=list)
    """Of tables."""
    bare: list[str] = field(default_factory=list)
    """Text of sentences outside of marked numbers, names, years and commands."""
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, dict[str, str]]] = []
        self._row = ""
        self._mark: Mark | None = None
        self.feed(self.source)
        self.close()
        assert self._open == [], f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        assert len(told) == len(attrs), f"an attribute stands twice: {attrs}"
        self.tags.append((tag, told))
        if tag == "tr":
            self._row = told.get("data-row", "")
        if tag == "data":
            cell = told.get("data-cell") or f"{self._row}&column={told['data-column']}"
            self._mark = Mark(told["value"], cell, int(told.get("data-scale", 1)))
            (self.marks if "data-cell" in told else self.cells).append(self._mark)
        if tag in SENTENCES and not self._inside("rules"):
            self.bare.append("")
        if tag in {"br", "td", "th"}:
            self.text += " "
        if tag not in VOID:
            self._open.append((tag, told))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        opened, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"
        if tag == "data":
            self._mark = None

    def handle_data(self, data: str) -> None:
        names = [name for name, _ in self._open]
        if "style" in names:
            return
        self.text += data
        if self._mark is not None:
            self._mark.text += data
        aside = {"data", "time", "code", "svg"} & set(names) or self._inside("name")
        if self.bare and SENTENCES & set(names) and not aside:
            self.bare[-1] += data

    def _inside(self, kind: str) -> bool:
        return any(kind in told.get("class", "").split() for _, told in self._open)

    def headings(self) -> list[int]:
        """Levels of the headings, in order."""
        return [int(tag[1]) for tag, _ in self.tags if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]


def require_accessible(page: Page) -> None:
    """What can be told of a page without eyes."""
    tags = page.tags
    assert page.source.startswith("<!doctype html>")
    assert dict(tags)["html"]["lang"] == "en-GB"
    levels = page.headings()
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    names = [name for name, _ in tags]
    assert names.count("table") == names.count("caption") == names.count("thead")
    assert all(told.get("scope") in {"col", "row"} for tag, told in tags if tag == "th")
    images = [told for tag, told in tags if tag == "svg"]
    assert all(told["role"] == "img" and told["aria-labelledby"] for told in images)
    assert names.count("title") == len(images) + 1
    assert names.count("desc") == len(images)
    ids = [told["id"] for _, told in tags if "id" in told]
    assert len(ids) == len(set(ids)), "an id stands twice"
    pointed = {one for _, told in tags for one in told.get("aria-labelledby", "").split()}
    pointed |= {told["href"][1:] for tag, told in tags if tag == "a" and told["href"].startswith("#")}
    assert pointed <= set(ids)
    first = next(told for tag, told in tags if tag == "a")
    assert first == {"class": "skip", "href": "#main"}


def require_self_contained(page: Page, sources: set[str]) -> None:
    """No script, no picture or style from elsewhere, no address but those of the sources."""
    assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & {tag for tag, _ in page.tags}
    assert not [name for _, told in page.tags for name in told if name.startswith("on")]
    assert "@import" not in page.source
    assert "url(" not in page.source
    away = {
        value
        for _, told in page.tags
        for name, value in told.items()
        if name != "xmlns" and value.startswith(("http:", "https:", "//", "data:", "javascript:"))
    }
    assert away <= sources
    assert len(page.source.encode()) < 1_000_000


def require_marked(page: Page) -> None:
    """No digit of a sentence stands outside of a marked number, a name, a year or a command."""
    assert page.bare
    assert [said for said in page.bare if any(letter.isdigit() for letter in said)] == []


def as_number(text: str) -> str:
    """A shown number as a program writes it."""
    return text.replace(",", "").replace("−", "-")
