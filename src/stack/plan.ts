import type { ContainerSpec, Observed, ReadinessGroup } from "../model/containers.ts";
import type { Change, Op, Plan } from "./plan-model.ts";
import { withLeaving } from "./leaving.ts";
import { notesOf } from "./notes.ts";
import { order } from "./order.ts";
import { changesOf, reconcile } from "./reconcile.ts";
import type { Placement } from "./placement.ts";
import { refuseUnsafe } from "./refuse.ts";
import { rolledServices } from "./roll.ts";

export interface PlanInput {
  readonly project: string;
  /** All that the file wants. */
  readonly specs: readonly ContainerSpec[];
  /** The groups to bring up (see selectStack); containers outside them stay as they are. */
  readonly groups: readonly ReadinessGroup[];
  readonly observed: Observed;
  /** Services to replace although nothing changed. */
  readonly recreate: readonly string[];
  /** Where partitions live; undefined when no broker runs to tell it, or nobody needs to know. */
  readonly placements?: readonly Placement[];
}

/** Everything `up` would do to the engine, and why. Throws DpError when it must not be done. */
export function planStack(input: PlanInput): Plan {
  refuseUnsafe(input);
  const selected = new Set(input.groups.flatMap(({ services }) => services));
  const decisions = reconcile({ ...input, selected });
  const groups = withLeaving(input.groups, decisions);
  return {
    project: input.project,
    changes: changesOf(decisions),
    ops: order({ decisions, groups }),
    notes: notesOf({ ...input, decisions, rolled: rolledServices(decisions, groups) }),
  };
}

/** What a change reads like: of the engine's objects, or of what is deployed to a service. */
export interface ChangeLine extends Pick<Change, "target" | "cause"> {
  readonly action: Change["action"] | "change";
  readonly object: string;
}

const signs: Readonly<Record<ChangeLine["action"], string>> = {
  create: "+",
  change: "~",
  replace: "~",
  start: ">",
  unpause: ">",
  drain: "~",
  remove: "-",
};

/** A change in one line: `~ replace container kafka-1   server.properties: num.io.threads changed`. */
export function formatChange(change: ChangeLine): string {
  const what = `${signs[change.action]} ${change.action} ${change.object} ${change.target}`;
  return `${what.padEnd(44)} ${change.cause}`.trimEnd();
}

/** The canonical text of the ops, for goldens, `dp plan --verbose` and bug reports. */
export function formatOps(ops: readonly Op[]): string {
  return ops
    .map((op, index) => {
      const after = op.after.map((id) => ops.findIndex((other) => other.id === id) + 1);
      const waits = after.length > 0 ? ` after ${after.toSorted((a, b) => a - b).join(" ")}` : "";
      return `[${index + 1}] ${op.kind} ${op.target}${waits}\n`;
    })
    .join("");
}
