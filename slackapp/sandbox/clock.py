"""The sandbox's time. It can be moved forward and sped up; whoever waits for a moment is woken when it comes."""

import asyncio
import contextlib
import json
import os
import time
from pathlib import Path


class Clock:
    def __init__(self, *, speed: float = 1.0, file: Path | str | None = None) -> None:
        self._speed = speed
        self._real = time.time()  # the moment since when `speed` holds
        self._time = self._real
        self._advanced = 0.0
        self._file = Path(file) if file else None
        self._changed: set[asyncio.Event] = set()
        self._write()

    def now(self) -> float:
        return self._time + (time.time() - self._real) * self._speed

    def steady(self) -> float:
        """Seconds for what a person waits for, such as a trigger's three: moved by `advance`, not by `speed`."""
        return time.monotonic() + self._advanced

    @property
    def offset(self) -> float:
        return self.now() - time.time()

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._time, self._real = self.now(), time.time()
        self._speed = speed
        self._tell()

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("Time only goes forward.")
        self._time += seconds
        self._advanced += seconds
        self._tell()

    async def sleep_until(self, moment: float) -> None:
        changed = asyncio.Event()
        self._changed.add(changed)
        try:
            while (left := moment - self.now()) > 0:
                changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), left / self._speed if self._speed else None)
        finally:
            self._changed.discard(changed)

    def _tell(self) -> None:
        self._write()
        for changed in self._changed:
            changed.set()

    def _write(self) -> None:
        if self._file:
            # Another process reads it at any moment, so it must never be half there.
            fresh = self._file.with_name(self._file.name + ".new")
            fresh.write_text(json.dumps({"offset": self.offset}))
            os.replace(fresh, self._file)
