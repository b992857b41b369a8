import { expect, test } from "vitest";
import type { DagState } from "../../../src/app/pipelines/dag-state.ts";
import { planDags } from "../../../src/app/pipelines/plan-dags.ts";
import { formatChange } from "../../../src/stack/plan.ts";

const parts = {
  runtime: "r1",
  files: { "pipelines/orders.py": "1", "words.txt": "1", "sql/daily.sql": "1", "a.py": "1" },
  pipelines: { orders: "1", returns: "1" },
};
const deployed = {
  code: "c1",
  dags: { "dp_orders.py": "v1", "dp_returns.py": "v1" },
  own: { "mine.py": "1", "lib/names.py": "1" },
  parts,
} satisfies DagState;

const newVersions = { "dp_orders.py": "v2", "dp_returns.py": "v2" };
const files = (changed: Readonly<Record<string, string>>): DagState => ({
  ...deployed,
  code: "c2",
  dags: newVersions,
  parts: { ...parts, files: { ...parts.files, ...changed } },
});
const { "words.txt": _, ...withoutWords } = parts.files;

/** What was deployed, and what is to be; each has a golden of its name in test/fixtures/plans. */
const cases: Readonly<Record<string, readonly [DagState, DagState]>> = {
  "pipelines-new": [{ code: "", dags: {}, own: {} }, deployed],
  "pipelines-unchanged": [deployed, { ...deployed }],
  "pipelines-one-section": [
    deployed,
    {
      ...deployed,
      dags: newVersions,
      parts: { ...parts, pipelines: { orders: "2", returns: "1" } },
    },
  ],
  "pipelines-one-file": [deployed, files({ "pipelines/orders.py": "2" })],
  "pipelines-many-files": [
    deployed,
    files({ "pipelines/orders.py": "2", "sql/daily.sql": "2", "a.py": "2", "b.py": "1", c: "1" }),
  ],
  "pipelines-file-gone": [
    deployed,
    { ...deployed, dags: newVersions, parts: { ...parts, files: withoutWords } },
  ],
  "pipelines-other-dp": [
    deployed,
    { ...deployed, dags: newVersions, parts: { ...parts, runtime: "r2" } },
  ],
  "pipelines-before-parts": [
    { code: "c1", dags: deployed.dags, own: deployed.own },
    { ...deployed, dags: newVersions },
  ],
  "imported-files": [
    { ...deployed, parts: { ...parts, ownFolder: "dags" } },
    {
      ...deployed,
      code: "c2",
      parts: {
        ...parts,
        ownFolder: "dags",
        files: { ...withoutWords, "a.py": "2", "src/new.py": "1", "dags/mine.py": "2" },
      },
    },
  ],
  "pipelines-removed": [
    deployed,
    { ...deployed, dags: { "dp_returns.py": "v1" }, own: { "mine.py": "2", constructor: "1" } },
  ],
};

test.each(Object.keys(cases))("plans what its golden says: %s", async (name) => {
  const [before, after] = cases[name] ?? [deployed, deployed];
  const text = planDags(before, after).map((change) => `${formatChange(change)}\n`);
  await expect(text.join("")).toMatchFileSnapshot(`../../fixtures/plans/${name}.txt`);
});
