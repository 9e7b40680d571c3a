"""Can a hidden count be worked out from what is handed out? What an attentive reader of the figures could tell of it.

A hidden count stands in printed totals: regions, England, Multi Area Agreements. Each total, less its parts that are
shown, is an equation over the hidden ones; of each hidden count a reader also knows the rule that hides it. The range
of whole numbers that it can then still be must be all that the rule hides.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection

Range = tuple[float, float]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Total:
    """A printed total less its shown parts: between `low` and `high`, it is the sum of the hidden ones.

    Printed exactly, both are one number; a rounded total lies half the rounding to either side. `complete` is false
    where some part has no figure at all: the sum may then be smaller.
    """

    parts: frozenset[str]
    low: float
    high: float
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A hidden count of which the figures tell more than the rule allows."""

    quantity: str
    area_code: str
    period: str
    low: float
    high: float


def feasible(known: Mapping[str, Range], totals: Iterable[Total], asked: Iterable[str]) -> dict[str, Range] | None:
    """Smallest and largest value of the parts asked for, given what is known of every part and the totals.

    Totals that lie in one another are taken apart until each part stands in one of them; then the range is plain
    arithmetic. Totals that overlap otherwise, or are rounded, are left to linear programming.
    Returns None where no values fit: the totals contradict each other, and tell a reader nothing.
    """
    equations = [total for total in dict.fromkeys(totals) if total.parts]
    exact = all(total.low == total.high and total.complete for total in equations)
    apart = _taken_apart(equations) if exact else None
    if apart is None:
        return _by_programming(known, equations, asked)
    found = {part: known[part] for part in asked}
    for total in apart:
        if not total.parts:
            if total.low != 0:
                return None
            continue
        lows = sum(known[part][0] for part in total.parts)
        highs = [known[part][1] for part in total.parts]
        bounded, boundless = sum(high for high in highs if high < math.inf), highs.count(math.inf)
        if total.low < lows or (not boundless and total.low > bounded):
            return None
        for part in total.parts & found.keys():
            low, high = known[part]
            others = math.inf if boundless > (high == math.inf) else bounded - (high if high < math.inf else 0)
            found[part] = (max(low, total.low - others), min(high, total.low - (lows - low)))
    return found


def _taken_apart(totals: Sequence[Total]) -> list[Total] | None:
    """Exact totals with those that lie in them taken away; None where two overlap and neither holds the other."""
    done: list[Total] = []
    whole: list[Total] = []
    for total in sorted(totals, key=lambda one: len(one.parts)):
        inside: list[Total] = []
        for other in reversed(whole):
            if other.parts <= total.parts:
                # The largest first: what lies in one of them has gone with it.
                if not any(other.parts <= larger.parts for larger in inside):
                    inside.append(other)
            elif other.parts & total.parts:
                return None
        rest = total.parts.difference(*(other.parts for other in inside))
        value = total.low - sum(other.low for other in inside)
        done.append(Total(rest, value, value))
        whole.append(total)
    return done


def _by_programming(
    known: Mapping[str, Range], totals: Sequence[Total], asked: Iterable[str]
) -> dict[str, Range] | None:
    import numpy as np
    from scipy.optimize import linprog  # type: ignore[import-untyped]

    names = sorted({part for total in totals for part in total.parts} | set(asked))
    place = {name: number for number, name in enumerate(names)}
    rows, most = [], []
    for total in totals:
        row = np.zeros(len(names))
        row[[place[part] for part in total.parts]] = 1
        rows.append(row)
        most.append(total.high)
        if total.complete:
            rows.append(-row)
            most.append(-total.low)
    bounds = [(low, None if math.isinf(high) else high) for low, high in (known[name] for name in names)]
    found: dict[str, Range] = {}
    for name in asked:
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(names))
            goal[place[name]] = sign
            answer = linprog(goal, A_ub=np.array(rows) if rows else None, b_ub=most or None, bounds=bounds)
            if answer.status == 2:
                return None
            ends.append(sign * answer.fun if answer.status == 0 else sign * -math.inf)
        # Counts are whole; the solver answers within a hair.
        found[name] = (math.ceil(ends[0] - 1e-6), ends[1] if math.isinf(ends[1]) else math.floor(ends[1] + 1e-6))
    return found


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A count that is not shown; `guarded` where a rule hides it, between `low` and `high`."""

    area_code: str
    low: float
    high: float
    guarded: bool


# Counts as the facts show them, in the periods with hidden ones.
_SHOWN = """
with asked as materialized (
    select distinct quantity from indicators.component_disclosure
    where %(indicators)s::text[] is null or indicator_id = any(%(indicators)s)
),
shown_count as materialized (
    select system.system_id, territory.territory_id, max(printed.count) as count, max(rule.rounded_to) as rounded_to
    from candidate.fact_value as f
    inner join indicators.component_disclosure as rule using (framework_id, indicator_id, component)
    inner join asked using (quantity)
    inner join measures.area_territory as territory using (area_code)
    inner join (
        select distinct system_id, quantity, period_start, period_end from indicators.quantity_cell
    ) as system
        on rule.quantity = system.quantity
        and f.period_start = system.period_start and f.period_end = system.period_end
    cross join lateral (
        select case rule.side when 'numerator' then f.numerator else f.denominator end as count
    ) as printed
    where printed.count is not null and rule.method not in ('change', 'rolling_change')
    group by 1, 2
)
"""

_HIDDEN = f"""
    {_SHOWN}
    select
        cell.system_id, cell.territory_id, cell.area_code, cell.hidden_from, cell.hidden_to, shown.count,
        cell.state in ('hidden_by_body', 'hidden_by_us') as is_guarded,
        withheld.reason = 'secondary_suppression' as is_guard,
        cell.quantity, cell.period_start || ' to ' || cell.period_end
    from indicators.quantity_cell as cell
    inner join asked using (quantity)
    left join shown_count as shown using (system_id, territory_id)
    left join indicators.quantity_withheld as withheld using (system_id, territory_id)
    where cell.is_leaf and (shown.count is null or cell.state in ('hidden_by_body', 'hidden_by_us'))
"""

_TOTALS = f"""
    {_SHOWN}
    select
        total.system_id,
        array_agg(part.territory_id) filter (where shown.count is null) as hidden,
        total.count - coalesce(sum(shown.count), 0) as remainder,
        (count(shown.count) + 1) * coalesce(min(total.rounded_to), 0) / 2.0 as slack,
        sum(part.atom_count) = min(inside.container_atoms) as is_complete
    from indicators.quantity_cell as part
    inner join asked using (quantity)
    inner join measures.territory_contains as inside on part.territory_id = inside.contained_id
    inner join shown_count as total
        on part.system_id = total.system_id and inside.container_id = total.territory_id
    left join shown_count as shown
        on part.system_id = shown.system_id and part.territory_id = shown.territory_id
    where part.is_leaf
    group by total.system_id, total.territory_id, total.count
    having count(*) > count(shown.count)
"""


def narrowed(connection: Connection, indicators: Collection[str] | None = None) -> dict[Key, list[Narrowed]]:
    """Hidden counts of the candidate marts that can be told too closely, by component that shows the quantity.

    Looks at the counts of some indicators, or of all. A component with hidden counts that are all safe has an empty
    list.
    """
    hidden: dict[int, dict[str, _Hidden]] = defaultdict(dict)
    names: dict[int, tuple[str, str]] = {}
    by_quantity: dict[str, list[Narrowed]] = {}
    asked = {"indicators": None if indicators is None else sorted(indicators)}
    for system, territory, area, low, high, shown, guarded, guard, quantity, period in connection.execute(
        _HIDDEN.encode(), asked
    ):
        by_quantity.setdefault(quantity, [])
        names[system] = (quantity, period)
        if shown is None:
            # What guards another is known to be larger than what the rule hides; of others nothing is known.
            known = (low, high) if guarded else (high + 1 if guard else 0, math.inf)
            hidden[system][territory] = _Hidden(area, known[0], known[1], guarded)
        elif low <= shown <= high:
            by_quantity[quantity].append(Narrowed(quantity, area, period, float(shown), float(shown)))
    totals: dict[int, list[Total]] = defaultdict(list)
    for system, parts, remainder, slack, complete in connection.execute(_TOTALS.encode(), asked):
        low, high = float(remainder - slack), float(remainder + slack)
        totals[system].append(Total(frozenset(parts), low, high, complete))
    for system, equations in totals.items():
        quantity, period = names[system]
        for cell, (low, high) in _too_narrow(hidden[system], equations):
            by_quantity[quantity].append(Narrowed(quantity, cell.area_code, period, low, high))
    found: dict[Key, list[Narrowed]] = {}
    for framework_id, indicator_id, component, quantity in connection.execute(
        b"select framework_id, indicator_id, component, quantity from indicators.component_disclosure"
    ):
        if quantity in by_quantity:
            found.setdefault((framework_id, indicator_id, component), []).extend(by_quantity[quantity])
    return found


def _too_narrow(cells: Mapping[str, _Hidden], totals: Sequence[Total]) -> Iterator[tuple[_Hidden, Range]]:
    """Guarded cells that cannot be every number their rule hides, with the range that is left of them."""
    within = {part for total in totals for part in total.parts}
    asked = [part for part in within if cells[part].guarded]
    known = {part: (cells[part].low, cells[part].high) for part in within}
    ranges = feasible(known, totals, asked)
    if ranges is None:
        # A body that hides by another rule than ours knows of: then only that counts are not negative.
        ranges = feasible(dict.fromkeys(within, (0, math.inf)), totals, asked)
    for part in sorted(asked) if ranges is not None else ():
        assert ranges is not None
        low, high = ranges[part]
        if low > cells[part].low or high < cells[part].high:
            yield cells[part], (low, high)
