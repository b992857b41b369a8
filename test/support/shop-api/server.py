"""An API of a shop that fails when it is asked to."""

import json
import signal
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

asked: Counter[str] = Counter()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        asked[self.path] += 1
        if url.path == "/health":
            return self.answer(200, {"ok": True})
        if asked[self.path] <= int(query.get("fail", "0")):
            return self.answer(500, {"error": "the shop is closed"})
        count = int(query.get("count", "1000"))
        self.answer(200, [{"id": n, "amount": n * 1.5} for n in range(count)])

    def answer(self, status: int, body: object) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        pass


# The first process of a container ignores SIGTERM unless it says what to do.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", 8080), Handler).serve_forever()
