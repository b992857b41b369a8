import type Dockerode from "dockerode";
import { readLogs, type LogLine, type LogsQuery } from "./logs.ts";

export interface ServiceLine extends LogLine {
  readonly service: string;
}

export interface MergeInput {
  readonly client: Dockerode;
  readonly containers: readonly { readonly service: string; readonly id: string }[];
  readonly query: LogsQuery;
  readonly signal: AbortSignal;
}

/** Without follow: the lines of several containers in the order of their times. */
export async function mergedLogs(input: MergeInput): Promise<ServiceLine[]> {
  const { client, containers, query, signal } = input;
  const all = await Promise.all(
    containers.map(async ({ service, id }) => {
      const lines: ServiceLine[] = [];
      for await (const line of readLogs(client.getContainer(id), query, signal)) {
        lines.push({ ...line, service });
      }
      return lines;
    }),
  );
  return all.flat().toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** With follow: each line as it comes, until all containers have ended or the signal aborts. */
export async function followLogs(
  { client, containers, query, signal }: MergeInput,
  onLine: (line: ServiceLine) => Promise<void>,
): Promise<void> {
  await Promise.all(
    containers.map(async ({ service, id }) => {
      for await (const line of readLogs(client.getContainer(id), query, signal)) {
        await onLine({ ...line, service });
      }
    }),
  );
}
