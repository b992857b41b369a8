import type { Context } from "./context.ts";
import { isOneShot } from "./dependencies.ts";
import type { Setting } from "./draft.ts";
import type { PlannedService } from "./plan.ts";
import { entriesOf, textOf, type Tree } from "./tree.ts";
import { convertCommand } from "./words.ts";

const durations = ["interval", "timeout", "start_period"];

/** The health check of a service, with the keys that dp has. */
export function convertHealthcheck(
  tree: Tree,
  input: {
    readonly service: PlannedService;
    readonly all: readonly PlannedService[];
    readonly context: Context;
  },
): Setting | undefined {
  const { service, all, context } = input;
  if (isOneShot(service, all)) {
    const reason = "a one-shot is ready when it has exited with code 0";
    context.notes.drop({ service: service.name, key: "healthcheck", at: tree.at, reason });
    return undefined;
  }
  const check: Record<string, Setting> = {};
  for (const [key, value] of entriesOf(tree)) {
    const note = { service: service.name, key: `healthcheck.${key}`, at: value.at };
    const text = textOf(value);
    if (key === "test") check["test"] = convertCommand(value, { context, note });
    else if (key === "retries") {
      check["retries"] = context.values.convert({ ...note, text: text ?? "3" });
    } else if (key === "disable") check["disable"] = text === "true";
    else if (durations.includes(key)) {
      check[key] = context.values.convert({ ...note, text: text ?? "0s" });
    } else {
      context.notes.drop({
        ...note,
        reason: "not supported: dp checks without a wait at the start",
      });
    }
  }
  if (check["disable"] === true) return { disable: true };
  delete check["disable"];
  return check;
}
