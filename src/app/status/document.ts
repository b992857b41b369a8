import type { UsageMeter } from "../../docker/stack/usage.ts";
import { runChecks } from "../../health/checks.ts";
import type { PipelineLine } from "../../report/pipeline-list.ts";
import { hasCompleted } from "../../stack/completed.ts";
import type { ObservedContainer } from "../../model/containers.ts";
import { summarizeAirflow } from "../checks/airflow-checks.ts";
import { answerChecks, servicesOf } from "../checks/health-checks.ts";
import { checkTimeoutMs } from "../checks/health-document.ts";
import type { FilePipelines } from "../pipelines/file-pipelines.ts";
import { publishedAddress, type FoundStack } from "../stack/running.ts";
import { listStackTopics, type TopicLine } from "../topics/topic-lines.ts";
import { readPipelineLines } from "./pipeline-lines.ts";

/** What `dp status --json` prints. */
export interface StatusDocument {
  readonly project: string;
  readonly file: string | null;
  readonly services: readonly ServiceLine[];
  readonly topics: readonly TopicLine[];
  readonly pipelines: readonly PipelineLine[];
}

export interface ServiceLine {
  readonly service: string;
  readonly state: string;
  readonly health: "healthy" | "unhealthy";
  /** Why it is not healthy. */
  readonly reason: string | null;
  /** What of it is healthy, where it has several parts: `scheduler, dag-processor, api ok`. */
  readonly detail: string | null;
  readonly address: string | null;
  readonly uptimeMs: number | null;
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly image: string | null;
}

export interface StatusRequest {
  readonly found: FoundStack;
  readonly pipelines: Promise<FilePipelines | undefined>;
  readonly usageOf: UsageMeter;
  readonly signal: AbortSignal;
}

/** How a stack is right now; all that is asked is asked at the same time. */
export async function readStatus(request: StatusRequest): Promise<StatusDocument> {
  const { found, usageOf, signal } = request;
  const { name, file, engine, observed } = found;
  const running = observed.containers
    .filter(({ state }) => state === "running")
    .map(({ id }) => id);
  const limits = { signal, timeoutMs: checkTimeoutMs, attempts: "until-timeout" } as const;
  const [verdicts, usage, topics, pipelines] = await Promise.all([
    runChecks(answerChecks({ engine, observed }), limits),
    usageOf(running, signal),
    listStackTopics(observed, signal),
    readPipelineLines({ ...request, timeoutMs: checkTimeoutMs }),
  ]);
  return {
    project: name,
    file: file ?? observed.containers[0]?.file ?? null,
    services: servicesOf(observed).map((service): ServiceLine => {
      const container = observed.containers.find((one) => one.service === service);
      const own = verdicts.filter((verdict) => verdict.service === service);
      const failed = own.find(({ healthy }) => !healthy);
      const address = container && publishedAddress(container);
      const used = container && usage.get(container.id);
      const since = container?.state === "running" ? container.startedAt : undefined;
      return {
        service,
        state: container ? shownState(container) : "missing",
        health: failed ? "unhealthy" : "healthy",
        reason: failed?.detail ?? null,
        detail: !failed && container?.kind === "airflow" ? summarizeAirflow(own) : null,
        address: address ? `${address.host}:${address.port}` : null,
        uptimeMs: since === undefined ? null : Math.max(0, Date.now() - since),
        cpuPercent: used?.cpuPercent ?? null,
        memoryBytes: used?.memoryBytes ?? null,
        image: container?.imageRef ?? null,
      };
    }),
    topics,
    pipelines,
  };
}

/** The engine's word, but for a one-shot that has done its work. */
function shownState(container: ObservedContainer): string {
  return hasCompleted(container) ? "completed" : container.state;
}
