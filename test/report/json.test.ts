import { expect, test } from "vitest";
import { renderDocument, renderEventJson } from "../../src/report/json.ts";

const now = new Date("2026-11-22T18:30:00.123Z");

test("an event must be one JSON line with type and time first", () => {
  expect(renderEventJson({ type: "phase", phase: "wait", state: "start" }, now)).toBe(
    '{"type":"phase","time":"2026-11-22T18:30:00.123Z","phase":"wait","state":"start"}\n',
  );
});

test("a result must carry ok and the document's own keys", () => {
  const line = renderEventJson({ type: "result", ok: false, document: { topics: [] } }, now);
  expect(line).toBe('{"type":"result","time":"2026-11-22T18:30:00.123Z","ok":false,"topics":[]}\n');
});

test("a document must be readable JSON that ends its line", () => {
  expect(renderDocument({ services: [] })).toBe('{\n  "services": []\n}\n');
});
