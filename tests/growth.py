"""How the cost of a call grows: in instructions, which are the same each time, or in time of the processor."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any


def instructions(call: Callable[[], object]) -> int:
    """The instructions of Python that `call` runs. What is done in C counts as one, as a match of a pattern."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def seconds(call: Callable[[], object], times: int = 5) -> float:
    """The time of the processor that `call` takes at its best. Garbage is not looked for: that is the time of all
    that other tests have left in memory.
    """

    def once() -> float:
        gc.collect()
        gc.disable()
        try:
            begin = time.process_time()
            call()
            return time.process_time() - begin
        finally:
            gc.enable()

    return min(once() for _ in range(times))
