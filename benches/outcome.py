"""What a run gives, as JSON."""

from __future__ import annotations

import datetime
import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benches import peers, rust
from benches.timing import Row

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Results:
    """The machine, the rows, and how cost grows."""

    about: dict[str, Any]
    rows: list[Row]
    growth: list[dict[str, Any]]
    # Criterion's figures, of a full run.
    absolute: list[dict[str, Any]]

    def save(self) -> Path:
        """Write benches/results/<date>-<machine>.json."""
        path = FOLDER / f"{self.about['date']}-{self.about['machine']}.json"
        whole = {**asdict(self), "rows": [compact(row) for row in self.rows]}
        path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
        return path

    def with_rows(self, about: dict[str, Any], rows: list[Row]) -> Results:
        """The same with rows that were measured later, in place of those of their groups."""
        groups = {row.group for row in rows}
        later = {group: {name: about[name] for name in ("date", "load", "full")} for group in sorted(groups)}
        kept = [row for row in self.rows if row.group not in groups]
        about = {**self.about, "later": {**self.about.get("later", {}), **later}}
        return Results(about, kept + rows, self.growth, self.absolute)


def load(path: Path) -> Results:
    """Read what `save` wrote."""
    whole = json.loads(path.read_text())
    return Results(**{**whole, "rows": [Row(**row) for row in whole["rows"]]})


def compact(row: Row) -> dict[str, Any]:
    """A row with four digits of each figure."""
    return {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in asdict(row).items()
    }


def machine(*, full: bool) -> dict[str, Any]:
    """What ran the benchmark."""
    information = Path("/proc/cpuinfo")
    models = (
        [line.split(":")[1].strip() for line in information.read_text().splitlines() if "model name" in line]
        if information.exists()
        else []
    )
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}-{os.cpu_count()}cores",
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 2),
        "full": full,
        "versions": {"CPython": platform.python_version(), **peers.versions(), **rust.versions()},
    }
