import type { Command } from "commander";
import { expect, test } from "vitest";
import { loadProgram } from "../support/whole-program.ts";
import { pages } from "./pages.ts";

const program = await loadProgram();

/** docs/commands.md is generated from the program itself. */
const written = pages.filter(({ path }) => path !== "docs/commands.md");

test.each(written)("the commands and options in $path exist", ({ text }) => {
  const wrong = commandLinesIn(text).flatMap(problemsOf);
  expect(wrong).toEqual([]);
});

test("finds commands in blocks, pipes, and sentences, without comments and arguments of others", () => {
  const text =
    "Run `dp up --keep`.\n```\n$ dp env -- ls -l\ncat a | dp topic tail a -o -5  # --no\n```\n";
  expect(commandLinesIn(text)).toEqual([
    ["env"],
    ["topic", "tail", "a", "-o", "-5"],
    ["up", "--keep"],
  ]);
  expect(problemsOf(["topic", "tail", "a", "--nope", "-o", "-5"])).toEqual([
    "dp topic tail a --nope -o -5: --nope",
  ]);
  expect(problemsOf(["topic", "nope"])).toEqual(["dp topic nope: nope"]);
});

/** The words after each `dp`, up to a pipe, a comment, or the command that dp runs. */
function commandLinesIn(text: string): string[][] {
  const blocks = [...text.matchAll(/^```\w*\n(.*?)^```$/gms)].flatMap(([, code = ""]) =>
    code.split("\n"),
  );
  const prose = text.replaceAll(/^```.*?^```$/gms, "");
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  return [...blocks, ...inline].flatMap((line) =>
    line
      .split(/\s+#\s|&&|;|\|| -- /)
      .map((part) => part.match(/'[^']*'|"[^"]*"|\S+/g) ?? [])
      .map((words) => words.slice(words.findIndex((word) => !/^\$$|^[A-Z_]+=/.test(word))))
      .filter(([first]) => first === "dp")
      .map(([, ...words]) => words),
  );
}

function problemsOf(words: readonly string[]): string[] {
  const line = `dp ${words.join(" ")}`;
  let command = program;
  const rest = [...words];
  while (rest[0] !== undefined && /^[a-z]+$/.test(rest[0]) && command.commands.length > 0) {
    const [name = ""] = rest.splice(0, 1);
    const found = command.commands.find(
      (one) => one.name() === name || one.aliases().includes(name),
    );
    if (found === undefined) return [`${line}: ${name}`];
    command = found;
  }
  const known = new Set([...optionsOf(program), ...optionsOf(command), "--help", "-h"]);
  return rest
    .filter((word) => /^--?[a-zA-Z]/.test(word))
    .map((word) => word.replace(/[=].*$/, "").replace(/[,.]$/, ""))
    .filter((word) => !known.has(word))
    .map((word) => `${line}: ${word}`);
}

function optionsOf(command: Command): string[] {
  return command.options.flatMap(({ short, long }) => [short ?? "", long ?? ""]);
}
