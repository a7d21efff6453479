"""Two statements in turn, A B A B: the median of the ratios, and their quartiles.

Not pyperf, nor timeit's own command: they time one statement after the other, and on a machine with
neighbours the minutes between the two weigh more than the difference sought. The loop is timeit's.
"""

from __future__ import annotations

import statistics
import time
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

# The process's own time, threads and kernel included, so that other processes count for less.
CLOCK = time.process_time

# A statement is written this often into timeit's loop, so that the loop itself counts for little.
COPIES = 10


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    # Each side runs so long, in seconds, before it is the other's turn.
    turn: float
    # As many turns each, unless `limit` seconds are over; then at least `least`.
    rounds: int
    limit: float
    least: int

    def brief(self) -> Effort:
        """For a row without a bar."""
        return replace(self, rounds=self.rounds // 3, limit=self.limit / 3, least=self.least // 2)


QUICK = Effort(turn=0.002, rounds=41, limit=0.6, least=9)
FULL = Effort(turn=0.01, rounds=101, limit=10.0, least=15)


@dataclass(frozen=True)
class Row:
    """A line of the tables: a ratio, or a figure in `unit`."""

    # The table: "python", "peers", "records", "memory" or "rust".
    page: str
    # What is measured in one go.
    group: str
    what: str
    layout: str
    against: str
    value: float
    low: float
    high: float
    # At most this much; None where the row has no bar.
    bar: float | None = None
    # "" for a ratio.
    unit: str = ""
    # The ratio of the quickest turns, which noise can't lengthen.
    best: float | None = None
    # What one operation costs each side, in seconds or what `cost` says.
    ours: float | None = None
    theirs: float | None = None
    cost: str = "s"
    rounds: int = 0

    @property
    def met(self) -> bool:
        """True unless the row has a bar and misses it."""
        return self.bar is None or self.value <= self.bar


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def turns(one: Callable[[], float], other: Callable[[], float], effort: Effort) -> list[tuple[float, float]]:
    """The seconds of both sides in turn."""
    pairs: list[tuple[float, float]] = []
    end = CLOCK() + effort.limit
    while len(pairs) < effort.rounds and (len(pairs) < effort.least or CLOCK() < end):
        pairs.append((one(), other()))
    return pairs


def ratio_row(
    pairs: list[tuple[float, float]],
    *,
    page: str,
    group: str,
    what: str,
    layout: str,
    against: str,
    bar: float | None = None,
    cost: str = "s",
) -> Row:
    """The row that pairs of seconds give."""
    low, middle, high = quartiles([one / other for one, other in pairs])
    ones, others = zip(*pairs, strict=True)
    return Row(
        page=page,
        group=group,
        what=what,
        layout=layout,
        against=against,
        bar=bar,
        value=middle,
        low=low,
        high=high,
        best=min(ones) / min(others),
        ours=statistics.median(ones),
        theirs=statistics.median(others),
        cost=cost,
        rounds=len(pairs),
    )


class Statement:
    """A statement whose names are locals, timed for a turn at a time."""

    def __init__(self, source: str, names: Mapping[str, Any], effort: Effort, setup: str = "") -> None:
        """Find out how often a turn runs it."""
        setup = "\n".join([*(f"{name} = {name}_" for name in names), setup])
        scope = {f"{name}_": value for name, value in names.items()}
        once = timeit.Timer(source, setup, timer=CLOCK, globals=scope)
        # The first run builds what is built when it is first needed.
        seconds = min(once.timeit(1) for _ in range(2))
        self.copies = COPIES if seconds < effort.turn / (20 * COPIES) else 1
        self.timer = timeit.Timer("\n".join([source] * self.copies), setup, timer=CLOCK, globals=scope)
        self.number = 1
        while (spent := self.timer.timeit(self.number)) < effort.turn:
            self.number = max(2 * self.number, int(self.number * effort.turn / max(spent, 1e-9)))

    def turn(self) -> float:
        """The seconds of one execution, in the mean of a turn."""
        return self.timer.timeit(self.number) / (self.number * self.copies)


class Bench:
    """Measures statements and keeps the rows."""

    def __init__(self, effort: Effort, group: str, page: str) -> None:
        """Start without a row."""
        self.effort = effort
        self.group = group
        self.page = page
        self.rows: list[Row] = []

    def ratio(
        self,
        what: str,
        layout: str,
        ours: str,
        peers: Mapping[str, tuple[str, float | None]],
        names: Mapping[str, Any],
        setup: str = "",
    ) -> None:
        """Measure `ours` against the statement of each peer, by itself; each peer may have a bar.

        `setup` runs before each turn; `gc.enable()` there turns on what timeit turns off.
        """
        mine = Statement(ours, names, self.effort, setup)
        for against, (source, bar) in peers.items():
            theirs = Statement(source, names, self.effort, setup)
            effort = self.effort.brief() if bar is None else self.effort
            row = ratio_row(
                turns(mine.turn, theirs.turn, effort),
                page=self.page,
                group=self.group,
                what=what,
                layout=layout,
                against=against,
                bar=bar,
            )
            self.add(row)

    def figure(
        self,
        what: str,
        layout: str,
        values: list[float],
        *,
        unit: str,
        bar: float | None,
        against: str = "",
    ) -> None:
        """Keep a figure that is no ratio: the median of some values."""
        low, middle, high = quartiles(values) if len(values) > 1 else (values[0],) * 3
        row = Row(
            page=self.page,
            group=self.group,
            what=what,
            layout=layout,
            against=against,
            bar=bar,
            value=middle,
            low=low,
            high=high,
            unit=unit,
            rounds=len(values),
        )
        self.add(row)

    def add(self, row: Row) -> None:
        """Keep a row, and print it."""
        self.rows.append(row)
        show(row)


def show(row: Row) -> None:
    """Print a row as it comes."""
    bar = (
        ""
        if row.bar is None
        else f"at most {row.bar:g}{row.unit and ' ' + row.unit} {'met' if row.met else 'MISSED'}"
    )
    spread = f"{row.value:10.3f} {row.unit:2} ({row.low:.3f} … {row.high:.3f})"
    print(f"{spread:40} {row.what}, {row.layout}, against {row.against or 'nothing'}  {bar}", flush=True)
