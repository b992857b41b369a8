import { expect, test } from "vitest";
import { redactFields } from "../../src/report/redact-fields.ts";

const redact = (text: string): string => text.replaceAll("sesame", "***");

test("texts of others are redacted at any depth, names and states are not", () => {
  const document = {
    state: "sesame",
    services: [
      { name: "sesame", message: "sesame", count: 1, evidence: ["sesame", { text: "sesame" }] },
    ],
    reason: null,
  };
  expect(redactFields(document, redact)).toEqual({
    state: "sesame",
    services: [{ name: "sesame", message: "***", count: 1, evidence: ["***", { text: "***" }] }],
    reason: null,
  });
});
