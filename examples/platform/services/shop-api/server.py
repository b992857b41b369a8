"""The API of a shop: GET /orders returns the orders, GET /health the state of the server."""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from orders import make_orders

PORT = 8080
ANSWERS = {"/health": {"status": "ok"}, "/orders": make_orders()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = ANSWERS.get(self.path.partition("?")[0])
        known = answer is not None
        body = json.dumps(answer if known else {"error": f"nothing at {self.path}"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    # The first process of a container ignores SIGTERM unless it has a handler.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"shop-api answers on port {PORT}")
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
