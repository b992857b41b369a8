import { expect, test } from "vitest";
import { renderProblems } from "../../../src/report/problems.ts";
import { plainStyle } from "../../../src/report/style.ts";
import { convertText, converted, type ConvertText } from "./convert-text.ts";

function problemsOf(text: string, input: ConvertText = {}): string {
  const conversion = convertText(text, input);
  const problems = conversion.ok ? [] : conversion.problems;
  return renderProblems({ file: "compose.yaml", text, problems, style: plainStyle });
}

const services = (text: string): string => `services:\n${text}\n`;

test.each([
  [
    "a service that extends itself",
    services("  a: { image: x, extends: b }\n  b: { extends: { service: a } }"),
    ["compose.yaml:2:18", "services extend each other in a cycle: a extends b extends a"],
  ],
  [
    "an extended service that does not exist",
    services("  a: { extends: { service: base } }"),
    ['service "base" not found', "check the name in extends"],
  ],
  [
    "an extended file that does not exist",
    services("  a: { extends: { file: other.yml, service: base } }"),
    ["can't read services from other.yml"],
  ],
  [
    "services that wait for each other",
    services("  a: { image: x, depends_on: [b] }\n  b: { image: x, depends_on: { a: {} } }"),
    ["compose.yaml:2:31", "services wait for each other in a cycle: a depends on b depends on a"],
  ],
  [
    "a service that waits for itself",
    services("  a: { image: x, depends_on: [a] }"),
    ["services wait for each other in a cycle: a depends on a"],
  ],
  [
    "a dependency that does not exist",
    services("  a: { image: x, depends_on: [db] }"),
    ['service "db", which "a" depends on, not found'],
  ],
  ["text that is not YAML", "services:\n  a:\n\timage: x\n", ["compose.yaml:3", "a tab is used"]],
  [
    "a quote that is never closed",
    services('  a: { image: "x }'),
    ["a quote is opened here and never closed"],
  ],
  ["a duplicate key", services("  a: { image: x }\n  a: { image: y }"), ["keys must be unique"]],
  ["an anchor that does not exist", services("  a: *common"), ["anchor &common not found"]],
  [
    "an anchor that contains itself",
    "services: &all\n  a: { image: x, environment: *all }\n",
    ["an anchor contains itself"],
  ],
  [
    "include",
    "include: [other.yml]\nservices: { a: { image: x } }\n",
    ["include is not supported"],
  ],
  ["a file without services", "version: '3'\n", ["no services"]],
  ["an empty file", "", ["a Compose file must be a map with services"]],
  ["a list", "- services\n", ["a Compose file must be a map with services"]],
])("reports %s", (_, text, expected) => {
  const problems = problemsOf(text);
  for (const each of expected) expect(problems).toContain(each);
});

test("names the other file of a cycle over two files", () => {
  const text = services("  a: { extends: { file: other.yml, service: b } }");
  const other = services("  b: { extends: { file: compose.yaml, service: a } }");
  const files = { "/lab/compose.yaml": text, "/lab/other.yml": other };
  const problems = problemsOf(text, { files });
  expect(problems).toContain("/lab/other.yml:2: services extend each other in a cycle");
});

test("reports anchors that repeat each other without reading all of them", () => {
  const levels = Array.from({ length: 30 }, (_, index) => {
    const below = index === 0 ? "x" : `*a${index - 1}, *a${index - 1}`;
    return `x-${index}: &a${index} [${below}]\n`;
  });
  const problems = problemsOf(`${levels.join("")}services: { a: { image: x } }\n`);
  expect(problems).toContain("the file has too many parts");
});

test("drops unknown keys, and suggests the nearest one", () => {
  const { notes, text } = converted(
    services("  web: { imagee: y, image: x, x-team: a }\nextra: 1"),
  );
  expect(notes.filter(({ change }) => change === "dropped")).toMatchObject([
    { service: undefined, key: "extra", reason: "unknown key" },
    { service: "web", key: "imagee", reason: "unknown key; did you mean image?" },
  ]);
  expect(text).toContain("services:\n  web: { image: x }\n");
});

test("reports values of a form that Compose rejects", () => {
  const { notes } = converted(
    services(
      '  web: { image: x, restart: always, ports: "80:80", environment: "A=B", healthcheck: }',
    ),
  );
  expect(notes.map(({ key, reason }) => `${key}: ${reason}`)).toEqual([
    "ports: invalid form: must be a list",
    "environment: invalid form: must be a list or a map",
  ]);
});

test("leaves out a service that is built from a URL, without its password", () => {
  const url = "https://ci:hunter22@git.example/app.git";
  const conversion = converted(
    services(`  app: { build: "${url}" }\n  web: { image: x, depends_on: [app] }`),
  );
  expect(conversion.services.map(({ becomes }) => becomes)).toEqual([undefined, "services.web"]);
  expect(conversion.notes).toMatchObject([
    { service: "app", key: "build", reason: expect.stringContaining("dp builds folders only") },
    { service: "web", key: "depends_on.app", reason: "app is not in pipeline.yaml" },
    { service: "web", change: "check" },
  ]);
  expect(JSON.stringify(conversion)).not.toContain("hunter22");
});
