import type { Op } from "./plan-model.ts";

export function idsOf(ops: readonly Op[]): string[] {
  return ops.map(({ id }) => id);
}
