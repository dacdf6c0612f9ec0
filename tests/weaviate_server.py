"""Gets and runs a real Weaviate of the pinned version, on loopback: for `make weaviate` and tests.

Where it looks, in this order: a server that WEAVIATE_URL names; a binary already there; the Go
toolchain (`go install`, about four minutes once); Docker with the official image. Needs only
the standard library:

    python tests/weaviate_server.py get      # have one, if this machine can
    python tests/weaviate_server.py run      # and run it until Ctrl-C
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

VERSION = "1.39.0"
MODULE = f"github.com/weaviate/weaviate/cmd/weaviate-server@v{VERSION}"
IMAGE = f"cr.weaviate.io/semitechnologies/weaviate:{VERSION}"
TOOLS = Path(__file__).parents[1] / ".tools"
NONE_HERE = (
    f"No Weaviate here: set WEAVIATE_URL, or install Go 1.26 or Docker, or put a "
    f"weaviate-server {VERSION} binary in .tools/bin, ~/go/bin or on PATH; then `make weaviate`."
)


class NoServer(Exception):
    """There is no server to be had, or the one there is did not start."""


def binary() -> Path | None:
    """A server binary that is already on this machine."""
    places = [TOOLS / "bin" / "weaviate-server", Path.home() / "go" / "bin" / "weaviate-server"]
    if found := shutil.which("weaviate-server"):
        places.append(Path(found))
    return next((p for p in places if p.is_file() and os.access(p, os.X_OK)), None)


def available() -> bool:
    """Whether a server can be had at once, with nothing to build or download."""
    return bool(os.environ.get("WEAVIATE_URL") or binary() or _image())


def get() -> str:
    """Have a server, building or downloading one if need be; says which.

    Raises:
        NoServer: this machine has no way to one.
    """
    if url := os.environ.get("WEAVIATE_URL"):
        return url
    if found := binary():
        return str(found)
    tried: list[str] = []
    if shutil.which("go"):
        print(f"Building Weaviate {VERSION} with go install (about four minutes, once)", flush=True)
        (TOOLS / "bin").mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "GOBIN": str(TOOLS / "bin"), "CGO_ENABLED": "0"}
        built = subprocess.run(["go", "install", MODULE], env=environment, check=False)
        if built.returncode == 0:
            return str(TOOLS / "bin" / "weaviate-server")
        tried.append(f"go install {MODULE} failed.")
    if _docker():
        print(f"Pulling {IMAGE}", flush=True)
        if subprocess.run(["docker", "pull", "--quiet", IMAGE], check=False).returncode == 0:
            return IMAGE
        tried.append(f"docker pull {IMAGE} failed.")
    raise NoServer(" ".join([*tried, NONE_HERE]))


class Server:
    """One Weaviate node on loopback with a folder of its own."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        """A node that keeps its data in `folder`; `settings` add to its environment."""
        self.folder = folder
        self._settings = dict(settings or {})
        self.key = secrets.token_urlsafe(16)
        """The API key of its root user, made anew each time."""
        self.port, self.grpc_port, raft, gossip = _free_ports(4)
        self._ports = {
            "GRPC_PORT": self.grpc_port,
            "RAFT_PORT": raft,
            "RAFT_INTERNAL_RPC_PORT": raft + 1,
            "CLUSTER_GOSSIP_BIND_PORT": gossip,
            # A node looks for others' data one above their gossip; elsewhere it finds no peer,
            # itself included, and never elects a leader.
            "CLUSTER_DATA_BIND_PORT": gossip + 1,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._container = ""

    @property
    def url(self) -> str:
        """Where its REST interface is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process, while it runs from a binary."""
        assert self._process is not None
        return self._process.pid

    def start(self, patience: float = 40.0) -> None:
        """Start the node and wait until it is ready, at most `patience` seconds.

        Raises:
            NoServer: there is none, or it did not get ready.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        found = binary()
        if found is None and not _image():
            raise NoServer(NONE_HERE)
        log = (self.folder / "weaviate.log").open("ab")
        with log:
            command = self._command(found)
            self._process = subprocess.Popen(
                command,
                env={**_plain_environment(), **self._environment()},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise NoServer(f"Weaviate ended with {self._process.returncode}: {self._tail()}")
            with suppress(OSError, urllib.error.URLError), _get(f"{self.url}/v1/.well-known/ready"):
                return
            time.sleep(0.1)
        self.kill()
        raise NoServer(f"Weaviate was not ready after {patience:.0f} s: {self._tail()}")

    def kill(self) -> None:
        """End the node at once (SIGKILL), as a crash would."""
        if self._container:
            subprocess.run(["docker", "kill", self._container], check=False, capture_output=True)
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End the node politely, so that nothing needs recovering."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        self.kill()

    def version(self) -> str:
        """What the running node says that it is."""
        with _get(f"{self.url}/v1/meta", self.key) as answer:
            return str(json.load(answer)["version"])

    def _command(self, found: Path | None) -> list[str]:
        if found is not None:
            tls = ["--scheme=https"] if "TLS_CERTIFICATE" in self._settings else []
            return [str(found), "--scheme=http", *tls, "--host=127.0.0.1", f"--port={self.port}"]
        self._container = f"bailiwick-weaviate-{self.port}"
        environment = self._environment()
        options = [f"--env={name}={value}" for name, value in environment.items()]
        return [
            *("docker", "run", "--rm", "--network=host", f"--name={self._container}"),
            *(f"--volume={self.folder.absolute()}:{environment['PERSISTENCE_DATA_PATH']}",),
            *options,
            *(IMAGE, "--scheme=http", "--host=127.0.0.1", f"--port={self.port}"),
        ]

    def _environment(self) -> dict[str, str]:
        """A single node that talks to nobody but loopback."""
        return {
            "PERSISTENCE_DATA_PATH": str((self.folder / "data").absolute()),
            # gRPC and the nodes' own port listen beyond loopback whatever one sets: so, a key.
            "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
            "AUTHENTICATION_APIKEY_ENABLED": "true",
            "AUTHENTICATION_APIKEY_ALLOWED_KEYS": self.key,
            "AUTHENTICATION_APIKEY_USERS": "root",
            "AUTHENTICATION_DB_USERS_ENABLED": "true",
            "AUTHORIZATION_RBAC_ENABLED": "true",
            "AUTHORIZATION_RBAC_ROOT_USERS": "root",
            "AUTOSCHEMA_ENABLED": "false",
            "QUERY_BATCHED_CONTAINS_ENABLED": "true",
            "DISABLE_TELEMETRY": "true",
            "ENABLE_API_BASED_MODULES": "false",
            "DEFAULT_VECTORIZER_MODULE": "none",
            "CLUSTER_HOSTNAME": "node1",
            "CLUSTER_IN_LOCALHOST": "true",
            "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
            "CLUSTER_BIND_ADDR": "127.0.0.1",
            "GO_PROFILING_DISABLE": "true",
            "RAFT_JOIN": f"node1:{self._ports['RAFT_PORT']}",
            "RAFT_BOOTSTRAP_EXPECT": "1",
            "RAFT_HEARTBEAT_TIMEOUT": "1",
            "RAFT_ELECTION_TIMEOUT": "1",
            "RAFT_LEADER_LEASE_TIMEOUT": "1",
            "GOMEMLIMIT": "2GiB",
            "LOG_LEVEL": "warning",
            **{name: str(port) for name, port in self._ports.items()},
            **self._settings,
        }

    def _tail(self) -> str:
        log = self.folder / "weaviate.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""


@contextmanager
def running(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A node while the block runs; killed after it, its folder left to the caller."""
    server = Server(folder, settings)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _plain_environment() -> dict[str, str]:
    """What a server needs of ours: no keys, no proxies."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, nor on the ones after them."""
    held: list[socket.socket] = []
    ports: list[int] = []
    try:
        while len(ports) < count:
            pair = socket.socket(), socket.socket()
            held += pair
            pair[0].bind(("127.0.0.1", 0))
            port = pair[0].getsockname()[1]
            with suppress(OSError, OverflowError):
                pair[1].bind(("127.0.0.1", port + 1))
                ports.append(port)
    finally:
        for probe in held:
            probe.close()
    return ports


def _get(url: str, key: str = "") -> urllib.request.addinfourl:
    if urlsplit(url).scheme not in ("http", "https"):
        raise NoServer(f"not a web address: {url}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    return opener.open(request, timeout=2)  # type: ignore[no-any-return]


def _docker() -> bool:
    return bool(shutil.which("docker")) and (
        subprocess.run(["docker", "info"], check=False, capture_output=True).returncode == 0
    )


def _image() -> bool:
    if not _docker():
        return False
    found = subprocess.run(["docker", "image", "inspect", IMAGE], check=False, capture_output=True)
    return found.returncode == 0


def main(arguments: list[str]) -> int:
    """The command line; see the top of this file."""
    try:
        print(f"Weaviate: {get()}")
        if arguments[:1] != ["run"] or os.environ.get("WEAVIATE_URL"):
            return 0
        folder = Path(arguments[1]) if len(arguments) > 1 else TOOLS / "weaviate"
        with running(folder) as server:
            print(f"Weaviate {server.version()} runs until Ctrl-C, its data in {folder}")
            print(f"BAILIWICK_INDEX_WEAVIATE_URL={server.url}")
            print(f"BAILIWICK_INDEX_WEAVIATE_GRPC_PORT={server.grpc_port}")
            print(f"BAILIWICK_INDEX_WEAVIATE_API_KEY={server.key}", flush=True)
            with suppress(KeyboardInterrupt):
                signal.pause()
            server.stop()
    except NoServer as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
