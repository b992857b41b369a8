import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { createProject, type Project } from "./project.ts";
import type { DpResult } from "./run-dp.ts";

const parts = `kafka:
airflow:
stores:
  warehouse: { type: postgres }
services:
  shop-api: { build: shop-api, ports: ["8080"], ready: { http: { port: 8080, path: /health } } }
`;

export interface Shop extends Project {
  /** Runs SQL in the warehouse; returns what psql prints, without headers. */
  sql(query: string): Promise<string>;
}

/**
 * A project with Kafka, Airflow, a Postgres store `warehouse` and `shop-api`, an API that fails when it
 * is asked to (test/support/shop-api/server.py).
 */
export async function createShop(options: {
  readonly topics: readonly string[];
  /** YAML below `pipelines:`, without its first indentation. */
  readonly pipelines: string;
}): Promise<Shop> {
  const topics = `topics: [${options.topics.join()}]\n`;
  const pipelines = `pipelines:\n${options.pipelines.replaceAll(/^(?=.)/gm, "  ")}`;
  const project = await createProject(parts + topics + pipelines);
  const example = new URL("../../examples/platform/services/shop-api/Dockerfile", import.meta.url);
  // The same steps as the example's: what installs Python is built once.
  const dockerfile = (await readFile(example, "utf8")).replace("orders.py server.py", "server.py");
  const server = new URL("shop-api/server.py", import.meta.url);
  await project.write("shop-api/Dockerfile", dockerfile);
  await project.write("shop-api/server.py", await readFile(server, "utf8"));
  return {
    ...project,
    sql: async (query) => {
      const psql = ["psql", "-U", "dp", "-d", "warehouse", "-tAc", query];
      const { stdout } = await execa("docker", ["exec", `${project.name}-warehouse`, ...psql]);
      return stdout.trim();
    },
  };
}

export interface RunDocument {
  readonly run: string;
  readonly state: string;
  readonly steps: readonly {
    readonly step: string;
    readonly state: string;
    readonly tries: number;
    readonly recordsIn: number | null;
    readonly recordsOut: number | null;
    readonly recordsBad: number | null;
  }[];
  readonly failures: readonly { readonly step: string; readonly log: readonly string[] }[];
}

/** What a `dp pipeline run --json` printed at its end. Throws when it printed no result. */
export function runOf({ stdout, stderr }: DpResult): RunDocument {
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  const event = last.startsWith("{") ? (JSON.parse(last) as Partial<RunDocument>) : {};
  if (event.steps === undefined) throw new Error(`no result\n${stdout}\n${stderr}`);
  return event as RunDocument;
}
