import re
from collections.abc import Iterable

_USER_INFO = re.compile(r"(://[^:/@\s]*):[^@/\s]+@")
_SECRET_PARAMETER = re.compile(
    r"([?&][^=&\s]*(?:token|key|secret|passw|auth|signature)[^=&\s]*=)[^&\s#]+", re.IGNORECASE
)
# Shorter texts are words of other lines as well.
_SHORTEST_SECRET = 6

_secrets: set[str] = set()


def keep_secret(values: Iterable[str]) -> None:
    """Masks these values in every line that is printed from here on."""
    _secrets.update(value for value in values if len(value) >= _SHORTEST_SECRET)


def redacted(text: str) -> str:
    """Returns the text without passwords of URLs, secret query parameters and known secrets."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    text = _USER_INFO.sub(r"\1:***@", text)
    return _SECRET_PARAMETER.sub(r"\1***", text)
