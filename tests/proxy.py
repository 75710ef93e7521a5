"""A road to PostgreSQL that tests can close, and on which they count round trips."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from slackapp.app import Roles
from slackapp.store.database import Database
from tests.world import World, make_world


class _Syncs:
    """What a client sends is a length and the start-up, then messages: a letter, a length, and what it says.

    Sync, and Query, ask for all answers so far.
    """

    def __init__(self) -> None:
        self._held, self._started = b"", False

    def in_(self, data: bytes) -> int:
        self._held, found = self._held + data, 0
        while len(self._held) >= 5:
            begins = 1 if self._started else 0
            ends = begins + int.from_bytes(self._held[begins : begins + 4])
            if len(self._held) < ends:
                break
            found += self._started and self._held[:1] in {b"S", b"Q"}
            self._held, self._started = self._held[ends:], True
        return found


class Proxy:
    """The road to PostgreSQL, which can be closed and opened again, and on which round trips are counted."""

    def __init__(self, folder: Path, real: str) -> None:
        self._path, self._real = folder / ".s.PGSQL.5432", real
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.trips = 0

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._forward, self._path)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        while self._open:
            await asyncio.sleep(0.01)
        self._path.unlink(missing_ok=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._real)
        self._open |= {writer, there_writer}
        await asyncio.gather(self._pump(reader, there_writer, _Syncs()), self._pump(there_reader, writer))
        for end in (writer, there_writer):
            with suppress(OSError):
                await end.wait_closed()
        self._open -= {writer, there_writer}

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, syncs: "_Syncs | None" = None
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                self.trips += syncs.in_(data) if syncs else 0
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def behind_a_proxy(
    database_url: str, database: Database, folder: Path
) -> AsyncIterator[tuple[World, Proxy]]:
    parts = urlsplit(database_url)
    host = parse_qs(parts.query).get("host", [""])[0]
    if not host.startswith("/"):
        pytest.skip("the road is closed at a Unix socket, and this database has none")
    proxy = Proxy(folder, f"{host}/.s.PGSQL.5432")
    await proxy.open()
    url = parts._replace(query=f"host={folder}").geturl()
    try:
        async with make_world(url, database, roles=Roles(web=True)) as world:
            yield world, proxy
    finally:
        await proxy.close()
