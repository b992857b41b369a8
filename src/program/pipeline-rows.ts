import type { CommandRow } from "./command-table.ts";

/** The commands of `dp pipeline`. */
export const pipelineRows: readonly CommandRow[] = [
  {
    name: "list",
    alias: "ls",
    summary: "List pipelines with their schedules and runs",
    load: async () => (await import("../commands/pipeline/list/command.ts")).pipelineListCommand,
  },
  {
    name: "show",
    summary: "Show the steps of a pipeline and its last runs",
    load: async () => (await import("../commands/pipeline/show/command.ts")).pipelineShowCommand,
  },
  {
    name: "run",
    summary: "Deploy and run a pipeline, and follow it until it ends",
    load: async () => (await import("../commands/pipeline/run/command.ts")).pipelineRunCommand,
  },
  {
    name: "runs",
    summary: "List the runs of a pipeline, latest first",
    load: async () => (await import("../commands/pipeline/runs/command.ts")).pipelineRunsCommand,
  },
  {
    name: "logs",
    summary: "Show the logs of a run's steps",
    load: async () => (await import("../commands/pipeline/logs/command.ts")).pipelineLogsCommand,
  },
  {
    name: "cancel",
    summary: "Cancel the active runs of a pipeline",
    load: async () =>
      (await import("../commands/pipeline/cancel/command.ts")).pipelineCancelCommand,
  },
  {
    name: "render",
    summary: "Print the DAG that Airflow runs for a pipeline",
    load: async () =>
      (await import("../commands/pipeline/render/command.ts")).pipelineRenderCommand,
  },
  {
    name: "lint",
    summary: "Check and fix custom DAGs that were written for Airflow 2",
    load: async () => (await import("../commands/pipeline/lint/command.ts")).pipelineLintCommand,
  },
];
