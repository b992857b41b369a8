from .errors import StepError
from .json_value import Json, is_number, name_of, number_text


class Fields:
    """An object of pipeline.json, read field by field; errors name the field's path."""

    def __init__(self, value: Json, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong_field(path, value, "an object")
        self.value = value
        self.path = path

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def section(self, name: str) -> "Fields":
        return Fields(self.value.get(name), self.at(name))

    def optional_section(self, name: str) -> "Fields | None":
        return None if self.value.get(name) is None else self.section(name)

    def text(self, name: str) -> str:
        value = self.value.get(name)
        if not isinstance(value, str):
            raise wrong_field(self.at(name), value, "a text")
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self.value.get(name) is None else self.text(name)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in choices:
            raise wrong_field(self.at(name), value, "one of " + ", ".join(choices))
        return value

    def number(self, name: str, default: int) -> int:
        value = self.value.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise wrong_field(self.at(name), value, "a whole number of at least 1")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.value.get(name, [])
        if not isinstance(value, list):
            raise wrong_field(self.at(name), value, "a list of texts")
        return tuple(self._text_of(item, name) for item in value)

    def text_map(self, name: str) -> dict[str, str]:
        """Returns a map of texts; numbers and booleans become what JSON writes for them."""
        section = self.optional_section(name)
        if section is None:
            return {}
        return {key: scalar_text(item) for key, item in section.value.items()}

    def _text_of(self, value: Json, name: str) -> str:
        if not isinstance(value, str):
            raise wrong_field(self.at(name), value, "a list of texts")
        return value


def scalar_text(value: Json) -> str:
    """Returns a value as text: `true`, `12`, the text itself, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if is_number(value) else str(value)


def wrong_field(path: str, value: Json, wanted: str) -> StepError:
    """Returns the error for a field of pipeline.json that has another value than it must have."""
    found = f'"{value}"' if isinstance(value, str) else name_of(value)
    return StepError(
        f"pipeline.json: {path} must be {wanted}, but is {found}",
        next_step="dp writes this file: run the pipeline again with the same version of dp",
    )
