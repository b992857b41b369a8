"""Lints a folder of DAGs with ruff's rules for Airflow 3, and prints the findings and the fixes.

usage: lint_dags.py OLD NEW [--unsafe]

NEW is a copy of OLD, in which dp may have fixed templates. It gets the fixes of ruff, those of the
functions below for what ruff reports without a fix, and loses the imports that the fixes leave
unused. The output is one JSON document.
"""

import ast
import base64
import difflib
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

RUFF = "/opt/dp/bin/ruff"
RULES = "AIR301,AIR302,AIR311,AIR312"
MAX_ROUNDS = 10
# They change nothing in Airflow 3: it has no such pages, and always passes the context.
REMOVED_KEYWORDS = {"provide_context", "default_view", "orientation", "full_filepath"}
# Arguments of all operators that ruff does not know.
RENAMED_KEYWORDS = {"xcom_push": "do_xcom_push", "task_concurrency": "max_active_tis_per_dag"}
# Operators of databases became one operator, whose connection has one name.
SQL_OPERATOR = "SQLExecuteQueryOperator"
SQL_CONNECTIONS = {
    f"{name}_conn_id" for name in ("postgres", "mysql", "sqlite", "mssql", "oracle", "jdbc")
}
# The last part of the name that a message begins with.
NAME = re.compile(r"`(?:[\w.]*\.)?(\w+)`")
MOVED_MODULES = {"airflow.utils.weekday": "airflow.providers.standard.utils.weekday"}


def ruff(folder: Path, *args: str) -> str:
    common = ["--isolated", "--no-cache", "--no-respect-gitignore", "--exit-zero", "--quiet"]
    config = ["--config", 'include=["*.py"]', "--config", "exclude=[]"]
    command = [RUFF, "check", *common, *config, "--target-version", "py311", *args, str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"ruff ended with exit code {result.returncode}\n{result.stderr}")
    return result.stdout


def check(folder: Path, rules: str) -> list[dict]:
    findings = json.loads(ruff(folder, "--select", rules, "--output-format", "json"))
    for finding in findings:
        finding["file"] = Path(finding["filename"]).relative_to(folder).as_posix()
    return findings


# ---------------------------------------------------------------------------------------- edits


@dataclass(frozen=True)
class Edit:
    """Replaces the characters from start to end, offsets in the text of the file."""

    start: int
    end: int
    content: str


class Source:
    """The text of a file, with the positions of ruff (characters) and of ast (bytes)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # As bytes, which keeps line ends and a byte order mark.
        self.text = path.read_bytes().decode()
        self.lines = self.text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def offset(self, location: dict) -> int:
        return self.starts[location["row"] - 1] + location["column"] - 1 + self._mark(location)

    def _mark(self, location: dict) -> int:
        return int(location["row"] == 1 and self.text.startswith("\ufeff"))

    def node_offset(self, line: int, column: int) -> int:
        before = self.lines[line - 1].removeprefix("\ufeff").encode()[:column].decode()
        return self.offset({"row": line, "column": len(before) + 1})

    def apply(self, edits: Iterable[Edit]) -> bool:
        """Writes the file with the edits; false if nothing changes. One of two that overlap counts."""
        text = self.text
        end = len(text) + 1
        for edit in sorted(set(edits), key=lambda one: (one.start, one.end), reverse=True):
            if edit.end > end:
                continue
            text = text[: edit.start] + edit.content + text[edit.end :]
            end = edit.start
        if text == self.text:
            return False
        self.path.write_bytes(text.encode())
        return True


# -------------------------------------------------------------------- fixes that ruff does not have


@dataclass(frozen=True)
class Own:
    """What dp finds beside ruff, and the edit that fixes it."""

    line: int
    column: int
    rule: str
    message: str
    hint: str
    applicability: str
    edit: Edit


def parse(source: Source) -> ast.Module | None:
    """The syntax tree; None for a file with a syntax error, which ruff reports."""
    try:
        return ast.parse(source.text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError):
        return None


def own_findings(source: Source) -> list[Own]:
    tree = parse(source)
    found = []
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).split(".")[-1]
            if name.endswith(("Operator", "Sensor")):
                found += [
                    own for word in node.keywords for own in renamed_keyword(source, name, word)
                ]
        if isinstance(node, ast.ImportFrom) and node.module in MOVED_MODULES and node.level == 0:
            moved = MOVED_MODULES[node.module]
            start = source.text.index(node.module, source.node_offset(node.lineno, node.col_offset))
            edit = Edit(start, start + len(node.module), moved)
            message = f"`{node.module}` is removed in Airflow 3.0"
            found.append(
                Own(
                    node.lineno,
                    node.col_offset + 1,
                    "import",
                    message,
                    f"Use `{moved}`",
                    "unsafe",
                    edit,
                )
            )
    return found


def renamed_keyword(source: Source, operator: str, word: ast.keyword) -> list[Own]:
    renamed = RENAMED_KEYWORDS.get(word.arg or "")
    if operator == SQL_OPERATOR and word.arg in SQL_CONNECTIONS:
        renamed = "conn_id"
    if not renamed or not word.arg:
        return []
    start = source.node_offset(word.lineno, word.col_offset)
    edit = Edit(start, start + len(word.arg), renamed)
    message = f"`{word.arg}` is removed in Airflow 3.0"
    return [
        Own(word.lineno, word.col_offset + 1, "argument", message, f"Use `{renamed}`", "safe", edit)
    ]


def own_fixes(source: Source, findings: list[dict]) -> dict[int, Edit]:
    """The fixes of what ruff reports without one: offset of the finding in the text → edit."""
    wanted = {
        source.offset(finding["location"]): match[1]
        for finding in findings
        if not finding["fix"] and (match := NAME.match(finding["message"]))
    }
    fixes = {}
    tree = parse(source)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.keyword) and node.arg in REMOVED_KEYWORDS:
            start = source.node_offset(node.lineno, node.col_offset)
            if wanted.get(start) == node.arg:
                end = source.node_offset(node.value.end_lineno, node.value.end_col_offset)
                fixes[start] = removed_argument(source.text, start, end)
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            start = source.node_offset(node.lineno, node.col_offset)
            if wanted.get(start) == "days_ago":
                fixes[start] = pendulum_call(source, node, start)
    return fixes


def own_edits(source: Source, findings: list[dict]) -> list[Edit]:
    edits = list(own_fixes(source, findings).values())
    if any("pendulum" in edit.content for edit in edits):
        edits += imported_pendulum(source)
    return edits


def removed_argument(text: str, start: int, end: int) -> Edit:
    """Removes an argument with its comma, and its line if nothing else is on it."""
    comma = re.compile(r"\s*,[ \t]*").match(text, end)
    if not comma:
        before = re.compile(r",\s*$").search(text[:start])
        return Edit(before.start() if before else start, end, "")
    line_start = text.rfind("\n", 0, start) + 1
    rest = re.compile(r"\r?\n").match(text, comma.end())
    if text[line_start:start].strip() == "" and rest is not None:
        return Edit(line_start, rest.end(), "")
    return Edit(start, comma.end(), "")


def pendulum_call(source: Source, node: ast.Call, start: int) -> Edit:
    end = source.node_offset(node.end_lineno, node.end_col_offset)
    (argument,) = node.args
    written = ast.unparse(argument)
    days = f"-{written}" if isinstance(argument, ast.Constant | ast.Name) else f"-({written})"
    return Edit(start, end, f'pendulum.today("UTC").add(days={days})')


def imported_pendulum(source: Source) -> list[Edit]:
    """Imports pendulum before the first import of Airflow."""
    body = ast.parse(source.text.removeprefix("\ufeff")).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names]
    if "pendulum" in names:
        return []
    of_airflow = [node for node in imports if "airflow" in ast.unparse(node)]
    for node in of_airflow[:1]:
        start = source.node_offset(node.lineno, 0)
        end = "\r\n" if source.lines[node.lineno - 1].endswith("\r\n") else "\n"
        return [Edit(start, start, f"import pendulum{end}")]
    return []


# ---------------------------------------------------------------------------------- unused imports


def unused_imports(folder: Path) -> dict[tuple[str, str], list[Edit]]:
    """File and message → how to remove the unused import of a module of Airflow."""
    found = {}
    for finding in check(folder, "F401"):
        if finding["code"] == "F401" and finding["fix"] and "`airflow." in finding["message"]:
            source = Source(folder / finding["file"])
            found[finding["file"], finding["message"]] = [
                Edit(
                    source.offset(edit["location"]),
                    source.offset(edit["end_location"]),
                    edit["content"],
                )
                for edit in finding["fix"]["edits"]
            ]
    return found


def remove_unused_imports(old: Path, new: Path) -> None:
    """Removes what is unused because of the fixes; an import of a removed module would still fail."""
    before = unused_imports(old)
    by_file: dict[str, list[Edit]] = {}
    for key, edits in unused_imports(new).items():
        if key not in before:
            by_file.setdefault(key[0], []).extend(edits)
    for file, edits in by_file.items():
        Source(new / file).apply(edits)


# ------------------------------------------------------------------------------------------ result


def fix(old: Path, new: Path, unsafe: bool) -> None:
    ruff(new, "--select", RULES, "--fix-only", *(["--unsafe-fixes"] if unsafe else []))
    # Arguments beside each other share a comma: one of them is left for the next round.
    for _ in range(MAX_ROUNDS):
        changed = False
        for file, findings in by_file(check(new, RULES)).items():
            source = Source(new / file)
            changed = source.apply(own_edits(source, findings)) or changed
        if not changed:
            break
    for source in sources(new):
        own = own_findings(source)
        source.apply(one.edit for one in own if unsafe or one.applicability == "safe")
    remove_unused_imports(old, new)


def by_file(findings: list[dict]) -> dict[str, list[dict]]:
    """The findings in files that can be read, without syntax errors."""
    found: dict[str, list[dict]] = {}
    for finding in findings:
        if finding["code"] in RULES.split(","):
            found.setdefault(finding["file"], []).append(finding)
    return found


def shown(finding: dict) -> dict[str, object]:
    suggestion = finding["fix"] or {}
    return {
        "file": finding["file"],
        "line": finding["location"]["row"],
        "column": finding["location"]["column"],
        "rule": finding["code"] if finding["code"] in RULES.split(",") else "syntax",
        "message": finding["message"],
        "hint": suggestion.get("message"),
        "fix": suggestion.get("applicability"),
    }


def sources(folder: Path) -> list[Source]:
    """The Python files that are UTF-8; ruff reports the others."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        try:
            found.append(Source(path))
        except (UnicodeDecodeError, OSError):
            continue
    return found


def findings_of(folder: Path) -> list[dict[str, object]]:
    """The findings of ruff and of this file, in the order of files and lines."""
    findings = check(folder, RULES)
    for file, of_file in by_file(findings).items():
        source = Source(folder / file)
        fixes = own_fixes(source, of_file)
        for finding in of_file:
            if source.offset(finding["location"]) in fixes:
                finding["fix"] = {"message": None, "applicability": "safe"}
    of_ruff = [shown(finding) for finding in findings]
    own = [
        {
            "file": source.path.relative_to(folder).as_posix(),
            "line": one.line,
            "column": one.column,
            "rule": one.rule,
            "message": one.message,
            "hint": one.hint,
            "fix": one.applicability,
        }
        for source in sources(folder)
        for one in own_findings(source)
    ]
    return sorted(of_ruff + own, key=lambda one: (one["file"], one["line"], one["column"]))


def changes(old: Path, new: Path) -> list[dict[str, str]]:
    changed = []
    for path in sorted(new.rglob("*")):
        name = path.relative_to(new).as_posix()
        if not path.is_file() or path.read_bytes() == (old / name).read_bytes():
            continue
        content = path.read_bytes()
        texts = [(folder / name).read_bytes().decode() for folder in (old, new)]
        lines = [[f"{line}\n" for line in text.splitlines()] for text in texts]
        diff = "".join(difflib.unified_diff(*lines, f"a/{name}", f"b/{name}"))
        encoded = base64.b64encode(content).decode()
        changed.append({"file": name, "content": encoded, "diff": diff})
    return changed


def main(old: Path, new: Path, unsafe: bool) -> None:
    before = findings_of(old)
    fix(old, new, unsafe)
    document = {
        "before": before,
        "after": findings_of(new),
        "changes": changes(old, new),
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), "--unsafe" in sys.argv[3:])
