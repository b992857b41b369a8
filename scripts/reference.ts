/**
 * Writes docs/pipeline-yaml.md and docs/pipeline.schema.json from the schema of pipeline.yaml, and
 * docs/commands.md and the table of commands in README.md from the command line.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { renderJsonSchema, renderReference } from "../src/config/reference.ts";
import { rows } from "../src/program/command-rows.ts";
import { renderCommands } from "../src/program/reference.ts";

const docs = path.join(import.meta.dirname, "..", "docs");
writeFileSync(path.join(docs, "pipeline-yaml.md"), renderReference());
writeFileSync(path.join(docs, "pipeline.schema.json"), renderJsonSchema());
writeFileSync(path.join(docs, "commands.md"), await renderCommands());

const readme = path.join(import.meta.dirname, "..", "README.md");
const commands = rows.map(({ name, summary }) => `| \`dp ${name}\` | ${summary}. |\n`).join("");
const before = readFileSync(readme, "utf8");
writeFileSync(
  readme,
  before.replace(/(?:^\| `dp .*\n)+/m, () => commands),
);
