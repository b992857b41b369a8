import { expect, test } from "vitest";
import { checkYaml, messagesOf } from "./check-yaml.ts";

const pipeline = "pipelines: { p: { steps: { s: { run: echo } } } }\n";

test("reads a list of packages, each with its place in pipeline.yaml", () => {
  const { stack } = checkYaml('airflow: { requirements: [pandas, "kafka-python[lz4] >=3,<4"] }\n');
  expect(stack?.airflow?.requirements).toEqual([
    { text: "pandas", at: undefined, setting: ["airflow", "requirements", 0] },
    { text: "kafka-python[lz4] >=3,<4", at: undefined, setting: ["airflow", "requirements", 1] },
  ]);
});

test("reads a requirements file, each package with its line", () => {
  const text =
    "\uFEFF# for reports\r\n\r\nhumanize==4.9  # numbers\r\npolars \\\r\n  >= 1\r\nx;python_version<'3.12'\r\n";
  const { stack, problems } = checkYaml(`python: { requirements: req/a.txt }\n${pipeline}`, {
    texts: { "req/a.txt": text },
  });
  const file = "/home/me/My Shop/req/a.txt";
  const setting = ["python", "requirements"];
  expect(problems).toEqual([]);
  expect(stack?.pythonRequirements).toEqual([
    { text: "humanize==4.9", at: { file, line: 3, column: 1 }, setting },
    { text: "polars   >= 1", at: { file, line: 4, column: 1 }, setting },
    { text: "x;python_version<'3.12'", at: { file, line: 6, column: 1 }, setting },
  ]);
});

test.each([
  ["-e .", "has -e"],
  ["--editable=src", "has -e"],
  ["-r other.txt", "names another file"],
  ["-c limits.txt", "names another file"],
  ["pandas==2 --hash=sha256:ab", "has a hash"],
  ["--index-url x", "is an option of pip"],
  ["git+https://x.example/y", "is a URL or a path"],
  ["foo @ https://x.example/foo.whl", "is a URL or a path"],
  ["https://x.example/foo.whl", "is a URL or a path"],
  ["./local", "is a URL or a path"],
  ["foo-1.0.tar.gz", "is a URL or a path"],
  ["two words", "is not a package of PyPI"],
  ["pandas=2", "is not a package of PyPI"],
])("rejects the requirement %s, in a file with its line and in a list", (written, message) => {
  const file = messagesOf(`python: { requirements: r.txt }\n${pipeline}`, {
    texts: { "r.txt": `humanize\n${written}\n` },
  });
  expect(file.join()).toContain("r.txt:2: ");
  expect(file.join()).toContain(message);
  const list = messagesOf(`python: { requirements: [${JSON.stringify(written)}] }\n${pipeline}`);
  expect(list.join()).toContain(message);
});

test("rejects a requirements file that is missing or outside the folder", () => {
  const [missing = ""] = messagesOf("airflow: { requirements: r.txt }\n");
  expect(missing).toContain('no file "r.txt"');
  const [outside = ""] = messagesOf("airflow: { requirements: ../r.txt }\n");
  expect(outside).toContain("outside the folder");
});

test("reads _PIP_ADDITIONAL_REQUIREMENTS as airflow.requirements, with a warning", () => {
  const { stack, problems } = checkYaml(
    'airflow: { environment: { _PIP_ADDITIONAL_REQUIREMENTS: "pandas humanize==4.9", A: b } }\n',
  );
  expect(stack?.airflow?.environment).toEqual({ A: "b" });
  expect(stack?.airflow?.requirements.map(({ text }) => text)).toEqual(["pandas", "humanize==4.9"]);
  expect(problems).toMatchObject([
    {
      severity: "warning",
      message: "_PIP_ADDITIONAL_REQUIREMENTS is read as airflow.requirements",
      hint: 'write requirements: ["pandas", "humanize==4.9"] under airflow',
    },
  ]);
});
