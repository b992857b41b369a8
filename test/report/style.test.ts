import { expect, test } from "vitest";
import { chooseStyle, colouredStyle, plainStyle, safeForTerminal } from "../../src/report/style.ts";

test.each([
  { name: "a terminal", color: true, isTerminal: true, env: {}, coloured: true },
  { name: "a pipe", color: true, isTerminal: false, env: {}, coloured: false },
  {
    name: "a dumb terminal",
    color: true,
    isTerminal: true,
    env: { TERM: "dumb" },
    coloured: false,
  },
  { name: "NO_COLOR", color: true, isTerminal: true, env: { NO_COLOR: "1" }, coloured: false },
  {
    name: "an empty NO_COLOR",
    color: true,
    isTerminal: true,
    env: { NO_COLOR: "" },
    coloured: true,
  },
  {
    name: "FORCE_COLOR",
    color: true,
    isTerminal: false,
    env: { FORCE_COLOR: "1" },
    coloured: true,
  },
  {
    name: "FORCE_COLOR=0",
    color: true,
    isTerminal: true,
    env: { FORCE_COLOR: "0" },
    coloured: false,
  },
  {
    name: "FORCE_COLOR over NO_COLOR",
    color: true,
    isTerminal: false,
    env: { FORCE_COLOR: "", NO_COLOR: "1" },
    coloured: true,
  },
  {
    name: "--no-color over FORCE_COLOR",
    color: false,
    isTerminal: true,
    env: { FORCE_COLOR: "1" },
    coloured: false,
  },
])("$name must choose the style", ({ color, isTerminal, env, coloured }) => {
  expect(chooseStyle({ color, isTerminal, env })).toBe(coloured ? colouredStyle : plainStyle);
});

test("a colour must end only what it began", () => {
  const { bold, red } = colouredStyle;
  expect(bold(`a${red("b")}c`)).toBe("\u001B[001ma\u001B[031mb\u001B[039mc\u001B[022m");
  expect(red("")).toBe("");
});

test("control characters of other texts are visible, and dp's own colours are kept", () => {
  const { red } = colouredStyle;
  const text = `${red("a\u001B[31mb")}\tc\u0007\u009B\u202E\r\nd\r`;
  expect(safeForTerminal(text)).toBe(`${red("a^[[31mb")}\tc^G\\x9b\\u202e\nd^M`);
  expect(safeForTerminal(safeForTerminal(text))).toBe(safeForTerminal(text));
});
