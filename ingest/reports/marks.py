"""Numbers, names and years of a sentence, marked so that a program can hold each number against its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

Number = Decimal | int | float


@dataclass(frozen=True, slots=True)
class Cell:
    """Rows of a table or view of the warehouse, named by what they have in common.

    Where several rows have it in common, a number is their sum.
    """

    table: str
    key: Mapping[str, object] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """Address of one column, as `v_progress?area_code=E06000010&column=improving`."""
        return f"{self.table}?{urlencode({**self.key, 'column': name})}"

    def narrowed(self, **more: object) -> Cell:
        """The rows of these that have more in common."""
        return Cell(self.table, {**self.key, **more})


def shown(value: Number, decimals: int = 0, *, scale: int = 1) -> str:
    """A number for people: rounded half up, with commas, and a minus of its own width."""
    scaled = Decimal(str(value)) * scale
    rounded = scaled.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    # What rounds to nothing has no sign.
    return f"{abs(rounded) if rounded == 0 else rounded:,f}".replace("-", "−")


def exact(value: Number) -> str:
    """A number for programs: every digit, none more."""
    number = Decimal(str(value))
    return f"{number.normalize():f}" if number else "0"


def data(value: Number, cell: Cell, column: str, decimals: int = 0, *, scale: int = 1) -> Markup:
    """A number with the cell it was read from; `scale` is 100 where a share is shown in per cent."""
    scaled = Markup(' data-scale="{}"').format(scale) if scale != 1 else Markup("")
    return Markup('<data value="{}" data-cell="{}"{}>{}</data>').format(
        exact(value), cell.column(column), scaled, shown(value, decimals, scale=scale)
    )


def name(text: object) -> Markup:
    """The name of something, whose digits are no figures."""
    return Markup('<span class="name">{}</span>').format(text)


def year(framework_year: str) -> Markup:
    """A framework year, as 2009-10."""
    return Markup('<time datetime="{}">{}</time>').format(framework_year[:4], framework_year.replace("-", "–"))


def day(of: date) -> Markup:
    """A day, as 31 March 2010."""
    return Markup('<time datetime="{}">{}</time>').format(of.isoformat()[:10], f"{of.day} {of:%B %Y}")


def unit(text: str | None) -> Markup:
    """A unit behind a number, on the number's line."""
    return Markup('&nbsp;<span class="name">{}</span>').format(text) if text else Markup("")


def some(count: Markup, of: Any, one: str, many: str) -> Markup:
    """A marked count with its noun."""
    return Markup("{} {}").format(count, one if of == 1 else many)
