"""How fast the simulator serves documents, and how much memory a million of them take.

    python benchmarks/simulator.py [--documents 1000000] [--seconds 5]

The server is a process of its own (one core); the client here keeps a few connections busy.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICE = {"Authorization": "Bearer service-google"}
# A bare client, so that the client is not what is measured.
_ASK = b"GET %s HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer service-google\r\n\r\n"


def started(port: int, documents: int) -> tuple[subprocess.Popen[bytes], float]:
    """The server and the seconds that it took to come up."""
    began = time.monotonic()
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--scale", str(documents)]
    server = subprocess.Popen(command, cwd=ROOT)
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
            return server, time.monotonic() - began
        except OSError:
            if server.poll() is not None:
                raise SystemExit("the simulator did not start") from None
            time.sleep(0.1)


def memory(server: subprocess.Popen[bytes]) -> float:
    """The server's peak resident set in MB (Linux)."""
    status = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def processor(server: subprocess.Popen[bytes]) -> float:
    """Seconds of processor time that the server has used (Linux)."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def listed(port: int, most: int) -> tuple[list[tuple[str, str]], float]:
    """(id, media type) of up to `most` files, and files listed a second."""
    found, token, began = [], "", time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port)
    while len(found) < most:
        wide = "includeItemsFromAllDrives=true&supportsAllDrives=true&corpora=allDrives"
        fields = "fields=nextPageToken,files(id,name,mimeType,modifiedTime,parents,driveId)"
        line.request(
            "GET", f"/google/drive/v3/files?pageSize=1000&{wide}&{fields}&pageToken={token}",
            headers=SERVICE,
        )  # fmt: skip
        said = json.loads(line.getresponse().read())
        found += [(file["id"], file["mimeType"]) for file in said["files"]]
        token = said.get("nextPageToken")
        if not token:
            break
    return found, len(found) / (time.monotonic() - began)


def read(port: int, files: list[tuple[str, str]], seconds: float, workers: int) -> dict[str, float]:
    """Reads a second: one document's content each, none of them twice."""
    paths = []
    for file, mime in files:
        if mime.endswith("folder") or mime.endswith("shortcut"):
            continue
        if mime.startswith("application/vnd.google-apps."):
            into = "text/csv" if mime.endswith("spreadsheet") else "text/plain"
            into = "text/html" if mime.endswith("document") else into
            paths.append(f"/google/drive/v3/files/{file}/export?mimeType={into}")
        else:
            paths.append(f"/google/drive/v3/files/{file}?alt=media&supportsAllDrives=true")
    counts, sizes, bad = [0] * workers, [0] * workers, [0] * workers
    deadline = time.monotonic() + seconds

    def work(number: int) -> None:
        line = socket.create_connection(("127.0.0.1", port))
        for path in paths[number::workers]:
            if time.monotonic() > deadline:
                break
            line.sendall(_ASK % path.encode())
            got = b""
            while b"\r\n\r\n" not in got:
                got += line.recv(65536)
            head, _, body = got.partition(b"\r\n\r\n")
            size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            left = size - len(body)
            while left > 0:
                left -= len(line.recv(min(left, 65536)))
            sizes[number] += size
            counts[number] += 1
            bad[number] += b" 200 " not in head[:20]

    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    return {
        "reads a second": round(sum(counts) / took),
        "MB a second": round(sum(sizes) / took / 1e6, 1),
        "reads": sum(counts),
        "errors": sum(bad),
    }


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--port", type=int, default=8931)
    given = parser.parse_args()
    server, up = started(given.port, given.documents)
    try:
        start = memory(server)
        files, rate = listed(given.port, 30_000)
        busy = processor(server)
        reads = read(given.port, files, given.seconds, given.workers)
        busy = processor(server) - busy
        said = {
            "documents": given.documents,
            "seconds to start": round(up, 1),
            "MB at start": round(start),
            "files listed a second": round(rate),
            **reads,
            "reads a second of processor time": round(reads["reads"] / busy),
        }
        said["MB at peak"] = round(memory(server))
        print(json.dumps(said, indent=1))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
