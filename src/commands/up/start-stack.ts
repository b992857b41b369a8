import type { Observed } from "../../model/containers.ts";
import { airflowService } from "../../stack/names.ts";
import { fixedPorts } from "../../stack/settle.ts";
import type { Stack } from "../../model/settings.ts";
import type { DagChange } from "../../app/pipelines/plan-dags.ts";
import type { Sent } from "../../app/pipelines/send.ts";
import { applyPlan, type ApplyPlanInput } from "./apply-plan.ts";
import { withFreshObservation } from "../../docker/stack/fresh-observation.ts";
import { planPipelines } from "../../app/deploy/plan-pipelines.ts";
import {
  createTopicsWork,
  type TopicsInput,
  type TopicsWork,
} from "../../app/deploy/topics-phase.ts";
import { toStepImages } from "../../app/images/images.ts";
import { planUp, type Planned, type PlanRequest } from "../../app/deploy/planning.ts";

export interface StartStackInput
  extends
    Omit<PlanRequest, "observed">,
    Pick<ApplyPlanInput, "report" | "signal" | "timeoutMs" | "keep">,
    Pick<TopicsInput, "fromVariables" | "phases"> {
  readonly stack: Stack;
  /** The stack as it was found. */
  readonly before: Observed;
}

export interface Started {
  readonly planned: Planned;
  /** What is to be deployed to the Airflow that is ready now. */
  readonly pipelines: readonly DagChange[];
  /** Its end is still to be awaited. */
  readonly topics: TopicsWork;
  /** What was sent to Airflow while it started. */
  readonly sentAhead: Sent | undefined;
}

/**
 * Plans and applies until the stack is ready; returns the plan. Plans again when the stack changed under
 * the plan, and with other free ports when another program took a chosen one before the engine did.
 */
export async function startStack(input: StartStackInput): Promise<Started> {
  const { engine, stack, before, report, signal } = input;
  const fixed = fixedPorts(stack);
  return withFreshObservation({
    engine,
    project: stack.name,
    observed: before,
    work: (observed) => planAndApply(input, observed),
    isFixed: (port) => fixed.includes(port),
    emit: report.emit,
    signal,
  });
}

async function planAndApply(input: StartStackInput, found: Observed): Promise<Started> {
  const { engine, report, signal } = input;
  const stack = { ...input.stack, stepImages: toStepImages(input.images, input.stack) };
  const planned = await planUp({ ...input, observed: found });
  const pipelines = await planPipelines({ stack, engine, planned, signal });
  // A service may have the name as long as the stack has no Airflow.
  const startsAirflow =
    stack.airflow !== undefined &&
    planned.plan.ops.some(({ id }) => id === `start:${airflowService}`);
  const topics = createTopicsWork({ ...input, settled: planned.settled });
  let sentAhead: Sent | undefined;
  await applyPlan({
    ...input,
    planned,
    pipelines,
    topics: (stop) => topics.apply(stop),
    ...(startsAirflow && {
      meanwhile: {
        [airflowService]: async (stop) => {
          const { sendAhead } = await import("../../app/deploy/pipelines-phase.ts");
          sentAhead = await sendAhead({ stack, engine, report, signal: stop });
        },
      },
    }),
  });
  return { planned, pipelines, topics, sentAhead };
}
