import { expect, test } from "vitest";
import { maskSource, scrub, secretsAmong } from "../../src/safe-text/redact.ts";

test("literal passwords must be masked, and variables stay as they are written", () => {
  const { text, secrets } = maskSource(
    [
      "name: shop",
      "stores:",
      "  a: { type: postgres, password: hunter2, user: ann }",
      '  b: { password: "with spaces", token: t0p }',
      "  c:",
      "    password: ${DB_PASSWORD}",
      "    secret: ${S:-fallback}",
      "    token: ${T-hard}${T:+other}",
      "    api_key: ${K:-${L:-deep}}",
      "    password: dp",
      "  d:",
      "    password: pa,ss}w#rd # a comment",
      "connections:",
      "  api:",
      "    url: https://ann:letmein@shop.example/v1",
      "    headers: { Authorization: Bearer abc.def }",
      "    more: { authorization: 'Bearer ${SHOP_TOKEN}', x-token: u }",
      "services:",
      "  one:",
      "    environment:",
      "      MY_API_KEY: k-123 # of the test account",
      "      PRIVATE_KEY: |",
      "        line one",
      "        line two",
      "      NAME: plain",
      "    command: run --unique_key id",
      "pipelines: { p: { steps: { s: { to: { unique_key: id } } } } }",
      "",
    ].join("\n"),
  );
  expect(text.split("\n")).toEqual([
    "name: shop",
    "stores:",
    "  a: { type: postgres, password: ***, user: ann }",
    '  b: { password: "***", token: *** }',
    "  c:",
    "    password: ${DB_PASSWORD}",
    "    secret: ${S}",
    "    token: ${T}${T}",
    "    api_key: ${K}",
    "    password: dp",
    "  d:",
    "    password: *** # a comment",
    "connections:",
    "  api:",
    "    url: https://ann:***@shop.example/v1",
    "    headers: { Authorization: *** }",
    "    more: { authorization: 'Bearer ${SHOP_TOKEN}', x-token: *** }",
    "services:",
    "  one:",
    "    environment:",
    "      MY_API_KEY: *** # of the test account",
    "      PRIVATE_KEY: |",
    "        ***",
    "        ***",
    "      NAME: plain",
    "    command: run --unique_key id",
    "pipelines: { p: { steps: { s: { to: { unique_key: id } } } } }",
    "",
  ]);
  expect(secrets.map(({ value }) => value)).toEqual([
    "hunter2",
    "with spaces",
    "t0p",
    "fallback",
    "hard",
    "other",
    "deep",
    "pa,ss}w#rd",
    "letmein",
    "Bearer abc.def",
    "u",
    "k-123",
    "line one",
    "line two",
  ]);
});

test("values of variables must count as secrets, but not ports, sizes and what everybody knows", () => {
  const named = [
    ["SHOP_TOKEN", "x1"],
    ["URL", "https://internal.example"],
    ["PORT", "9092"],
    ["HEAP", "512m"],
    ["VERSION", "4.3.1"],
    ["DB_PASSWORD", "dp"],
    ["FLAG", "true"],
  ] as const;
  const secrets = secretsAmong(named, (name) => `\${${name}}`);
  expect(secrets).toEqual([
    { value: "x1", shown: "${SHOP_TOKEN}" },
    { value: "https://internal.example", shown: "${URL}" },
  ]);
});

test("a secret must go wherever it stands: in URLs, in JSON, as a part of another one", () => {
  const secrets = [
    { value: 'p@ss"word', shown: "***" },
    { value: "abc", shown: "${A}" },
    { value: "abcdef", shown: "${B}" },
    { value: "h", shown: "***" },
  ];
  const text = `${JSON.stringify({ a: 'p@ss"word' })} postgresql://dp:${encodeURIComponent('p@ss"word')}@h abcdef abc`;
  expect(scrub(text, secrets)).toBe('{"a":"***"} postgresql://dp:***@h ${B} ${A}');
});

test("the password of any URL must go, but that of dp's own stores", () => {
  const text = "amqp://ann:letmein@mq:5672/x and postgresql://dp:dp@db:5432/dp at 10:20 a@b";
  expect(scrub(text, [])).toBe(
    "amqp://ann:***@mq:5672/x and postgresql://dp:dp@db:5432/dp at 10:20 a@b",
  );
});
