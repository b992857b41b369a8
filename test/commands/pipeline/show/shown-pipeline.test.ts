import { expect, test } from "vitest";
import { toShownPipeline } from "../../../../src/commands/pipeline/show/shown-pipeline.ts";
import { checkYaml } from "../../../config/check-yaml.ts";

test("what came from variables must be printed as it was written, wherever a pipeline takes it", () => {
  const text = `kafka:
stores: { db: }
topics: [a]
pipelines:
  p:
    description: "\${V} all"
    params: { token: "\${V}", n: 3 }
    steps:
      long: { from: { http: "http://x/\${V}", params: { a: "\${V}" }, headers: { A: "Bearer \${V}" } }, to: topic:a }
      short: { from: "http://y/?t=\${V}", to: { topic: "\${TOPIC}" } }
      query: { from: { store: db, query: "select '\${V}'" }, to: { store: db, table: "\${V}" } }
      table: { from: { store: db, table: "\${V}" }, to: { store: db, table: b } }
      topic: { from: { topic: "\${TOPIC}" }, to: topic:a }
      shell: { run: "curl \${V}", environment: { A: "\${V}", B: plain } }
`;
  const { stack, content } = checkYaml(text, { env: { V: "geheim", TOPIC: "a" } });
  const [pipeline] = stack?.pipelines ?? [];
  if (!pipeline || !content) throw new Error("there is no pipeline");
  expect(JSON.stringify(pipeline)).toContain("geheim");
  const shown = toShownPipeline(pipeline, content.fromVariables);
  expect(JSON.stringify(shown)).not.toContain("geheim");
  expect(shown).toMatchObject({
    description: "${V} all",
    params: { token: "${V}", n: 3 },
    steps: [
      {
        work: {
          from: { url: "http://x/${V}", params: { a: "${V}" }, headers: { A: "Bearer ${V}" } },
        },
      },
      { work: { from: { url: "http://y/?t=${V}" }, to: { topic: "${TOPIC}" } } },
      { work: { from: { query: "select '${V}'" }, to: { table: "${V}" } } },
      { work: { from: { table: "${V}" }, to: { table: "b" } } },
      { work: { from: { topic: "${TOPIC}" } } },
      { environment: { A: "${V}", B: "plain" }, work: { run: { command: "curl ${V}" } } },
    ],
  });
});
