"""The whole database in one file, and back: a copy of SQLite while it runs, a dump of PostgreSQL by its own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url

from storage.errors import StorageError


def dump(url: str, target: Path) -> None:
    """Write the database at a SQLAlchemy URL into a file; whoever uses it goes on meanwhile. Raises StorageError."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        source = Path(address.database or "")
        if not source.is_file():
            raise StorageError(f"{source}: there is no database yet; run 'laoxiang index PATH' first")
        copy_sqlite(source, target)
        return
    _run(
        ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={_without_password(address)}"], url
    )


def load(url: str, source: Path) -> None:
    """Fill the empty database at a SQLAlchemy URL from a file that `dump` wrote.

    Raises StorageError, and leaves everything as it was, if the database holds something already.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        target = Path(address.database or "")
        if target.exists():
            raise StorageError(f"{target}: there is a database already; move it away, or set another LAOXIANG_HOME")
        target.parent.mkdir(parents=True, exist_ok=True)
        coming = target.with_name(f"{target.name}.coming")
        copy_sqlite(source, coming)
        coming.replace(target)
        return
    into = f"--dbname={_without_password(address)}"
    _run(["pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", into, str(source)], url)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an SQLite file as it stands after the last transaction. Raises StorageError if it is none."""
    try:
        with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
            there.backup(here)
    except sqlite3.DatabaseError as error:
        target.unlink(missing_ok=True)
        raise StorageError(f"{source}: {error}") from error


def _run(command: Sequence[str], url: str) -> None:
    """Run a tool of PostgreSQL's; its password goes by the environment, where no list of processes shows it."""
    tool = shutil.which(command[0])
    if tool is None:
        raise StorageError(
            f"{command[0]} is not installed; install PostgreSQL's client programs, "
            "of the server's release or newer (Debian: postgresql-client)"
        )
    password = make_url(url).password
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run([tool, *command[1:]], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        told = done.stderr.strip() or f"ended with {done.returncode}"
        advice = "; restore into an empty database" if "already exists" in told else ""
        raise StorageError(f"{told}{advice}")


def _without_password(address: URL) -> str:
    plain = URL.create(
        "postgresql",
        username=address.username,
        host=address.host,
        port=address.port,
        database=address.database,
        query=address.query,
    )
    return plain.render_as_string(hide_password=False)
