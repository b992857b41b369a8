import type { CommandGroup, CommandRow } from "./command-table.ts";
import { groupRows, topicRows } from "./data-rows.ts";
import { pipelineRows } from "./pipeline-rows.ts";

/** The whole command line, in the order of its help. */
export const rows: readonly (CommandRow & { readonly group: CommandGroup })[] = [
  {
    name: "up",
    group: "Stack",
    summary: "Start the stack and wait until it is ready",
    load: async () => (await import("../commands/up/command.ts")).upCommand,
  },
  {
    name: "plan",
    group: "Stack",
    summary: "Show what dp up would change, and why",
    load: async () => (await import("../commands/plan/command.ts")).planCommand,
  },
  {
    name: "status",
    alias: "ps",
    group: "Stack",
    summary: "Show services, topics, and pipelines with their health",
    load: async () => (await import("../commands/status/command.ts")).statusCommand,
  },
  {
    name: "logs",
    group: "Stack",
    summary: "Show the logs of services, merged by timestamp",
    load: async () => (await import("../commands/logs/command.ts")).logsCommand,
  },
  {
    name: "exec",
    group: "Stack",
    summary: "Run a command or a shell in the container of a service",
    load: async () => (await import("../commands/exec/command.ts")).execCommand,
  },
  {
    name: "env",
    group: "Stack",
    summary: "Print the stack's addresses as environment variables",
    load: async () => (await import("../commands/env/command.ts")).envCommand,
  },
  {
    name: "stop",
    group: "Stack",
    summary: "Stop the stack, keeping containers and data",
    load: async () => (await import("../commands/stop/command.ts")).stopCommand,
  },
  {
    name: "start",
    group: "Stack",
    summary: "Start stopped services without applying changes",
    load: async () => (await import("../commands/start/command.ts")).startCommand,
  },
  {
    name: "restart",
    group: "Stack",
    summary: "Restart the stack or single services",
    load: async () => (await import("../commands/restart/command.ts")).restartCommand,
  },
  {
    name: "down",
    group: "Stack",
    summary: "Stop and remove containers and networks, keeping data",
    load: async () => (await import("../commands/down/command.ts")).downCommand,
  },
  {
    name: "ls",
    alias: "list",
    group: "Stack",
    summary: "List all stacks on this Docker engine",
    load: async () => (await import("../commands/ls/command.ts")).lsCommand,
  },
  {
    name: "topic",
    group: "Data",
    summary: "Manage topics, and read and write their records",
    commands: topicRows,
  },
  {
    name: "group",
    group: "Data",
    summary: "Inspect, reset, and delete consumer groups",
    commands: groupRows,
  },
  {
    name: "pipeline",
    group: "Pipelines",
    summary: "Run pipelines and inspect their runs",
    commands: pipelineRows,
  },
  {
    name: "health",
    group: "Checks",
    summary: "Run health checks on every service and the data path",
    load: async () => (await import("../commands/health/command.ts")).healthCommand,
  },
  {
    name: "wait",
    group: "Checks",
    summary: "Wait until the stack or a part of it is ready",
    load: async () => (await import("../commands/wait/command.ts")).waitCommand,
  },
  {
    name: "smoke",
    group: "Checks",
    summary: "Run smoke tests with temporary topics and data",
    load: async () => (await import("../commands/smoke/command.ts")).smokeCommand,
  },
  {
    name: "doctor",
    group: "Checks",
    summary: "Diagnose problems and suggest fixes",
    load: async () => (await import("../commands/doctor/command.ts")).doctorCommand,
  },
  {
    name: "support",
    group: "Checks",
    summary: "Create a support bundle with secrets redacted",
    load: async () => (await import("../commands/support/command.ts")).supportCommand,
  },
  {
    name: "init",
    group: "Project",
    summary: "Create a pipeline.yaml from a Compose file",
    load: async () => (await import("../commands/init/command.ts")).initCommand,
  },
  {
    name: "validate",
    group: "Project",
    summary: "Validate pipeline.yaml and report every problem",
    load: async () => (await import("../commands/validate/command.ts")).validateCommand,
  },
  {
    name: "config",
    group: "Project",
    summary: "Print pipeline.yaml with all defaults filled in",
    load: async () => (await import("../commands/config/command.ts")).configCommand,
  },
  {
    name: "images",
    group: "Project",
    summary: "List and build the images of the stack",
    commands: [
      {
        name: "list",
        alias: "ls",
        summary: "List the images that the stack needs, and their origin",
        load: async () => (await import("../commands/images/list/command.ts")).imagesListCommand,
      },
      {
        name: "build",
        summary: "Build images from packages, Maven Central, and PyPI",
        load: async () => (await import("../commands/images/build/command.ts")).imagesBuildCommand,
      },
    ],
  },
];
