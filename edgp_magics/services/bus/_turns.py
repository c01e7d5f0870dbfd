"""A reproducible order: which of the workers that could go on goes on."""

from __future__ import annotations

import asyncio
import random


class Turns:
    """Workers ask for their turn; a seeded choice gives it to one at a time. Time is counted, not measured."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  an order, not a secret
        self._asking: list[asyncio.Future[None]] = []
        self._giving = False
        self._ticks = 0

    def clock(self) -> float:
        """Seconds that go by one millisecond with each look."""
        self._ticks += 1
        return self._ticks / 1000

    async def take(self) -> None:
        """Wait for a turn."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._asking.append(turn)
        if not self._giving:
            self._giving = True
            loop.call_soon(self._give, loop)
        await turn

    def _give(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._asking:
            turn = self._asking.pop(self._random.randrange(len(self._asking)))
            if not turn.done():
                turn.set_result(None)
                break
        self._giving = bool(self._asking)
        if self._giving:
            loop.call_soon(self._give, loop)
