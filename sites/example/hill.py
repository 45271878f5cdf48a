"""What the instruments on the hill say. Each sends a line of JSON to whoever connects, and hangs up."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from engine import touch

PATIENCE = 2.0
"""Seconds until an instrument counts as silent."""


async def ask(address: str) -> dict[str, Any] | None:
    """What the instrument at `HOST:PORT` says, or nothing where it is silent."""
    touch("an instrument on the hill")
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                said = json.loads(await reader.readline())
            finally:
                writer.close()
    except (OSError, ValueError, TimeoutError):
        return None
    return said if isinstance(said, dict) else None
