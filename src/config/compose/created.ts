import { parseConfigValue } from "../units.ts";
import type { Context } from "./context.ts";
import { settingsOf, unlessEmpty, type Part } from "./draft.ts";
import type { PlannedService } from "./plan.ts";
import {
  parseCreateTopics,
  readBucketScript,
  readTopicScript,
  type CreatedTopic,
} from "./topics.ts";
import { childOf, pairsOf } from "./tree.ts";

/** The section `topics`: what brokers and containers that end create. */
export function convertTopics(input: {
  readonly services: readonly PlannedService[];
  readonly brokers: number;
  readonly context: Context;
}): Map<string, Part> {
  const { services, brokers, context } = input;
  const topics = new Map<string, Part>();
  for (const service of services) {
    for (const topic of readTopics(service, context)) {
      if (topics.has(topic.name)) continue;
      topics.set(topic.name, convertTopic({ topic, service, brokers, context }));
    }
  }
  return topics;
}

function readTopics(service: PlannedService, context: Context): readonly CreatedTopic[] {
  const variables = pairsOf(childOf(service.tree, "environment"));
  const named = variables.find(({ name }) => name === "KAFKA_CREATE_TOPICS");
  const fromVariable = parseCreateTopics(context.values.evaluate(named?.value ?? ""));
  if (service.kind !== "topics" && service.kind !== "kafka") return [];
  const lookup = (name: string) => {
    const value = variables.find((each) => each.name === name)?.value;
    return value === undefined ? undefined : context.values.evaluate(value);
  };
  const { created, others } = readTopicScript(service.script, lookup);
  if (service.kind === "topics") noteScript({ service, context, others, what: "topics" });
  return [...fromVariable, ...created];
}

function convertTopic(input: {
  readonly topic: CreatedTopic;
  readonly service: PlannedService;
  readonly brokers: number;
  readonly context: Context;
}): Part {
  const { topic, service, brokers, context } = input;
  const { partitions, replication } = topic;
  const config: Record<string, string> = {};
  for (const [key, value] of Object.entries(topic.config)) {
    if (parseConfigValue(key, value) !== undefined) config[key] = value;
    else {
      const reason = `"${value}" is not a value that dp reads for ${key}`;
      context.notes.drop({
        service: service.name,
        key: `topic ${topic.name}`,
        at: service.tree.at,
        reason,
      });
    }
  }
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const isDefault = number(replication) === Math.min(brokers, 3);
  return {
    comment: [],
    settings: settingsOf({
      partitions: number(partitions),
      replication: isDefault ? undefined : number(replication),
      config: unlessEmpty(config),
    }),
  };
}

/** The buckets of the one S3. */
export function convertBuckets(services: readonly PlannedService[], context: Context): string[] {
  return services.flatMap((service) => {
    const variables = pairsOf(childOf(service.tree, "environment"));
    const lookup = (name: string) => variables.find((each) => each.name === name)?.value;
    const { created, others } = readBucketScript(service.script, lookup);
    noteScript({ service, context, others, what: "buckets" });
    return created;
  });
}

function noteScript(input: {
  readonly service: PlannedService;
  readonly context: Context;
  readonly others: readonly string[];
  readonly what: string;
}): void {
  const { service, context, others, what } = input;
  const at = service.tree.at;
  const reason = `dp creates the ${what} itself: the container is not needed`;
  context.notes.change({ service: service.name, key: "", at, reason });
  for (const command of others) {
    // Only the beginning: the rest may have a password.
    const shown = command.split(/\s+/).slice(0, 2).join(" ");
    context.notes.drop({
      service: service.name,
      key: "command",
      at: childOf(service.tree, "command")?.at ?? childOf(service.tree, "entrypoint")?.at ?? at,
      reason: `its script also runs \`${shown}\``,
    });
  }
}
