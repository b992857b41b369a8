import ast
import json
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .fields import Fields
from .output import write
from .pipeline_file import Function, Move, Step
from .read_pipeline_file import all_steps


class Problem(NamedTuple):
    """Something of a Python file that will fail when the step runs."""

    file: str
    line: int | None
    column: int | None
    text: str | None
    message: str
    step: str


class _Use(NamedTuple):
    step: str
    function: Function
    is_transform: bool


def check(file: Fields) -> int:
    """Prints each problem of the project's Python files as JSON; returns the exit code."""
    problems = list(_problems(_uses(all_steps(file))))
    for problem in problems:
        write(f"{json.dumps(problem._asdict())}\n".encode())
    return 1 if problems else 0


def _uses(steps: Iterable[tuple[str, Step]]) -> Iterator[_Use]:
    for label, step in steps:
        if isinstance(step, Move):
            if step.transform is not None:
                yield _Use(label, step.transform, is_transform=True)
        elif isinstance(step.run, Function):
            yield _Use(label, step.run, is_transform=False)


def _problems(uses: Iterable[_Use]) -> Iterator[Problem]:
    trees: dict[str, ast.Module | None] = {}
    for use in uses:
        file = use.function.file
        if file not in trees:
            parsed = _parsed(use)
            if isinstance(parsed, Problem):
                trees[file] = None
                yield parsed
            else:
                trees[file] = parsed
        tree = trees[file]
        if tree is not None:
            yield from _problems_of_use(use, tree)


def _parsed(use: _Use) -> ast.Module | Problem:
    file = use.function.file
    try:
        source = Path(file).read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, file)
            compile(tree, file, "exec", dont_inherit=True)
    except OSError as error:
        return Problem(file, None, None, None, f"can't be read: {error.strerror}", use.step)
    except SyntaxError as error:
        text = None if error.text is None else error.text.rstrip("\n")
        return Problem(file, error.lineno, error.offset, text, error.msg, use.step)
    except ValueError as error:
        return Problem(file, None, None, None, str(error), use.step)
    return tree


def _problems_of_use(use: _Use, tree: ast.Module) -> Iterator[Problem]:
    function = use.function
    bound = dict(_bound_names(tree.body))
    if function.function not in bound:
        yield Problem(function.file, None, None, None, _missing(function, list(bound)), use.step)
        return
    node = bound[function.function]
    message = _wrong_form(node, function.function, is_transform=use.is_transform)
    if message is not None:
        yield Problem(
            file=function.file,
            line=node.lineno,
            column=node.col_offset + 1,
            text=_line(function.file, node.lineno),
            message=message,
            step=use.step,
        )


def _bound_names(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """Yields the names that a file's top level binds, also under `if`, `try` and `with`."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node
            case ast.ClassDef(name=name):
                yield name, node
            case ast.Assign(targets=targets):
                yield from ((target.id, node) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name, node) for alias in names)
            case ast.If() | ast.Try() | ast.With():
                yield from _bound_names(_inner(node))
            case _:
                pass


def _inner(node: ast.If | ast.Try | ast.With) -> list[ast.stmt]:
    if isinstance(node, ast.With):
        return node.body
    if isinstance(node, ast.If):
        return [*node.body, *node.orelse]
    handled = [statement for handler in node.handlers for statement in handler.body]
    return [*node.body, *handled, *node.orelse, *node.finalbody]


def _missing(function: Function, names: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(function.function, names, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no function {function.function}{hint}"


def _wrong_form(node: ast.stmt, name: str, *, is_transform: bool) -> str | None:
    if isinstance(node, ast.AsyncFunctionDef):
        return f"{name} is async, and dp calls plain functions only"
    if isinstance(node, ast.ClassDef):
        return f"{name} is a class, not a function"
    if not isinstance(node, ast.FunctionDef):
        return None
    arguments = node.args
    by_position = len(arguments.posonlyargs) + len(arguments.args)
    required = by_position - len(arguments.defaults)
    if is_transform and by_position == 0 and arguments.vararg is None:
        return f"{name} takes no record: def {name}(record: dict, ctx=None)"
    most = 2 if is_transform else 1
    if required > most:
        given = "a record and ctx" if is_transform else "ctx or nothing"
        return f"{name} wants {required} arguments, and dp gives {given}"
    return None


def _line(file: str, number: int) -> str | None:
    lines = Path(file).read_text(encoding="utf-8", errors="replace").split("\n")
    return lines[number - 1].rstrip() if number <= len(lines) else None
