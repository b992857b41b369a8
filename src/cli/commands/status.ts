import { Command } from "commander";
import type { Engine } from "../../docker/connect.ts";
import { measureUsage, type Usage } from "../../docker/usage.ts";
import { runChecks } from "../../health/checks.ts";
import { formatAge, formatSize } from "../../report/format.ts";
import type { View } from "../../report/choose.ts";
import { renderTable } from "../../report/table.ts";
import type { Observed } from "../../stack/model.ts";
import { summarizeAirflow } from "../health/airflow-checks.ts";
import { setAction, type Host } from "../context.ts";
import { answerChecks, servicesOf } from "../health/checks.ts";
import { withExamples, withSharedOptions } from "../options.ts";
import { findStack, publishedAddress } from "../running.ts";
import { listStackTopics, type TopicLine } from "../topic-lines.ts";

const checkTimeoutMs = 3000;

/** What `dp status --json` prints. */
interface StatusDocument {
  readonly project: string;
  readonly file: string | null;
  readonly services: readonly {
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
  }[];
  readonly topics: readonly TopicLine[];
}

export function statusCommand(host: Host): Command {
  const command = new Command("status");
  withSharedOptions(command);
  withExamples(command, [
    ["dp status", "the stack of the nearest pipeline.yaml"],
    ["dp status --project shop", "another one, from anywhere"],
    ["dp status --json", "for scripts"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }) => {
    const { name, file, engine, observed } = await findStack(host, shared);
    const limits = { signal, timeoutMs: checkTimeoutMs };
    const [verdicts, usage, topics] = await Promise.all([
      runChecks(answerChecks({ engine, observed }), limits),
      measure(engine, observed, signal),
      listStackTopics(observed, signal),
    ]);
    const document: StatusDocument = {
      project: name,
      file: file ?? observed.containers[0]?.file ?? null,
      services: servicesOf(observed).map((service) => {
        const container = observed.containers.find((one) => one.service === service);
        const own = verdicts.filter((verdict) => verdict.service === service);
        const failed = own.find(({ healthy }) => !healthy);
        const address = container && publishedAddress(container);
        const used = container && usage.get(container.id);
        const since = container?.state === "running" ? container.startedAt : undefined;
        return {
          service,
          state: container?.state ?? "missing",
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
    };
    report.result(document, (view) => renderStatus(document, view));
  });
}

function measure(
  engine: Engine,
  observed: Observed,
  signal: AbortSignal,
): Promise<Map<string, Usage>> {
  const running = observed.containers.filter(({ state }) => state === "running");
  return running.length === 0
    ? Promise.resolve(new Map<string, Usage>())
    : measureUsage(
        engine,
        running.map(({ id }) => id),
        signal,
      );
}

function renderStatus({ project, services, topics }: StatusDocument, view: View): string {
  const { style, columns: width } = view;
  if (services.length === 0) {
    return `nothing of ${style.bold(project)} is on the engine; dp up starts it\n`;
  }
  const table = renderTable({
    columns: [
      { header: "service" },
      { header: "state" },
      { header: "health", shrink: true },
      { header: "address" },
      { header: "uptime", align: "right" },
      { header: "cpu", align: "right" },
      { header: "memory", align: "right" },
    ],
    rows: services.map(({ service, state, health, reason, detail, address, ...rest }) => [
      service,
      state,
      health === "healthy" ? style.green(detail ?? health) : style.red(reason ?? health),
      address,
      rest.uptimeMs === null ? null : formatAge(rest.uptimeMs),
      rest.cpuPercent === null ? null : `${rest.cpuPercent.toFixed(1)} %`,
      rest.memoryBytes === null ? null : formatSize(rest.memoryBytes),
    ]),
    width,
    style,
  });
  if (topics.length === 0) return table;
  const topicTable = renderTable({
    columns: [
      { header: "topic", shrink: true },
      { header: "partitions", align: "right" },
      { header: "replication", align: "right" },
      { header: "health" },
    ],
    rows: topics.map(({ topic, partitions, replication, trouble }) => [
      topic,
      partitions,
      replication,
      trouble === null ? style.green("healthy") : style.red(trouble),
    ]),
    width,
    style,
  });
  return `${table}\n${topicTable}`;
}
