import { chmod, cp, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createProject, type Project } from "../support/project.ts";
import { failureOf, type DpResult } from "../support/run-dp.ts";
import { runOnTerminal } from "../support/terminal.ts";

/** Twelve DAGs as they were written for Airflow 1.10 and 2, and one file of SQL. */
const oldDags = fileURLToPath(new URL("../fixtures/old-dags", import.meta.url));

interface Lint {
  readonly applied: boolean;
  readonly findings: readonly { file: string; line: number; rule: string; fix: string | null }[];
  readonly changes: readonly { file: string; diff: string; backup: string | null }[];
  readonly imports: readonly {
    file: string;
    dags: readonly string[];
    error: { line: number; message: string; hint: string } | null;
  }[];
}

const nothing = { containers: [], networks: [], volumes: [], locks: [], processes: [] };

let project: Project;
let dags: string;

beforeAll(async () => {
  project = await createProject("airflow: { dags: dags }\nstores: { shop: { type: postgres } }\n");
  dags = join(project.folder, "dags");
});

beforeEach(async () => {
  await rm(dags, { recursive: true, force: true });
  await cp(oldDags, dags, { recursive: true });
});

afterAll(() => project[Symbol.asyncDispose]());

async function lint(...options: string[]): Promise<DpResult & { document: Lint }> {
  const result = await project.dp(["pipeline", "lint", "--json", ...options]);
  // The document is the whole output.
  return { ...result, document: JSON.parse(result.stdout || "{}") as Lint };
}

const imported = ({ imports }: Lint): string[] =>
  imports.filter(({ error }) => error === null).map(({ file }) => file);

async function git(...args: string[]): Promise<void> {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  await execa("git", [...identity, ...args], { cwd: project.folder });
}

test("finds what Airflow 3 removed without a stack, and changes nothing", async () => {
  const { code, document } = await lint();
  expect(code).toBe(1);
  expect(document.applied).toBe(false);
  const rules = new Set(document.findings.map(({ rule }) => rule));
  expect([...rules].toSorted()).toEqual([
    "AIR301",
    "AIR302",
    "AIR311",
    "AIR312",
    "argument",
    "context",
    "import",
    "template",
  ]);
  expect(document.findings).toContainEqual(
    expect.objectContaining({ file: "sql/load_orders.sql", line: 6, rule: "template" }),
  );
  expect(document.imports).toHaveLength(12);
  expect(imported(document)).toEqual([]);
  expect(document.imports.filter(({ error }) => !error?.hint)).toEqual([]);
  const regions = document.imports.find(({ file }) => file === "regions.py");
  expect(regions?.error).toMatchObject({ line: 5, hint: expect.stringContaining("standard") });
  for (const file of await readdir(oldDags)) {
    if (!file.endsWith(".py")) continue;
    expect(await readFile(join(dags, file))).toEqual(await readFile(join(oldDags, file)));
  }
  expect(await project.snapshot()).toEqual(nothing);
});

test("shows the diff on a terminal, and changes nothing after a no", async () => {
  const { code, shown } = await runOnTerminal({
    args: ["pipeline", "lint", "--fix"],
    cwd: project.folder,
    typing: [["Change 13 files in", "n"]],
    timeoutMs: 120_000,
  });
  expect(code).toBe(1);
  expect(shown).toContain("schedule_interval");
  expect(shown).toContain("Not in git, the original is kept as FILE.orig: api_poll.py, ");
  expect(await readdir(dags)).toEqual(await readdir(oldDags));
});

test("5 of 12 old DAGs can be imported after --fix", async () => {
  const { code, document } = await lint("--fix", "-y");
  expect(code).toBe(1);
  expect(imported(document)).toEqual([
    "fan_out.py",
    "service_levels.py",
    "stock_datasets.py",
    "users_taskflow.py",
    "waits.py",
  ]);
});

test("11 of 12 old DAGs can be imported after --fix --unsafe", async () => {
  const clean = await readFile(join(dags, "branches.py"), "utf8");
  await project.write("dags/crlf.py", `\uFEFF${clean.replaceAll("\n", "\r\n")}`);
  await chmod(join(dags, "crlf.py"), 0o750);
  await git("init", "--quiet");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "first");
  await project.write("dags/waits.py", `# changed\n${await project.read("dags/waits.py")}`);
  await project.write("dags/waits.py.orig", "an earlier one");

  const { code, document } = await lint("--fix", "--unsafe", "-y");
  expect(code).toBe(1);
  expect(document.imports.filter(({ error }) => error !== null)).toEqual([
    {
      file: "regions.py",
      dags: [],
      error: {
        file: "regions.py",
        line: 4,
        message: "ModuleNotFoundError: No module named 'airflow.operators.subdag_operator'",
        hint: "replace `airflow.operators.subdag_operator` with `TaskGroup` from airflow.sdk",
      },
    },
  ]);
  expect(imported(document).filter((file) => file !== "crlf.py")).toHaveLength(11);
  expect(document.findings.every(({ fix }) => fix === null)).toBe(true);

  const backups = document.changes.map(({ file, backup }) => [file, backup]);
  expect(Object.fromEntries(backups)).toMatchObject({
    "branches.py": "git",
    "sql/load_orders.sql": "git",
    "waits.py": "waits.py.orig.1",
  });
  expect(await project.read("dags/waits.py.orig")).toBe("an earlier one");
  expect(await project.read("dags/waits.py.orig.1")).toMatch(/^# changed\n/);

  const fixed = await project.read("dags/crlf.py");
  expect(fixed).toBe(`\uFEFF${(await project.read("dags/branches.py")).replaceAll("\n", "\r\n")}`);
  expect((await stat(join(dags, "crlf.py"))).mode & 0o777).toBe(0o750);
  expect(await project.read("dags/sql/load_orders.sql")).toContain(
    "created_at < '{{ data_interval_end | ds }}'",
  );
  await rm(join(project.folder, ".git"), { recursive: true });
});

test("exits with code 0 when nothing is found, and with 2 without a folder of DAGs", async () => {
  await rm(dags, { recursive: true });
  await project.write(
    "dags/new.py",
    'import os\nfrom airflow.sdk import DAG, BaseHook\nfrom shared.names import x\n\nprint("{", BaseHook.get_connection("shop").host)\nDAG("new", schedule=None, description=os.environ["SHOP_URL"])\n',
  );
  await project.write("shared/names.py", "x = 1\n");
  const { code, stdout } = await project.dp(["pipeline", "lint"]);
  expect(stdout).toBe("no findings; 1 of 1 DAG file can be imported\n");
  expect(code).toBe(0);
  const other = await createProject("airflow: {}\n");
  const refused = await other.dp(["pipeline", "lint", "--json"]);
  await other[Symbol.asyncDispose]();
  expect([refused.code, failureOf(refused).message]).toEqual([2, "the stack has no custom DAGs"]);
});

test("imports a DAG that uses a module beside pipeline.yaml", async () => {
  await project.write("src/names.py", 'NAME = "uses_module"\n');
  await project.write(
    "dags/uses_module.py",
    "from airflow.sdk import DAG\nfrom src.names import NAME\n\ndag = DAG(NAME, schedule=None)\n",
  );
  const { document } = await lint();
  const file = document.imports.find((one) => one.file === "uses_module.py");
  expect(file).toMatchObject({ dags: ["uses_module"], error: null });
});
