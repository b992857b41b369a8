import { observeStack } from "../../docker/observe.ts";
import { refuseBusyPorts, takenPortOf } from "../../docker/ports.ts";
import { DpError } from "../../errors.ts";
import type { Observed } from "../../stack/model.ts";
import { airflowService } from "../../stack/names.ts";
import { fixedPorts } from "../../stack/settle.ts";
import type { Stack } from "../../stack/settings.ts";
import { applyPlan, type ApplyPlanInput } from "./apply-plan.ts";
import { planUp, type Planned, type PlanRequest } from "./planning.ts";

export interface StartStackInput
  extends
    Omit<PlanRequest, "observed">,
    Pick<ApplyPlanInput, "report" | "signal" | "timeoutMs" | "keep"> {
  readonly stack: Stack;
  /** The stack as it was found. */
  readonly before: Observed;
}

const attempts = 5;

/**
 * Plans and applies until the stack is ready; returns the plan. Plans anew where the stack changes
 * under the plan: the engine may still be ending what an interrupted command asked of it. So it does
 * with other free ports where somebody took one of the chosen ones before the engine did.
 */
export async function startStack(input: StartStackInput): Promise<Planned> {
  const { engine, stack, before, report, signal } = input;
  let observed = before;
  for (let attempt = 1; ; attempt++) {
    try {
      return await planAndApply(input, observed);
    } catch (thrown) {
      const isFixedPort = fixedPorts(stack).includes(takenPortOf(thrown) ?? 0);
      if (isFixedPort && !engine.remote) await nameOwner(input, thrown);
      if (attempt === attempts || isFixedPort || !isTemporary(thrown)) throw thrown;
      const text = `${thrown.message}, ${thrown.why ?? ""}: looking again`;
      report.emit({ type: "note", level: "warning", text });
      observed = await observeStack(engine, stack.name, signal);
    }
  }
}

async function planAndApply(input: StartStackInput, observed: Observed): Promise<Planned> {
  const { engine, stack, report } = input;
  const planned = await planUp({ ...input, observed });
  const startsAirflow = planned.plan.ops.some(({ id }) => id === `start:${airflowService}`);
  await applyPlan({
    ...input,
    planned,
    observed,
    ...(startsAirflow && {
      meanwhile: {
        [airflowService]: async (stop) => {
          const { sendAhead } = await import("./pipelines-phase.ts");
          await sendAhead({ stack, engine, report, signal: stop });
        },
      },
    }),
  });
  return planned;
}

/** Throws who holds the port, where that can be found out. */
async function nameOwner(
  { engine, stack, signal }: StartStackInput,
  thrown: unknown,
): Promise<void> {
  const port = takenPortOf(thrown);
  if (port === undefined) return;
  const { occupiedPorts } = await observeStack(engine, stack.name, signal);
  await refuseBusyPorts([port], occupiedPorts);
}

function isTemporary(thrown: unknown): thrown is DpError {
  if (!(thrown instanceof DpError)) return false;
  return thrown.code === "changed-meanwhile" || takenPortOf(thrown) !== undefined;
}
