import { expect, test } from "vitest";
import { parsePort, parseVolume, shellWords } from "../../src/config/container-forms.ts";

test.each([
  ["8085:8080", "127.0.0.1", 8085, 8080],
  ["8080", "127.0.0.1", "auto", 8080],
  ["0.0.0.0:8085:8080", "0.0.0.0", 8085, 8080],
  ["0.0.0.0::8080", "0.0.0.0", "auto", 8080],
  ["[::1]:8085:8080", "::1", 8085, 8080],
])("the port %s must be on %s, %s to %d", (text, hostIp, host, containerPort) => {
  expect(parsePort(text)).toEqual({ hostIp, host, containerPort });
});

test.each([
  "",
  "a",
  "8080/udp",
  "0",
  "65536",
  "70000:80",
  "1-2:80",
  "1:2:3",
  "x:1:2",
  "::1:1:2",
  " 80",
])("%j must be no port", (text) => {
  expect(parsePort(text)).toBeUndefined();
});

test("volumes must be told from folders by their first character", () => {
  expect(parseVolume("data:/var/lib/x")).toEqual({
    kind: "volume",
    name: "data",
    target: "/var/lib/x",
  });
  const bind = { kind: "bind", source: "./conf", target: "/etc/x" };
  expect(parseVolume("./conf:/etc/x")).toEqual({ ...bind, readOnly: false });
  expect(parseVolume("./conf:/etc/x:ro")).toEqual({ ...bind, readOnly: true });
  expect(parseVolume("./conf:/etc/x:rw")).toEqual({ ...bind, readOnly: false });
});

test.each(["data", "data:x", "/data", "data:/x:ro", "a/b:/x", "./x:/y:z", ":/x"])(
  "%j must be no volume",
  (text) => {
    expect(parseVolume(text)).toBeUndefined();
  },
);

test.each([
  ["", []],
  ["  a   b ", ["a", "b"]],
  ["sh -c 'echo \"$HOME\" x'", ["sh", "-c", 'echo "$HOME" x']],
  ['a "b \\" \\n c"d', ["a", 'b " \\n cd']],
  ["a\\ b ''", ["a b", ""]],
  ["--x='1 2'", ["--x=1 2"]],
  ["a\nb\tc", ["a", "b", "c"]],
])("the words of %j must be %j", (text, words) => {
  expect(shellWords(text)).toEqual(words);
});

test.each(["'a", 'a "b', "a \\", "it's"])("%j must have no words: a quote stays open", (text) => {
  expect(shellWords(text)).toBeUndefined();
});
