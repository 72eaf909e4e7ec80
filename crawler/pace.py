"""How fast a source is asked: never faster than its mandate says, never in step with a clock."""

import asyncio
import random
import time

JITTER = 0.5
"""Up to this share of the least wait is added to it."""


class Pace:
    """Spaces the requests of one source."""

    def __init__(self) -> None:
        self._earliest = 0.0

    async def turn(self, delay_s: float) -> None:
        """Wait until the next request may go out. delay_s: the least wait after the one before it."""
        wait = self._earliest - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._earliest = time.monotonic() + delay_s * (1 + random.uniform(0, JITTER))
