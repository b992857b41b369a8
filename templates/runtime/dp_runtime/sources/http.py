from collections.abc import Generator, Iterator
from itertools import islice

import httpx

from ..errors import StepError
from ..pipeline_file import HttpSource
from ..record import BadRecord, Batch, Record
from ..redact import keep_secret, redacted
from .http_body import Body, records_of

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_SHOWN_BODY = 300
_JSON_LINES = ("ndjson", "jsonl", "json-lines", "jsonlines")
_SECRET_HEADERS = ("auth", "cookie", "token", "key", "secret")


class HttpReader:
    """Reads the records of one GET answer as they come in."""

    def __init__(self, source: HttpSource, *, exact: bool) -> None:
        self._source = source
        self._exact = exact
        self._url = _url_of(source)
        self._label = redacted(_without_user(self._url))
        keep_secret(_secrets(source.headers))
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=True)

    def batches(self, size: int) -> Generator[Batch, None, None]:
        try:
            with self._client.stream("GET", self._url, headers=self._source.headers) as response:
                self._check(response)
                yield from _batches(self._records(response), size)
        except httpx.TimeoutException as error:
            waited = "connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
            raise StepError(f"GET {self._label}: no {waited} in time") from None
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise StepError(f"GET {self._label}: can't connect", why=str(error)) from None
        except httpx.HTTPError as error:
            raise StepError(f"GET {self._label} broke off", why=str(error)) from None

    def commit(self, positions: dict[int, int]) -> None:
        """Does nothing: an answer has no position."""

    def close(self) -> None:
        self._client.close()

    def _check(self, response: httpx.Response) -> None:
        if response.status_code < 400:
            return
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) >= 4 * _SHOWN_BODY:
                break
        text = body.decode("utf-8", "replace")[:_SHOWN_BODY].strip()
        raise StepError(
            f"GET {self._label}: {response.status_code} {response.reason_phrase}".rstrip(),
            why=" ".join(text.split()) or "the answer is empty",
        )

    def _records(self, response: httpx.Response) -> Iterator[Record | BadRecord]:
        content_type = response.headers.get("content-type", "").lower()
        path = self._url.path.lower()
        is_lines = any(name in content_type for name in _JSON_LINES) or path.endswith(
            (".jsonl", ".ndjson")
        )
        body = Body(response.iter_bytes(), self._label)
        records = self._source.records
        return records_of(body, is_lines=is_lines, records=records, exact=self._exact)


def _url_of(source: HttpSource) -> httpx.URL:
    try:
        return httpx.URL(source.url).copy_merge_params(source.params)
    except httpx.InvalidURL as error:
        raise StepError(f"{source.url} is no URL", why=str(error)) from None


def _secrets(headers: dict[str, str]) -> list[str]:
    return [
        value
        for name, value in headers.items()
        if any(word in name.lower() for word in _SECRET_HEADERS)
    ]


def _without_user(url: httpx.URL) -> str:
    return str(url.copy_with(username="", password="", fragment=None))


def _batches(records: Iterator[Record | BadRecord], size: int) -> Iterator[Batch]:
    while taken := list(islice(records, size)):
        yield Batch(
            [each for each in taken if isinstance(each, Record)],
            [each for each in taken if isinstance(each, BadRecord)],
            {},
        )
