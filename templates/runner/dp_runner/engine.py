"""The engine's API over its socket, as far as the runner needs it.

https://docs.docker.com/reference/api/engine/version/v1.41/
"""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

# Where the runner's container has the engine's socket.
SOCKET = "/var/run/docker.sock"
_TIMEOUT = 180.0
_POLL = 0.05

Json = dict[str, Any]


class EngineError(Exception):
    """The engine refused a call; the text is its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("docker", timeout=_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Engine:
    def __init__(self, path: str = SOCKET) -> None:
        self._path = path

    def inspect(self, container: str) -> Json:
        inspected: Json = json.loads(self._call("GET", f"/containers/{quote(container)}/json"))
        return inspected

    def containers_with(self, labels: dict[str, str]) -> list[str]:
        """Returns the ids of the containers with these labels, in every state."""
        filters = json.dumps({"label": [f"{name}={value}" for name, value in labels.items()]})
        query = urlencode({"all": "1", "filters": filters})
        listed: list[Json] = json.loads(self._call("GET", f"/containers/json?{query}"))
        return [container["Id"] for container in listed]

    def create(self, name: str, body: Json) -> str:
        created: Json = json.loads(
            self._call("POST", f"/containers/create?name={quote(name)}", body)
        )
        container: str = created["Id"]
        return container

    def start(self, container: str) -> None:
        self._call("POST", f"/containers/{container}/start")

    def stop(self, container: str, seconds: int) -> None:
        """Asks a container to end, and kills it after some seconds; one that is gone has ended."""
        connection = _Connection(self._path)
        # The engine responds when the container has ended.
        connection.timeout = seconds + _TIMEOUT
        try:
            connection.request("POST", f"/containers/{container}/stop?t={seconds}")
            connection.getresponse().read()
        finally:
            connection.close()

    def remove(self, container: str) -> None:
        """Removes a container, running or not; returns when the engine has it no more."""
        deadline = time.monotonic() + _TIMEOUT
        while time.monotonic() < deadline:
            try:
                self._call("DELETE", f"/containers/{container}?force=1&v=1")
                return
            except EngineError as error:
                if error.status == 404:
                    return
                # The engine is removing it already, because of AutoRemove. Its own wait for that
                # never ends where it begins at the same moment.
                if error.status != 409:
                    raise
            time.sleep(_POLL)
        raise EngineError(409, f"the container {container} is still being removed")

    def watch_end(self, container: str) -> "End":
        """Begins to wait until a container is removed, which has not started yet."""
        path = f"/containers/{container}/wait?condition=removed"
        return End(*self._request("POST", path, None))

    def attach(self, container: str, streams: tuple[str, ...]) -> socket.socket:
        """Returns the connection to streams of a container: `stdin`, or `stdout` and `stderr`."""
        query = urlencode({"stream": "1", **dict.fromkeys(streams, "1")})
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_TIMEOUT)
        try:
            connection.connect(self._path)
            connection.sendall(
                f"POST /containers/{container}/attach?{query} HTTP/1.1\r\n"
                "Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n".encode()
            )
            # Byte by byte: what follows the head belongs to the stream.
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = connection.recv(1)
                if byte == b"":
                    raise EngineError(502, "the engine closed the connection")
                head += byte
            status = int(head.split(b" ", 2)[1])
            if status not in (101, 200):
                raise EngineError(status, head.decode("latin-1").splitlines()[0])
        except BaseException:
            connection.close()
            raise
        connection.settimeout(None)
        return connection

    def _call(self, method: str, path: str, body: Json | None = None) -> bytes:
        """Returns the response; EngineError when the engine refuses the call."""
        connection, response = self._request(method, path, body)
        try:
            return response.read()
        finally:
            connection.close()

    def _request(
        self, method: str, path: str, body: Json | None
    ) -> tuple[_Connection, http.client.HTTPResponse]:
        connection = _Connection(self._path)
        try:
            content = json.dumps(body).encode() if body else None
            connection.request(method, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            # 304: the container was in that state already.
            if response.status >= 400:
                raise EngineError(response.status, _message_of(response.read()))
        except BaseException:
            connection.close()
            raise
        return connection, response


class End:
    """The end of a container, which is awaited on a connection of its own."""

    def __init__(self, connection: _Connection, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._response = response

    def __enter__(self) -> "End":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def exit_code(self) -> int:
        """Returns when the container is removed."""
        end = json.loads(self._response.read() or b"{}")
        code: int = end.get("StatusCode", 0)
        return code


def _message_of(content: bytes) -> str:
    try:
        message: str = json.loads(content)["message"]
    except (ValueError, KeyError, TypeError):
        return content.decode("utf-8", "replace").strip()
    return message


class Lines:
    """The lines of a container's output.

    Byte 0 of a frame is the stream, bytes 4 to 7 are the length of its payload, big endian.
    https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerAttach
    """

    # A longer line is passed on in parts.
    _LONGEST = 65536

    def __init__(self) -> None:
        self._frames = b""
        self._partial: dict[int, bytes] = {}

    def feed(self, data: bytes) -> Iterator[str]:
        self._frames += data
        while len(self._frames) >= 8:
            end = 8 + int.from_bytes(self._frames[4:8], "big")
            if len(self._frames) < end:
                return
            stream, payload = self._frames[0], self._frames[8:end]
            self._frames = self._frames[end:]
            *lines, rest = (self._partial.get(stream, b"") + payload).split(b"\n")
            while len(rest) > self._LONGEST:
                lines.append(rest[: self._LONGEST])
                rest = rest[self._LONGEST :]
            self._partial[stream] = rest
            yield from map(_text, lines)

    def end(self) -> Iterator[str]:
        yield from (_text(rest) for rest in self._partial.values() if rest)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").removesuffix("\r")
