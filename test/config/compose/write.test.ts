import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Draft, Setting } from "../../../src/config/compose/draft.ts";
import { writePipeline } from "../../../src/config/compose/write.ts";

function write(settings: Readonly<Record<string, Setting>>): string {
  const draft: Draft = {
    name: "lab",
    zookeeper: undefined,
    kafka: undefined,
    airflow: undefined,
    stores: new Map(),
    services: new Map([["web", { comment: ["From Web."], settings: { ...settings } }]]),
    topics: new Map(),
    profiles: new Map(),
  };
  return writePipeline(draft, ["A heading."]);
}

const texts = [
  "",
  " ",
  "a",
  "a b",
  " a",
  "a ",
  "a: b",
  "a:",
  ":a",
  "a #b",
  "#a",
  "a#b",
  "*a",
  "&a",
  "!a",
  "%a",
  "@a",
  "`a",
  "- a",
  "-a",
  "--a",
  "?a",
  "? a",
  "|",
  ">",
  "[a]",
  "{a}",
  "a, b",
  "a]",
  "'a'",
  '"a"',
  `a'b"c`,
  "a\\b",
  "a\tb",
  "a\nb",
  "a\nb\n",
  "a\n\nb\n",
  "a\n  b\n",
  " a\nb\n",
  "a\nb\n\n",
  "a \nb\n",
  "\n",
  "a\r\nb\r\n",
  "yes",
  "No",
  "on",
  "null",
  "~",
  "TRUE",
  "12:30",
  "007",
  "0x1f",
  "0o17",
  "1e3",
  "1_000",
  ".5",
  "1.",
  "-.5",
  ".inf",
  ".nan",
  "+1",
  "2024-01-01",
  "1.2.3",
  "${A}",
  "${A:-b c}",
  "a ${B} c",
  "$$A",
  "=",
  "<<",
  "---",
  "...",
  "é",
  "日本",
  "\u2028",
  "\u0007",
  "a".repeat(200),
  "word ".repeat(40),
];

test.each(texts)("writes %j so that YAML reads the same text", (text) => {
  const block = parse(write({ environment: { A: text, B: "x".repeat(90) } })) as Parsed;
  expect(block.services.web.environment["A"]).toBe(text);
  const flow = parse(write({ environment: { A: text } })) as Parsed;
  expect(flow.services.web.environment["A"]).toBe(text);
  const list = parse(write({ command: [text, "x".repeat(90)] })) as Parsed;
  expect(list.services.web.command[0]).toBe(text);
});

interface Parsed {
  readonly services: {
    readonly web: {
      readonly environment: Readonly<Record<string, unknown>>;
      readonly command: readonly unknown[];
    };
  };
}

test("writes numbers and truth values without quotes, which dp reads as they are written", () => {
  const text = write({ environment: { A: "1", B: "true", C: "1.50", D: "-2" } });
  expect(text).toContain("{ A: 1, B: true, C: 1.50, D: -2 }");
});

test("writes short parts on one line, and several lines as a block", () => {
  expect(write({ image: "x", ports: ["1:2"], command: ["sh", "-c", "a\nb\n"] })).toBe(`# A heading.

name: lab

services:
  # From Web.
  web:
    image: x
    ports: ["1:2"]
    command:
      - sh
      - -c
      - |
        a
        b
`);
});
