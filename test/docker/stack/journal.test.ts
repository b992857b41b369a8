import { expect, test } from "vitest";
import { createJournal } from "../../../src/docker/stack/rollback.ts";

test("what was done to a service that is proven must not be undone, and all else must", () => {
  const journal = createJournal();
  for (const service of ["kafka-1", "kafka-2"]) {
    journal.record({ undo: "start-container", service, id: `old ${service}` });
    journal.record({ undo: "rename-container", service, id: `old ${service}`, to: service });
    journal.record({ undo: "remove-container", service, id: `new ${service}` });
    if (service === "kafka-1") journal.keep(["kafka-1"]);
  }
  journal.record({ undo: "remove-network", name: "shop", id: "1" });
  expect(journal.done.map((undo) => ("service" in undo ? undo.service : undo.name))).toEqual([
    "kafka-2",
    "kafka-2",
    "kafka-2",
    "shop",
  ]);
  expect(journal.kept).toEqual(["kafka-1"]);
});
