"""Starts steps of deployed pipelines in containers, for tasks of Airflow.

Only this program has the engine's socket. What it starts is in the deployed versions, which dp puts
into its container: a request names a step and the values of a run.
"""

import contextlib
import hmac
import json
import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .deployed import RefusedError, read_step
from .engine import Engine, EngineError
from .request import LONGEST_REQUEST, InvalidRequestError, parse_request
from .run import LABEL, Runner, run_attempt

PORT = 8000
TOKEN_FILE = Path("/opt/dp/code/runner-token")
# Seconds without a word of the task's kernel, which responds also while the task itself is frozen:
# https://man7.org/linux/man-pages/man7/tcp.7.html
_KEEP_ALIVE = ((socket.TCP_KEEPIDLE, 3), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 4))


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    # Seconds for a request to arrive.
    timeout = 120

    def do_POST(self) -> None:
        if self.path != "/steps":
            self._refuse(404, "there is nothing at this path")
        elif not self._is_authorized():
            self._refuse(401, "the token is missing or wrong")
        else:
            self._run()

    def _run(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_REQUEST:
            self._refuse(413, f"a request has at most {LONGEST_REQUEST} bytes")
            return
        try:
            request = parse_request(self.rfile.read(int(length)))
            step = read_step(request)
        except InvalidRequestError as error:
            self._refuse(400, str(error))
            return
        except RefusedError as error:
            self._begin()
            for line in error.lines:
                self._send({"line": line})
            self._send({"exitCode": 1, "reason": None})
            return
        self.connection.settimeout(None)
        self.server.log(f"{request.pipeline}.{request.step} of {request.run}: started")
        for option, value in _KEEP_ALIVE:
            self.connection.setsockopt(socket.IPPROTO_TCP, option, value)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._begin()
        try:
            outcome = run_attempt(
                self.server.runner(),
                request,
                step,
                self.connection,
                lambda line: self._send({"line": line}),
            )
            self._send({"exitCode": outcome.exit_code, "reason": outcome.reason})
            how = f"exited with code {outcome.exit_code}"
        except (EngineError, OSError) as error:
            how = f"failed: {error}"
            self._send({"error": str(error)})
        self.server.log(f"{request.pipeline}.{request.step} of {request.run}: {how}")

    def _is_authorized(self) -> bool:
        try:
            token = TOKEN_FILE.read_text().strip()
        except OSError:
            return False
        given = self.headers.get("Authorization", "")
        return token != "" and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())

    def _begin(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()

    def _send(self, value: dict[str, Any]) -> None:
        """Sends a line. The watch of its connection finds a task that has ended."""
        with contextlib.suppress(OSError):
            self.wfile.write(json.dumps(value).encode() + b"\n")

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self.server.log(f"refused a request of {self.client_address[0]}: {message}")
        content = json.dumps({"error": message}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are logged above, with what they ask for."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # Tasks may start all at once.
    request_queue_size = 64

    def __init__(self, project: str, network: str) -> None:
        super().__init__(("", PORT), Handler)
        self._project = project
        self._network = network

    def runner(self) -> Runner:
        engine = Engine()
        own = f"{self._project}-step-runner"
        inspected = engine.inspect(own)
        kept = ("dp.file", "dp.host", "dp.version")
        labels = {name: inspected["Config"]["Labels"][name] for name in kept}
        return Runner(engine, inspected["Image"], labels, self._network, self._project)

    def log(self, text: str) -> None:
        print(text, flush=True)


def remove_leftovers(project: str) -> None:
    """Removes what an earlier runner had created and not started yet; nothing else outlives it."""
    engine = Engine()
    for container in engine.containers_with({"dp.project": project, **LABEL}):
        engine.remove(container)


def main() -> int:
    # Its containers end with its connections to the engine.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    project = os.environ["DP_PROJECT"]
    remove_leftovers(project)
    server = Server(project, os.environ["DP_NETWORK"])
    server.log("ready for steps")
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
