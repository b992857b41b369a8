/**
 * Writes docs/pipeline-yaml.md and docs/pipeline.schema.json from the schema of pipeline.yaml, and
 * docs/commands.md from the command line.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { renderJsonSchema, renderReference } from "../src/config/reference.ts";
import { renderCommands } from "../src/program/reference.ts";

const docs = path.join(import.meta.dirname, "..", "docs");
writeFileSync(path.join(docs, "pipeline-yaml.md"), renderReference());
writeFileSync(path.join(docs, "pipeline.schema.json"), renderJsonSchema());
writeFileSync(path.join(docs, "commands.md"), await renderCommands());
