"""What dp adds to ruff in `dp pipeline lint`."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def lint() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "lint_dags", ROOT / "templates/airflow/lint_dags.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["lint_dags"] = module
    spec.loader.exec_module(module)
    vars(module)["RUFF"] = str(Path(sys.executable).with_name("ruff"))
    return module


def fixed(lint: ModuleType, folder: Path, text: str, *, unsafe: bool = False) -> str:
    """Returns the text after the fixes."""
    for name in ("old", "new"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "a.py").write_bytes(text.encode())
    lint.fix(folder / "old", folder / "new", unsafe)
    return (folder / "new" / "a.py").read_bytes().decode()


DAG = "from airflow.sdk import DAG\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('DAG("a", default_view="graph", tags=[])', 'DAG("a", tags=[])'),
        ('DAG("a", default_view="graph", orientation="TB")', 'DAG("a")'),
        ('DAG("a", orientation="TB",)', 'DAG("a", )'),
        ('DAG(default_view="graph")', "DAG()"),
        ('DAG(\n    "é",\n    default_view="é",\n)', 'DAG(\n    "é",\n)'),
        ('x = "é"; DAG("é", default_view="x", tags=[])', 'x = "é"; DAG("é", tags=[])'),
    ],
)
def test_an_argument_is_removed_with_its_comma(
    lint: ModuleType, tmp_path: Path, call: str, expected: str
) -> None:
    assert fixed(lint, tmp_path, f"{DAG}{call}\n") == f"{DAG}{expected}\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("days_ago(2)", 'pendulum.today("UTC").add(days=-2)'),
        ("days_ago(n)", 'pendulum.today("UTC").add(days=-n)'),
        ("days_ago(n + 1)", 'pendulum.today("UTC").add(days=-(n + 1))'),
    ],
)
def test_days_ago_becomes_a_date_of_pendulum(
    lint: ModuleType, tmp_path: Path, call: str, expected: str
) -> None:
    text = f"import os\nfrom airflow.utils.dates import days_ago\nn = 1\nx = {call}\n"
    assert fixed(lint, tmp_path, text) == f"import os\nimport pendulum\nn = 1\nx = {expected}\n"


def test_days_ago_of_a_time_is_left_with_its_import(lint: ModuleType, tmp_path: Path) -> None:
    text = "from airflow.utils.dates import days_ago\nx = days_ago(1, hour=2)\n"
    assert fixed(lint, tmp_path, text) == text


def test_line_ends_and_the_byte_order_mark_are_kept(lint: ModuleType, tmp_path: Path) -> None:
    text = "\ufefffrom airflow.utils.dates import days_ago\r\nx = days_ago(1)\r\n"
    expected = '\ufeffimport pendulum\r\nx = pendulum.today("UTC").add(days=-1)\r\n'
    assert fixed(lint, tmp_path, text) == expected


def test_only_imports_that_the_fixes_leave_unused_are_removed(
    lint: ModuleType, tmp_path: Path
) -> None:
    text = (
        "import os\n"
        "from airflow.models import Variable\n"
        "from airflow.operators.dummy_operator import DummyOperator\n"
        'DummyOperator(task_id="a")\n'
    )
    after = fixed(lint, tmp_path, text)
    assert "import os\n" in after
    assert "import Variable\n" in after
    assert "dummy_operator" not in after


def test_arguments_of_operators_are_renamed(lint: ModuleType, tmp_path: Path) -> None:
    text = (
        "from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator as S\n"
        "from airflow.providers.common.sql.operators import sql\n"
        'sql.SQLExecuteQueryOperator(task_id="a", sql="x", postgres_conn_id="shop")\n'
        'MyOperator(task_id="a", xcom_push=True)\n'
        'helper(xcom_push=True, postgres_conn_id="shop")\n'
        "S\n"
    )
    expected = text.replace('"x", postgres_conn_id', '"x", conn_id')
    expected = expected.replace('"a", xcom_push', '"a", do_xcom_push')
    assert fixed(lint, tmp_path, text) == expected


def test_a_moved_module_needs_unsafe(lint: ModuleType, tmp_path: Path) -> None:
    text = "from airflow.utils.weekday import WeekDay\nx = WeekDay.MONDAY\n"
    assert fixed(lint, tmp_path, text) == text
    assert fixed(lint, tmp_path, text, unsafe=True) == text.replace(
        "airflow.utils.weekday", "airflow.providers.standard.utils.weekday"
    )


@pytest.mark.parametrize("content", [b'print "x"\n', b"# caf\xe9\nx = 1\n", b"x = '\x00'\n"])
def test_a_file_that_python_3_rejects_is_left(
    lint: ModuleType, tmp_path: Path, content: bytes
) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_bytes(content)
    lint.fix(tmp_path / "old", tmp_path / "new", True)
    assert lint.changes(tmp_path / "old", tmp_path / "new") == []
    assert all(finding["rule"] == "syntax" for finding in lint.findings_of(tmp_path / "new"))
