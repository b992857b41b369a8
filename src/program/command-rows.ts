import type { CommandRow } from "./command-table.ts";

/** The whole command line, in the order of its help. */
export const rows: readonly CommandRow[] = [
  {
    name: "up",
    summary:
      "start the stack, prove it ready, bring its topics and pipelines; changes only what differs",
    load: async () => (await import("../commands/up/command.ts")).upCommand,
  },
  {
    name: "plan",
    summary: "what dp up would change, and why; changes nothing",
    load: async () => (await import("../commands/plan/command.ts")).planCommand,
  },
  {
    name: "status",
    alias: "ps",
    summary: "each service with its state, health, address, and what it uses; then the topics",
    load: async () => (await import("../commands/status/command.ts")).statusCommand,
  },
  {
    name: "health",
    summary: "named checks of every service, the data path included; exit 10 when one fails",
    load: async () => (await import("../commands/health/command.ts")).healthCommand,
  },
  {
    name: "doctor",
    summary: "why something can't work here, and what mends it; exit 10 when there is a problem",
    load: async () => (await import("../commands/doctor/command.ts")).doctorCommand,
  },
  {
    name: "support",
    summary: "one archive for whoever helps: versions, doctor, plan, logs; without secrets",
    load: async () => (await import("../commands/support/command.ts")).supportCommand,
  },
  {
    name: "wait",
    summary: "wait until the stack, a service, topic, group or pipeline is as wanted; else exit 10",
    load: async () => (await import("../commands/wait/command.ts")).waitCommand,
  },
  {
    name: "logs",
    summary: "what the services write, merged by time",
    load: async () => (await import("../commands/logs/command.ts")).logsCommand,
  },
  {
    name: "exec",
    summary: "run a command, or a shell, in a service's container",
    load: async () => (await import("../commands/exec/command.ts")).execCommand,
  },
  {
    name: "smoke",
    summary: "prove the stack with records of its own; exit 10 when a proof fails",
    load: async () => (await import("../commands/smoke/command.ts")).smokeCommand,
  },
  {
    name: "topic",
    summary: "topics and their records",
    commands: [
      {
        name: "list",
        alias: "ls",
        summary: "the topics of the stack",
        load: async () => (await import("../commands/topic/list/command.ts")).topicListCommand,
      },
      {
        name: "create",
        summary: "create topics",
        load: async () => (await import("../commands/topic/create/command.ts")).topicCreateCommand,
      },
      {
        name: "describe",
        summary: "partitions with leader, replicas and offsets; config that differs from defaults",
        load: async () =>
          (await import("../commands/topic/describe/command.ts")).topicDescribeCommand,
      },
      {
        name: "alter",
        summary: "set or delete configs, add partitions; says what was and what is",
        load: async () => (await import("../commands/topic/alter/command.ts")).topicAlterCommand,
      },
      {
        name: "apply",
        summary: "make the topics as the file says, or with --dry-run name what differs",
        load: async () => (await import("../commands/topic/apply/command.ts")).topicApplyCommand,
      },
      {
        name: "trim",
        summary: "delete the records before an offset or a time",
        load: async () => (await import("../commands/topic/trim/command.ts")).topicTrimCommand,
      },
      {
        name: "delete",
        summary: "delete topics and their records",
        load: async () => (await import("../commands/topic/delete/command.ts")).topicDeleteCommand,
      },
      {
        name: "reassign",
        summary: "move replicas: other brokers, another number of them, or what is moving now",
        load: async () =>
          (await import("../commands/topic/reassign/command.ts")).topicReassignCommand,
      },
      {
        name: "elect",
        summary: "make the first replica of each partition its leader again",
        load: async () => (await import("../commands/topic/elect/command.ts")).topicElectCommand,
      },
      {
        name: "tail",
        alias: "consume",
        summary: "records of topics: the last 10, then what comes; leaves no consumer group",
        load: async () => (await import("../commands/topic/tail/command.ts")).topicTailCommand,
      },
      {
        name: "produce",
        summary: "write records from lines, or from what tail --json wrote",
        load: async () =>
          (await import("../commands/topic/produce/command.ts")).topicProduceCommand,
      },
    ],
  },
  {
    name: "group",
    summary: "consumer groups: their members, lag and offsets; never joins one",
    commands: [
      {
        name: "list",
        alias: "ls",
        summary: "the groups with their state, members, lag and topics",
        load: async () => (await import("../commands/group/list/command.ts")).groupListCommand,
      },
      {
        name: "describe",
        summary: "lag by partition, topic or member, in records and as time; who reads what",
        load: async () =>
          (await import("../commands/group/describe/command.ts")).groupDescribeCommand,
      },
      {
        name: "reset",
        summary: "set where a group goes on: start, end, an offset, a time, or so many back",
        load: async () => (await import("../commands/group/reset/command.ts")).groupResetCommand,
      },
      {
        name: "delete",
        summary: "delete groups, or what they committed of a topic",
        load: async () => (await import("../commands/group/delete/command.ts")).groupDeleteCommand,
      },
    ],
  },
  {
    name: "pipeline",
    summary: "pipelines: run them by Airflow or without it, and see what became of it",
    commands: [
      {
        name: "list",
        alias: "ls",
        summary: "the pipelines with their schedules, last and next runs",
        load: async () =>
          (await import("../commands/pipeline/list/command.ts")).pipelineListCommand,
      },
      {
        name: "show",
        summary: "the steps of a pipeline: what each reads, does and writes",
        load: async () =>
          (await import("../commands/pipeline/show/command.ts")).pipelineShowCommand,
      },
      {
        name: "run",
        summary: "send what changed, run it, follow it to its end; exit 10 when it fails",
        load: async () => (await import("../commands/pipeline/run/command.ts")).pipelineRunCommand,
      },
      {
        name: "runs",
        summary: "the runs of a pipeline, the latest first",
        load: async () =>
          (await import("../commands/pipeline/runs/command.ts")).pipelineRunsCommand,
      },
      {
        name: "logs",
        summary: "what the steps of a run wrote",
        load: async () =>
          (await import("../commands/pipeline/logs/command.ts")).pipelineLogsCommand,
      },
      {
        name: "cancel",
        summary: "end the runs of a pipeline that are under way",
        load: async () =>
          (await import("../commands/pipeline/cancel/command.ts")).pipelineCancelCommand,
      },
      {
        name: "render",
        summary: "the DAG that Airflow gets for a pipeline",
        load: async () =>
          (await import("../commands/pipeline/render/command.ts")).pipelineRenderCommand,
      },
    ],
  },
  {
    name: "env",
    summary: "the stack's addresses as environment variables, or a command run with them",
    load: async () => (await import("../commands/env/command.ts")).envCommand,
  },
  {
    name: "stop",
    summary: "stop the stack's containers in safe order; they and their data stay",
    load: async () => (await import("../commands/stop/command.ts")).stopCommand,
  },
  {
    name: "start",
    summary: "start what has stopped, just as it was, and wait until it is ready",
    load: async () => (await import("../commands/start/command.ts")).startCommand,
  },
  {
    name: "restart",
    summary: "stop and start; brokers that are named go one after another",
    load: async () => (await import("../commands/restart/command.ts")).restartCommand,
  },
  {
    name: "ls",
    alias: "list",
    summary: "every dp stack on this engine, with its state, age and file",
    load: async () => (await import("../commands/ls/command.ts")).lsCommand,
  },
  {
    name: "down",
    summary: "stop and remove the stack's containers and network; the data stays",
    load: async () => (await import("../commands/down/command.ts")).downCommand,
  },
  {
    name: "validate",
    summary: "check pipeline.yaml: every problem at once, each with its line",
    load: async () => (await import("../commands/validate/command.ts")).validateCommand,
  },
  {
    name: "config",
    summary: "the file as dp understands it: every value, its default, where it comes from",
    load: async () => (await import("../commands/config/command.ts")).configCommand,
  },
  {
    name: "images",
    summary: "the images that the stack runs from",
    commands: [
      {
        name: "list",
        alias: "ls",
        summary: "what the file needs, where each image comes from, which one dp up takes",
        load: async () => (await import("../commands/images/list/command.ts")).imagesListCommand,
      },
      {
        name: "build",
        summary: "build the images from packages, Maven Central and PyPI; no registry needed",
        load: async () => (await import("../commands/images/build/command.ts")).imagesBuildCommand,
      },
    ],
  },
];
