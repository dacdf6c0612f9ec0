"""A PostgreSQL server of the tests' own, on a socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REMEDY = "No PostgreSQL here: install it (Debian: apt-get install postgresql)."


def binaries() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@contextmanager
def running() -> Iterator[str]:
    """Start a server, give its SQLAlchemy URL, stop it and remove its data.

    PostgreSQL refuses to run as root; where the tests do, it gets an account of less rights.
    """
    bin_folder = binaries()
    assert bin_folder is not None
    account = _account()
    with tempfile.TemporaryDirectory(prefix="bailiwick-pg-") as name:
        folder = Path(name)
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)

        def run(*command: str) -> None:
            subprocess.run(
                command,
                check=True,
                capture_output=True,
                cwd=folder,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )

        data = str(folder / "data")
        run(
            str(bin_folder / "initdb"), "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "-N"
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run(
            str(bin_folder / "pg_ctl"),
            "-D",
            data,
            "-w",
            "-l",
            str(folder / "log"),
            "-o",
            options,
            "start",
        )
        try:
            yield f"postgresql+psycopg2://tests@/postgres?host={folder}"
        finally:
            run(str(bin_folder / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
