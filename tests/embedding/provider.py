"""A loopback server that speaks the embeddings API and fails on demand."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from embedding.hashing import HashingEmbedder


class Provider:
    """Answers with hashed vectors, after the faults that were put into `faults`."""

    def __init__(self, dimensions=16):
        self.dimensions = dimensions
        self.faults = []
        self.requests = []
        self.headers = []
        self.most_at_once = 0
        self.slow = 0.0
        self._now = 0
        self._lock = threading.Lock()

    def answer(self, handler):
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        with self._lock:
            self.requests.append(body)
            self.headers.append(dict(handler.headers))
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            fault = self.faults.pop(0) if self.faults else None
        threading.Event().wait(self.slow)
        try:
            if callable(fault):
                fault = fault(body)
            if fault == "drop":
                handler.close_connection = True
                handler.connection.close()
                return
            status, headers, payload = fault or (200, {}, self.payload(body))
            raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            handler.send_response(status)
            for name, value in {**headers, "content-length": str(len(raw))}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(raw)
        finally:
            with self._lock:
                self._now -= 1

    def payload(self, body):
        size = body.get("dimensions", self.dimensions)
        vectors = HashingEmbedder(size).passages(body["input"]) * 3
        data = [
            {"object": "embedding", "index": i, "embedding": v.tolist()}
            for i, v in enumerate(vectors)
        ]
        return {"object": "list", "data": data[::-1], "model": body["model"]}


@contextmanager
def serving(provider):
    """The provider on a free port of the loopback; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            assert self.path == "/v1/embeddings"
            provider.answer(self)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
