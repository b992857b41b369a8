import { expect, test } from "vitest";
import { chooseStyle } from "../../src/report/choose-style.ts";
import { coloredStyle } from "../../src/report/colored-style.ts";
import { plainStyle, safeForTerminal } from "../../src/report/style.ts";

test.each([
  { name: "a terminal", color: true, isTerminal: true, env: {}, colored: true },
  { name: "a pipe", color: true, isTerminal: false, env: {}, colored: false },
  {
    name: "a dumb terminal",
    color: true,
    isTerminal: true,
    env: { TERM: "dumb" },
    colored: false,
  },
  { name: "NO_COLOR", color: true, isTerminal: true, env: { NO_COLOR: "1" }, colored: false },
  {
    name: "an empty NO_COLOR",
    color: true,
    isTerminal: true,
    env: { NO_COLOR: "" },
    colored: true,
  },
  {
    name: "FORCE_COLOR",
    color: true,
    isTerminal: false,
    env: { FORCE_COLOR: "1" },
    colored: true,
  },
  {
    name: "FORCE_COLOR=0",
    color: true,
    isTerminal: true,
    env: { FORCE_COLOR: "0" },
    colored: false,
  },
  {
    name: "FORCE_COLOR over NO_COLOR",
    color: true,
    isTerminal: false,
    env: { FORCE_COLOR: "", NO_COLOR: "1" },
    colored: true,
  },
  {
    name: "--no-color over FORCE_COLOR",
    color: false,
    isTerminal: true,
    env: { FORCE_COLOR: "1" },
    colored: false,
  },
])("$name chooses the style", async ({ color, isTerminal, env, colored }) => {
  expect(await chooseStyle({ color, isTerminal, env })).toBe(colored ? coloredStyle : plainStyle);
});

test("a color ends only what it began", () => {
  const { bold, red } = coloredStyle;
  expect(bold(`a${red("b")}c`)).toBe("\u001B[001ma\u001B[031mb\u001B[039mc\u001B[022m");
  expect(red("")).toBe("");
  // What chalk writes, with three digits.
  const { yellow, green, cyan, dim } = coloredStyle;
  expect([red, green, yellow, cyan, dim].map((paint) => paint("x"))).toEqual([
    "\u001B[031mx\u001B[039m",
    "\u001B[032mx\u001B[039m",
    "\u001B[033mx\u001B[039m",
    "\u001B[036mx\u001B[039m",
    "\u001B[002mx\u001B[022m",
  ]);
});

test("control characters of other texts are visible, and dp's own colors are kept", () => {
  const { red } = coloredStyle;
  const text = `${red("a\u001B[31mb")}\tc\u0007\u009B\u202E\r\nd\r`;
  expect(safeForTerminal(text)).toBe(`${red("a^[[31mb")}\tc^G\\x9b\\u202e\nd^M`);
  expect(safeForTerminal(safeForTerminal(text))).toBe(safeForTerminal(text));
});
