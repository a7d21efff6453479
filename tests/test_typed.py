"""What `make lint` checks by types also runs."""

from __future__ import annotations

from pathlib import Path

from fragmented import needs_fragview
from typed import user_program

pytestmark = needs_fragview


def test_user_program(tmp_path: Path) -> None:
    user_program.main(tmp_path)
