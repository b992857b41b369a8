import { expect, test } from "vitest";
import { createRedactor } from "../../src/safe-text/redactor.ts";

test("masks the secrets that it has learned, the longest first, and logins of URLs", () => {
  const redactor = createRedactor();
  const text = "sesame, sesame2 and http://ann:pass@proxy:3128";
  expect(redactor.redact(text)).toBe("sesame, sesame2 and http://ann:***@proxy:3128");
  redactor.learn(() => [{ value: "sesame", shown: "${A}" }]);
  redactor.learn(() => [{ value: "sesame2", shown: "${B}" }]);
  expect(redactor.redact(text)).toBe("${A}, ${B} and http://ann:***@proxy:3128");
});

test("masks a secret that is a pattern, and its forms in URLs and JSON", () => {
  const redactor = createRedactor();
  redactor.learn(() => [{ value: 'a+b"(c)', shown: "***" }]);
  expect(redactor.redact('a+b"(c) a%2Bb%22(c) {"x":"a+b\\"(c)"}')).toBe('*** *** {"x":"***"}');
});

test("looks for secrets with the first text, and once", () => {
  const redactor = createRedactor();
  let finds = 0;
  redactor.learn(() => {
    finds += 1;
    return [{ value: "sesame", shown: "***" }];
  });
  expect(finds).toBe(0);
  expect([redactor.redact("sesame"), redactor.redact("open sesame")]).toEqual(["***", "open ***"]);
  expect(finds).toBe(1);
});
