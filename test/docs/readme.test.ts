import { expect, test } from "vitest";
import { rows } from "../../src/program/command-rows.ts";
import { pages } from "./pages.ts";

test("README.md lists every command with the summary of its help (npm run reference)", () => {
  const readme = pages.find(({ path }) => path === "README.md")?.text ?? "";
  const listed = [...readme.matchAll(/^\| `dp (\S+)` \| (.+)\. \|$/gm)];
  expect(listed.map(([, name, summary]) => ({ name, summary }))).toEqual(
    rows.map(({ name, summary }) => ({ name, summary })),
  );
});
