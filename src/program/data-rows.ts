import type { CommandRow } from "./command-table.ts";

/** The commands of `dp topic`. */
export const topicRows: readonly CommandRow[] = [
  {
    name: "list",
    alias: "ls",
    summary: "List topics with their partitions and state",
    load: async () => (await import("../commands/topic/list/command.ts")).topicListCommand,
  },
  {
    name: "create",
    summary: "Create topics",
    load: async () => (await import("../commands/topic/create/command.ts")).topicCreateCommand,
  },
  {
    name: "describe",
    summary: "Show partitions, leaders, replicas, offsets, and configs of topics",
    load: async () => (await import("../commands/topic/describe/command.ts")).topicDescribeCommand,
  },
  {
    name: "alter",
    summary: "Change the configs of a topic or add partitions",
    load: async () => (await import("../commands/topic/alter/command.ts")).topicAlterCommand,
  },
  {
    name: "apply",
    summary: "Create and change topics to match pipeline.yaml",
    load: async () => (await import("../commands/topic/apply/command.ts")).topicApplyCommand,
  },
  {
    name: "trim",
    summary: "Delete the records before an offset or a time",
    load: async () => (await import("../commands/topic/trim/command.ts")).topicTrimCommand,
  },
  {
    name: "delete",
    summary: "Delete topics and their records",
    load: async () => (await import("../commands/topic/delete/command.ts")).topicDeleteCommand,
  },
  {
    name: "reassign",
    summary: "Move replicas or change the replication factor",
    load: async () => (await import("../commands/topic/reassign/command.ts")).topicReassignCommand,
  },
  {
    name: "elect",
    summary: "Elect the preferred leaders of partitions",
    load: async () => (await import("../commands/topic/elect/command.ts")).topicElectCommand,
  },
  {
    name: "tail",
    alias: "consume",
    summary: "Print the last records of topics and follow new ones",
    load: async () => (await import("../commands/topic/tail/command.ts")).topicTailCommand,
  },
  {
    name: "produce",
    summary: "Write records to a topic",
    load: async () => (await import("../commands/topic/produce/command.ts")).topicProduceCommand,
  },
];

/** The commands of `dp group`. */
export const groupRows: readonly CommandRow[] = [
  {
    name: "list",
    alias: "ls",
    summary: "List consumer groups with their state, members, and lag",
    load: async () => (await import("../commands/group/list/command.ts")).groupListCommand,
  },
  {
    name: "describe",
    summary: "Show the lag of groups by partition, topic, or member",
    load: async () => (await import("../commands/group/describe/command.ts")).groupDescribeCommand,
  },
  {
    name: "reset",
    summary: "Reset a group's committed offsets",
    load: async () => (await import("../commands/group/reset/command.ts")).groupResetCommand,
  },
  {
    name: "delete",
    summary: "Delete consumer groups, or their offsets for a topic",
    load: async () => (await import("../commands/group/delete/command.ts")).groupDeleteCommand,
  },
];
