"""A revocation by another process acts at once, and a process that dies has written nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from catalog import clauses, documents, epoch
from catalog.database import Catalog
from catalog.policy import AccessPolicy
from retrieval.gate import Gate
from tests.catalog.guarded import ME, SECOND, guarded
from tests.catalog.worlds import NOW, USERS

WRITER = """
import sys
from datetime import datetime, timedelta
from access import Clause, Principal, Source
from catalog import clauses, epoch
from catalog.database import Catalog
url, account, start = sys.argv[1:4]
at = datetime.fromisoformat(start)
if len(sys.argv) > 4:  # die where the clause is written and the epoch has not moved
    import os, signal
    epoch.bump = lambda _: os.kill(os.getpid(), signal.SIGKILL)
with Catalog.open(url) as catalog:
    for line in sys.stdin:
        at += timedelta(milliseconds=1)
        readers = [Principal.decode(account)] if line == "grant\\n" else []
        with catalog.writing() as connection:
            clauses.store(connection, [Clause.of(Source.GOOGLE_DRIVE, "k", readers, at)])
        print("done", flush=True)
"""


def _writer(url, *more):
    command = [sys.executable, "-c", WRITER, url, USERS[0].encode(), NOW.isoformat(), *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _tell(process, what):
    process.stdin.write(what + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def test_nobody_passes_after_another_process_has_committed_the_revocation(catalog, catalog_url):
    with catalog.writing() as connection:
        row = guarded(connection)
    gate = Gate(catalog, AccessPolicy(), lambda: NOW + SECOND)
    stop = threading.Event()

    def hammer():  # other threads of the same gate keep what is remembered in flux
        while not stop.is_set():
            gate.admit(ME, [row])

    with _writer(catalog_url) as writer, ThreadPoolExecutor() as pool:
        hammering = [pool.submit(hammer) for _ in range(2)]
        try:
            for _ in range(20):
                assert _tell(writer, "grant") == "done\n"
                assert gate.admit(ME, [row])
                assert _tell(writer, "revoke") == "done\n"
                assert not gate.admit(ME, [row])
                assert not Gate(catalog, AccessPolicy(), lambda: NOW + SECOND).admit(ME, [row])
        finally:
            stop.set()
            writer.stdin.close()
        for each in hammering:
            each.result()


def test_a_writer_killed_before_the_epoch_moved_has_written_nothing(catalog, catalog_url):
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        before = epoch.current(connection)
    gate = Gate(catalog, AccessPolicy(), lambda: NOW + SECOND)
    assert gate.admit(ME, [row])
    with _writer(catalog_url, "die") as writer:
        assert _tell(writer, "revoke") == ""
        assert writer.wait() == -signal.SIGKILL
        writer.stdin.close()
    with Catalog.open(catalog_url) as opened, opened.reading() as connection:
        assert epoch.current(connection) == before
        assert clauses.of_scope(connection, documents.get(connection, row).scope_id)[0].grants
    with _writer(catalog_url) as writer:
        assert _tell(writer, "revoke") == "done\n"
        writer.stdin.close()
    assert not gate.admit(ME, [row])
