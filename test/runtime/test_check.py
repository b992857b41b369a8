import json

from support import Project, http, move, python, to_topic


def _problems(project: Project) -> list[dict[str, object]]:
    result = project.dp("check")
    assert result.code == (1 if result.output else 0)
    return [json.loads(line) for line in result.lines]


def _transform(project: Project, name: str, function: str) -> None:
    project.step(name, move(http("http://x"), to_topic("t"), transform=function))


def test_good_files_must_give_no_problem(project: Project) -> None:
    project.write(
        "a.py",
        "raise SystemExit('check runs nothing')\n"
        "try:\n    from fast import f\nexcept ImportError:\n    def f(r): ...\n"
        "g = lambda r: r\nassert 1 is 1, '\\d'\n",
    )
    _transform(project, "f", "a.py:f")
    _transform(project, "g", "a.py:g")
    assert _problems(project) == []


def test_a_syntax_error_must_be_named_once_with_its_place(project: Project) -> None:
    project.write("pipelines/a.py", "def f(r):\n    return r[\n\ndef g(r):\n    pass\n")
    _transform(project, "f", "pipelines/a.py:f")
    _transform(project, "g", "pipelines/a.py:g")
    assert _problems(project) == [
        {
            "file": "pipelines/a.py",
            "line": 2,
            "column": 13,
            "text": "    return r[",
            "message": "'[' was never closed",
            "step": "p.f",
        }
    ]


def test_what_a_function_lacks_must_be_named(project: Project) -> None:
    project.write(
        "a.py",
        "def clean(r): ...\nasync def later(r): ...\nclass Thing: ...\n"
        "def none(): ...\ndef many(a, b, c): ...\n",
    )
    for name in ("claen", "later", "Thing", "none", "many"):
        _transform(project, name.lower(), f"a.py:{name}")
    project.step("run", python("a.py", "many"))
    project.step("gone", python("gone.py", "main"))
    found = {(each["step"], each["line"], each["message"]) for each in _problems(project)}
    assert found == {
        ("p.claen", None, "there is no function claen; did you mean clean?"),
        ("p.later", 2, "later is async, and dp calls plain functions only"),
        ("p.thing", 3, "Thing is a class, not a function"),
        ("p.none", 4, "none takes no record: def none(record: dict, ctx=None)"),
        ("p.many", 5, "many wants 3 arguments, and dp gives a record and ctx"),
        ("p.run", 5, "many wants 3 arguments, and dp gives ctx or nothing"),
        ("p.gone", None, "can't be read: No such file or directory"),
    }
