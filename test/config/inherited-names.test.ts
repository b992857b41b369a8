import { expect, test } from "vitest";
import { configDocument } from "../../src/config/config-text.ts";
import { resolveConfig } from "../../src/config/config.ts";
import { variablesFor } from "../../src/config/find.ts";
import type { DpError } from "../../src/errors.ts";
import { checkYaml, messagesOf } from "./check-yaml.ts";

/** Names that every object of JavaScript inherits. */
const names = ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__"];

test.each(names)("--set reports the unknown key %s", (name) => {
  for (const path of [name, `${name}.x`, `kafka.${name}`, `kafka.${name}.x`, `topics.a.${name}`]) {
    const usage = expect.objectContaining({ code: "usage" }) as DpError;
    expect(() => checkYaml("topics: [a]", { set: [`${path}=1`] }), path).toThrow(usage);
  }
});

test.each(names)("the unknown key %s is reported in every section", (name) => {
  const text = `${name}: 1\nkafka: { ${name}: 1 }\ntopics: { a: { ${name}: 1 } }`;
  expect(messagesOf(text)).toEqual(Array.from({ length: 3 }, () => `unknown key "${name}"`));
});

test("an inherited name is a free name like any other", () => {
  const text = `
topics: { constructor: { partitions: 2 } }
airflow:
services: { constructor: { image: x, environment: { toString: "1" } } }
pipelines: { constructor: { params: { valueOf: 1 }, steps: { constructor: { run: ls } } } }
`;
  const { problems, stack } = checkYaml(text, {
    set: ["topics.constructor.partitions=3", "services.constructor.environment.valueOf=2"],
  });
  expect(problems).toEqual([]);
  expect(stack?.topics).toMatchObject([{ name: "constructor", partitions: 3 }]);
  expect(stack?.services[0]?.environment).toEqual({ toString: "1", valueOf: "2" });
  expect(stack?.pipelines[0]?.params).toEqual({ valueOf: 1 });
});

test("--set of an inherited name does not pretend that the file has it", () => {
  const { problems } = checkYaml("topics: { a: }", { set: ["topics.constructor.partitions=3"] });
  expect(problems[0]?.message).toContain('topics has no "constructor"');
});

test("a name that no object can have is reported", () => {
  const text = "topics: { __proto__: { partitions: 2 } }\nservices: { __proto__: { image: x } }";
  expect(messagesOf(text)).toEqual(Array(2).fill('invalid name "__proto__"'));
});

test("a section with an inherited name and no settings shows its defaults", () => {
  const { stack, content } = checkYaml("topics: { constructor: }");
  if (!stack || !content) throw new Error("the file is valid");
  const variables = { valueOf: () => undefined, placeOf: () => undefined };
  const input = { content, stack, variables, ports: "written", project: undefined } as const;
  expect(configDocument(resolveConfig(input))).toMatchObject({
    topics: { constructor: { partitions: 1 } },
  });
});

test("an inherited name is not a schedule and not a variable", async () => {
  const pipeline = "{ schedule: constructor, steps: { a: { run: ls } } }";
  expect(messagesOf(`airflow:\npipelines: { p: ${pipeline} }`)[0]).toContain("constructor");
  const { valueOf, placeOf } = variablesFor("/nowhere/pipeline.yaml", process.env);
  expect([valueOf("constructor"), placeOf("constructor")]).toEqual([undefined, undefined]);
});
