"""Work that a signal must end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest


def raises_soon(call: Callable[[], Any]) -> None:
    """`call` would take for ever, or too long: the exception of a signal's handler ends it."""

    def ring(*_: Any) -> None:
        raise TimeoutError("enough")

    old = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(TimeoutError):
            call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
