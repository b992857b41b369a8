import { expect, test } from "vitest";
import { encodeCommand, readReply } from "../../src/stores/resp.ts";

const replyOf = (text: string) => readReply(Buffer.from(text));

test("a command must carry the length of each word in bytes", () => {
  expect(encodeCommand(["SET", "größe", ""])).toBe("*3\r\n$3\r\nSET\r\n$7\r\ngröße\r\n$0\r\n\r\n");
});

test.each([
  ["+PONG\r\n", "PONG"],
  [":-3\r\n", -3],
  ["-WRONGPASS no\r\n", { error: "WRONGPASS no" }],
  ["$7\r\ngröße\r\n", "größe"],
  ["$2\r\n\r\n\r\n", "\r\n"],
  ["$-1\r\n", null],
  ["*-1\r\n", null],
  ["*0\r\n", []],
  ["*3\r\n$1\r\na\r\n*1\r\n:1\r\n$-1\r\n", ["a", [1], null]],
])("the reply %j must be read whole, and only when it is whole", (text, reply) => {
  const length = Buffer.byteLength(text);
  expect(replyOf(`${text}+next\r\n`)).toEqual({ reply, end: length });
  const bytes = Buffer.from(text);
  const beginnings = Array.from({ length }, (_, end) => readReply(bytes.subarray(0, end)));
  expect(beginnings).toEqual(beginnings.map(() => undefined));
});

test("what is no reply must be an error that shows it", () => {
  expect(() => replyOf("HTTP/1.1 400 Bad Request\r\n")).toThrow(/HTTP\/1.1 400/);
});
