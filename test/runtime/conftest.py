import http.server
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from broker import Broker
from support import Project

Handler = Callable[[http.server.BaseHTTPRequestHandler], None]
Serve = Callable[[Handler], str]


def _address(variable: str, what: str) -> str:
    value = os.environ.get(variable)
    if not value:
        pytest.fail(f"{variable} must hold the {what} that these tests use", pytrace=False)
    return value


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def broker(project: Project) -> Iterator[Broker]:
    broker = Broker(_address("DP_TEST_KAFKA", "address of a Kafka broker (host:port)"))
    project.spec["kafka"] = {"bootstrap": broker.bootstrap}
    yield broker
    broker.close()


@pytest.fixture
def warehouse(project: Project) -> Iterator[psycopg.Connection]:
    """A database of its own, and the project's store `warehouse`."""
    url = _address("DP_TEST_POSTGRES", "URL of a Postgres server, whose user may make databases")
    name = f"rt_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(
            f"create database {name} encoding 'UTF8' lc_collate 'C' lc_ctype 'C' template template0"
        )
        own_url = url.rpartition("/")[0] + "/" + name
        project.spec["stores"]["warehouse"] = {"type": "postgres", "url": own_url}
        with psycopg.connect(own_url, autocommit=True) as connection:
            yield connection
        server.execute(f"drop database {name} with (force)")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts an HTTP server that answers as the given function does; returns its URL."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(handler: Handler) -> str:
        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                handler(self)

            def log_message(self, *_: object) -> None:
                """Keeps the server quiet."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def answer(serve: Serve) -> Callable[..., str]:
    """Starts an HTTP server that always gives one answer; returns its URL."""

    def start(body: str | bytes, *, status: int = 200, kind: str = "application/json") -> str:
        data = body.encode() if isinstance(body, str) else body

        def handler(request: http.server.BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Content-Type", kind)
            request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            request.wfile.write(data)

        return serve(handler)

    return start
