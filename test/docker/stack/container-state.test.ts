import { expect, test } from "vitest";
import { toContainerState } from "../../../src/docker/stack/container-state.ts";

test.each([
  ["running", "running"],
  ["exited", "exited"],
  ["restarting", "restarting"],
  ["stopped", "exited"],
  ["stopping", "running"],
])("what an engine calls %s must count as %s", (word, state) => {
  expect(toContainerState(word)).toBe(state);
});
