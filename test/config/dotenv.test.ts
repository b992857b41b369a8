import { expect, test } from "vitest";
import { parseDotenv } from "../../src/config/dotenv.ts";

const parse = (text: string) =>
  parseDotenv(text, (name) => (name === "GIVEN" ? "given" : undefined));

/** The names that a pipeline.yaml can refer to, as docker compose was asked for them. */
const isName = ([name]: readonly [string, string]): boolean =>
  /^\w+$/.test(name) && !name.startsWith("_");

/**
 * The values are those that docker compose v5.6.0 fills into a compose file beside this `.env`, with GIVEN in
 * its environment; those of references with an operator are of compose-go v2.16.1's dotenv.
 */
test.each<[title: string, text: string, values: Record<string, string>]>([
  ["plain", "A=b\n", { A: "b" }],
  ["no final newline", "A=b", { A: "b" }],
  ["empty", "A=\n", { A: "" }],
  ["blanks around", "  A = b c  \n", { A: "b c" }],
  ["tab around", "\tA\t=\tb\t\n", { A: "b" }],
  ["hash in value", "A=ab#cd\n", { A: "ab#cd" }],
  ["hash after blank", "A=ab #cd\n", { A: "ab" }],
  ["hash after tab", "A=ab\t#cd\n", { A: "ab\t#cd" }],
  ["hash first", "A=#cd\n", { A: "#cd" }],
  ["hash after = and blank", "A= #cd\n", { A: "#cd" }],
  ["comment line", "# A=x\n  # B=y\nA=b\n", { A: "b" }],
  ["double quotes", 'A="a b # c"\n', { A: "a b # c" }],
  ["single quotes", "A='a b # c'\n", { A: "a b # c" }],
  ["comment after quotes", 'A="b" # c\nB=d\n', { A: "b", B: "d" }],
  ["comment glued to quotes", 'A="b"#c\nB=d\n', { A: "b", B: "d" }],
  ["text after quotes", 'A="b" c\nB=d\n', { A: "b", B: "d" }],
  ["assignment after quotes", 'A="b" B=d\n', { A: "b", B: "d" }],
  ["quote in the middle", 'A=b"c"\n', { A: 'b"c"' }],
  ["apostrophe", "A=it's\n", { A: "it's" }],
  ["single quotes keep", "A='$B \\n ${B}'\n", { A: "$B \\n ${B}" }],
  ["escaped single", "A='it\\'s'\n", { A: "it's" }],
  ["escapes", 'A="a\\nb\\tc\\\\d\\"e"\n', { A: 'a\nb\tc\\d"e' }],
  [
    "other escapes",
    'A="\\a\\b\\f\\v\\c|\\r|\\x41|\\u0041|\\d"\n',
    { A: "\u0007\b\f\u000b\\c|\r|\\x41|\\u0041|\\d" },
  ],
  ["octal", 'A="\\0101|\\07|\\0|\\0400|\\0777|\\012"\n', { A: "A|\\7|\\|\\400|\\777|\\12" }],
  ["unquoted backslash", "A=a\\nb\\tc\\\\d\n", { A: "a\\nb\\tc\\\\d" }],
  ["windows path", 'A=C:\\temp\\new\nB="C:\\temp"\n', { A: "C:\\temp\\new", B: "C:\temp" }],
  ["multi line double", 'A="a\nb # x\nc"\nB=d\n', { A: "a\nb # x\nc", B: "d" }],
  ["multi line single", "A='a\nb'\nB=d\n", { A: "a\nb", B: "d" }],
  ["export", "export A=b\nexport\tB=c\nexport  C = d\n", { A: "b", B: "c", C: "d" }],
  ["exported name alone", "export A\nB=c\n", { B: "c" }],
  ["name alone", "A\nB=c\n", { B: "c" }],
  ["name alone at end", "B=c\nA", { B: "c" }],
  ["exporter", "exportA=b\nexport=c\n", { export: "c", exportA: "b" }],
  ["colon", "A: b\nB:c\n", { A: "b", B: "c" }],
  ["yaml url", "A: http://x:1/y=z\n", { A: "http://x:1/y=z" }],
  ["colon, then assignment", "PASS: x\nN=ck-ab\n", { N: "ck-ab", PASS: "x" }],
  ["equals in value", "A=b=c==\n", { A: "b=c==" }],
  ["bom", "\ufeffA=b\n", { A: "b" }],
  [
    "crlf",
    "A=b\r\nB='c'\r\nC=\"d\"\r\nD= e # f\r\nE=\r\nF=x\r\n",
    { A: "b", B: "c", C: "d", D: "e", E: "", F: "x" },
  ],
  ["crlf in quotes", 'A="a\r\nb"\r\nB=c\r\n', { A: "a\r\nb", B: "c" }],
  ["cr only", "A=b\rB=c\n", { A: "b\rB=c" }],
  ["twice", "A=b\nA=c\n", { A: "c" }],
  ["expand", 'A=b\nB=x${A}y\nC=$A-z\nD="$A ${A}"\n', { A: "b", B: "xby", C: "b-z", D: "b b" }],
  ["expand given", "B=${GIVEN}\n", { B: "given" }],
  ["dollar alone", "A=a$\nB=$ b\nC=5$\n", { A: "a$", B: "$ b", C: "5$" }],
  ["dollar dollar", "A=a$$b\nB=\"$$x\"\nC='$$x'\n", { A: "a$b", B: "$x", C: "$$x" }],
  ["dollar digit", "A=$1\n", { A: "$1" }],
  ["dollar sign", "A=a$-b\n", { A: "a$-b" }],
  ["dash name", "a-b=c\nA=d\n", { A: "d" }],
  ["bracket name", "a[0]=c\nA=d\n", { A: "d" }],
  ["digit name", "1A=c\nA=d\n", { A: "d" }],
  ["digit name used", "1A=c\nA=d\nB=x\n", { A: "d", B: "x" }],
  ["no name", "=b\nA=c\n", { A: "c" }],
  ["colon no name", ": b\nA=c\n", { A: "c" }],
  ["empty quotes", "A=\"\"\nB=''\nC=x\n", { A: "", B: "", C: "x" }],
  ["blank value quoted", 'A=" b "\n', { A: " b " }],
  ["backtick", "A=`b c` # d\n", { A: "`b c`" }],
  ["nbsp", "A=\u00a0b\u00a0\n", { A: "b" }],
  ["unicode", "A=grün 🎉\n", { A: "grün 🎉" }],
  ["formfeed", "\fA=b\n", { A: "b" }],
  ["blank lines", "\n\n  \nA=b\n\n", { A: "b" }],
  ["value on next line", "A=\nB=c\n", { A: "", B: "c" }],
  ["hash in quotes then comment", "A='b#c' # d\nB=e\n", { A: "b#c", B: "e" }],
  ["json", 'A={"b": "c"}\n', { A: '{"b": "c"}' }],
  ["json single", 'A=\'{"b": "c"}\'\n', { A: '{"b": "c"}' }],
  ["proto", "__proto__=x\nA=b\n", { A: "b" }],
  ["trailing backslash", "A=b\\\nB=c\n", { A: "b\\", B: "c" }],
  ["trailing backslash in quotes", 'A="b\\\nc"\n', { A: "b\\\nc" }],
  ["default when unset", "A=\nB=${A-x}${A:-y}${NOPE-z}\n", { A: "", B: "yz" }],
  [
    "text when set",
    "A=b\nB=${A+x}${A:+y}${NOPE+z}${NOPE:+z}|\nC=${GIVEN:+yes}${GIVEN-no}\n",
    { A: "b", B: "xy|", C: "yesgiven" },
  ],
  ["required", "A=\nB=${A?x}|\nC=${GIVEN:?x}\n", { A: "", B: "|", C: "given" }],
  ["reference in a default", "A=b\nB=${NOPE:-${A}}\nC=${NOPE:-$A}\n", { A: "b", B: "b", C: "b" }],
  ["quotes in a default", 'A=b\nB="${NOPE:-$A \\"q\\"}"\n', { A: "b", B: 'b "q"' }],
  ["default in single quotes", "B='${NOPE:-x}'\n", { B: "${NOPE:-x}" }],
  ["braces in a default", "A=b\nB=${NOPE:-{$A}}\nC=${NOPE:-{$A}\n", { A: "b", B: "{b}", C: "{b" }],
  ["brace after a default", "B=${NOPE:-x}}$GIVEN\n", { B: "x}given" }],
  ["hash in a default", "B=${NOPE:-a#b} # c\n", { B: "a#b" }],
  ["dollar in a default", 'B=${NOPE:-$$x}\nC="${NOPE:-\\$x}"\n', { B: "$x", C: "$x" }],
  ["apostrophe in a default", "B=${NOPE:-it's}|${NOPE-}\n", { B: "it's|" }],
  ["bare name before a sign", "B=$GIVEN-x ${GIVEN}-x\n", { B: "given-x given-x" }],
  ["end backslash quote", 'A="b\\\\"\nB=c\n', { A: "b\\", B: "c" }],
])("reads %s as docker compose does", (_, text, values) => {
  const found = parse(text);
  expect(Object.fromEntries([...found.values].filter(isName))).toEqual(values);
  expect([...found.unfilled, ...found.problems]).toEqual([]);
});

/** docker compose rejects these as well. */
test.each([
  ["a name with a space", "A=b\nA B=c\n", 2, "a name can't contain a space"],
  ["words", "some words\nA=b\n", 1, "a name can't contain a space"],
  ["a name with a sign", "A=b\n\n# x\n?=c\n", 4, 'a name can\'t contain "?"'],
  ["a quote that is not closed", 'A=b\nB="c\nD=e\n', 2, "its quote is never closed"],
  ["a single quote that is not closed", "A=b\nB='c\n", 2, "its quote is never closed"],
  [
    "a line after a value of several lines",
    'A=b\nB="x\ny"\nC D=1\n',
    4,
    "a name can't contain a space",
  ],
  ["a line after names alone", "A\nB\nC D=1\n", 3, "a name can't contain a space"],
])("reports %s with its line", (_, text, line, reason) => {
  expect(parse(text).problems[0]).toEqual({ line, reason });
});

test("continues after a line that is not an assignment", () => {
  const { values, problems } = parse("A=b\nsome words\nB='c\nC=d\n");
  expect(Object.fromEntries(values)).toEqual({ A: "b", C: "d" });
  expect(problems.map(({ line }) => line)).toEqual([2, 3]);
});

test.each([
  ["B=$A\nA=c\n", "variable A is not set"],
  ["B=pa$word\n", "variable word is not set"],
  ["B=${NOPE:?missing}\n", "NOPE: missing"],
  ["B=${NOPE?x}\n", "NOPE: x"],
  ["B=${NOPE-$NOPE2}\n", "variable NOPE2 is not set"],
  ["B=${NOPE:-a #b}\n", "a reference can't be read"],
  ['B="${NOPE:-x\ny}"\n', "a reference can't be read"],
  ["B=${\n", "a reference can't be read"],
  ["B=${a.b}\n", "a reference can't be read"],
])("has no value, but a reason, for %j", (text, reason) => {
  const { values, unfilled } = parse(text);
  expect(values.has("B")).toBe(false);
  expect(unfilled.get("B")).toEqual({ line: 1, reason });
});

test("fills in the variables of .env and of the environment", () => {
  const text = "GIVEN=mine\nHOST=db\nURL=postgresql://${HOST}:${PORT:-5432}/$GIVEN\n";
  expect(parse(text).values.get("URL")).toBe("postgresql://db:5432/given");
});
