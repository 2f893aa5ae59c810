"""Where everything is kept: one SQLite database, in a folder or in memory."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from provisioner.emulator.tables import TABLES

Row = dict[str, Any]


class Store:
    """The database; every answer is sent after the transaction that it tells of."""

    def __init__(self, folder: Path | None) -> None:
        path = ":memory:" if folder is None else _private_file(folder)
        # One event loop uses the connection, but not always the thread that opened it.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = _as_dict
        try:
            self._prepare()
        except sqlite3.DatabaseError as trouble:
            self._connection.close()
            what = f"no database of the emulator ({trouble})"
            raise OSError(errno.EINVAL, what, str(path)) from trouble

    def _prepare(self) -> None:
        # A write-ahead log written without fsync at every commit outlives a killed process; only a
        # power cut could cost the last requests.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(TABLES)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all that is done inside, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def run(self, statement: str, *values: Any) -> None:
        """Execute a statement."""
        self._connection.execute(statement, values)

    def rows(self, query: str, *values: Any) -> list[Row]:
        """Give all rows of a query."""
        rows: list[Row] = self._connection.execute(query, _readable(values)).fetchall()
        return rows

    def row(self, query: str, *values: Any) -> Row | None:
        """Give the first row of a query, or None."""
        row: Row | None = self._connection.execute(query, _readable(values)).fetchone()
        return row

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()


def _readable(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Make texts that SQLite can't take (lone surrogates out of JSON) match nothing instead."""
    return tuple(
        each.encode(errors="replace").decode() if isinstance(each, str) else each for each in values
    )


def _as_dict(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


def _private_file(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "emulator.db"
    # Made before SQLite sees it: its own file, log and index take over the mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return path
