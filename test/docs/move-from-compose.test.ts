import { expect, test } from "vitest";
import { renderInit } from "../../src/commands/init/report.ts";
import { plainStyle } from "../../src/report/style.ts";
import { converted } from "../config/compose/convert-text.ts";
import { pages } from "./pages.ts";

const page = pages.find(({ text }) => text.includes("## Move from Docker Compose"));
const section = page?.text.split("## Move from Docker Compose")[1] ?? "";
const blockOf = (kind: string): string =>
  new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, "ms").exec(section)?.[1] ?? "";

const conversion = converted(blockOf("yml"), {
  files: { "/lab/loader/Dockerfile": "FROM scratch\n" },
  file: "/lab/docker-compose.yml",
});

test("the Compose file of the docs becomes the pipeline.yaml of the docs", () => {
  expect(conversion.text).toBe(blockOf("yaml"));
});

test("the report of the docs is a part of the real one", () => {
  const source = "/lab/docker-compose.yml";
  const target = "/lab/pipeline.yaml";
  const report = renderInit({ converted: conversion, source, target, style: plainStyle });
  const shown = [...section.matchAll(/^```\n(db .*?)^```$/gms)][0]?.[1];
  expect(report).toContain(shown);
});
