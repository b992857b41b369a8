import type { View } from "../../report/choose.ts";
import { formatAge, formatSize } from "../../report/format.ts";
import { renderPipelines } from "../../report/pipeline-list.ts";
import { renderTable } from "../../report/table.ts";
import type { TopicLine } from "../../app/topics/topic-lines.ts";
import type { ServiceLine, StatusDocument } from "../../app/status/document.ts";

/** The tables of `dp status`; `now` is epoch milliseconds. */
export function renderStatus(document: StatusDocument, view: View, now: number): string {
  const { project, services, topics, pipelines } = document;
  const { style } = view;
  const tables = [
    services.length === 0
      ? `nothing of ${style.bold(project)} is on the engine; dp up starts it\n`
      : renderServices(services, view),
    ...(topics.length === 0 ? [] : [renderTopics(topics, view)]),
    ...(pipelines.length === 0 ? [] : [renderPipelines({ pipelines }, view, now)]),
  ];
  return tables.join("\n");
}

/** A reason for which the table has no room stands whole below it. */
function renderServices(services: readonly ServiceLine[], view: View): string {
  const { style, columns: width } = view;
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
  const cut = services.filter(({ reason }) => reason !== null && !table.includes(reason));
  if (cut.length === 0) return table;
  const lines = cut.map(
    ({ service, reason }) => `${style.bold(service)}: ${style.red(reason ?? "")}\n`,
  );
  return `${table}\n${lines.join("")}`;
}

function renderTopics(topics: readonly TopicLine[], view: View): string {
  const { style, columns: width } = view;
  return renderTable({
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
}
