import { defaults } from "../defaults.ts";
import { heapLimits, parseConfigValue, parseSize } from "../units.ts";
import { brokerPropertyRefusal, propertyOf } from "../rules/refused.ts";
import { convertText, type Context } from "./context.ts";
import { settingsOf, unlessEmpty, type Part, type Settings } from "./draft.ts";
import { readKeys, sectionReasons } from "./keys.ts";
import { limitReaders, type ContainerLimits } from "./limits.ts";
import { findAdvertised, findListenerPorts, isThisMachine } from "./listeners.ts";
import type { PlannedService } from "./plan.ts";
import { noteDropped, readPorts, toPort, type PublishedPort } from "./ports.ts";
import { childOf, pairsOf, type Pair } from "./tree.ts";

/** Properties that dp sets to fit the number of brokers, or for a fast start. */
const fitted =
  /^(default\.replication\.factor|min\.insync\.replicas|offsets\.topic\.|transaction\.state\.log\.|share\.coordinator\.state\.|group\.initial\.rebalance\.delay\.ms$)/;

const security =
  /^(sasl\.|ssl\.|security\.|authorizer\.|super\.users|allow\.everyone|principal\.)|\.sasl\.|\.ssl\./;
const commercial = /^(confluent\.|metric\.reporters|schema\.registry|license)/;
/** Variables of images that are not properties: of the start scripts, and of Bitnami's and Confluent's tools. */
const ofImages =
  /^(KAFKA_(OPTS|JMX_.*|JVM_.*|LOG4J_.*|TOOLS_.*|GC_.*|DEBUG|ENABLE_KRAFT|KRAFT_CLUSTER_ID|CLUSTER_ID|ZOOKEEPER_PROTOCOL|INTER_BROKER_USER|CLIENT_USERS?|CLIENT_PASSWORDS?|CREATE_TOPICS_SEPARATOR|CERTIFICATE_.*|TLS_.*))$/;

export function convertKafka(input: {
  readonly brokers: readonly PlannedService[];
  readonly controllers: readonly PlannedService[];
  readonly hasZookeeper: boolean;
  readonly context: Context;
}): Part {
  const { brokers, controllers, hasZookeeper, context } = input;
  const config: Record<string, string> = {};
  const limits: ContainerLimits = {};
  const settings: Settings = {};
  const [first] = brokers;
  const ports = brokers.map((broker) =>
    convertBroker({ broker, context, config, limits, settings }),
  );
  for (const controller of controllers) {
    readKeys({ service: controller, context, readers: {}, reasons: controllerReasons });
  }
  keepAutoCreation({ first, context, config });
  const aliases = context.names.aliases();
  const version = hasZookeeper ? defaults.kafkaVersionWithZookeeper : defaults.kafkaVersion;
  return {
    comment: [
      `From ${brokers.map(({ name }) => name).join(", ")}. Kafka ${version} is dp's default: set version for another one.`,
      `Containers use kafka:9092${aliases.length > 0 ? " or an alias" : ""}, programs on this machine the port.`,
    ],
    settings: settingsOf({
      brokers: brokers.length === 1 ? undefined : brokers.length,
      port: ports.length === 1 ? ports[0] : ports,
      aliases: unlessEmpty(aliases),
      ...settings,
      mem_limit: limits.mem_limit,
      config: unlessEmpty(config),
    }),
  };
}

const controllerReasons = {
  ...sectionReasons,
  image: "the first brokers of dp are the controllers, too",
  environment: "the first brokers of dp are the controllers, too",
  ports: "controllers are reached inside the network only",
};

interface BrokerInput {
  readonly broker: PlannedService;
  readonly context: Context;
  /** Gets what the broker sets. */
  readonly config: Record<string, string>;
  readonly limits: ContainerLimits;
  readonly settings: Settings;
}

/** Reads one broker, and returns its port on this machine. */
function convertBroker(input: BrokerInput): number | string {
  const { broker, context, limits } = input;
  let ports: readonly PublishedPort[] = [];
  const readers = limitReaders({ service: broker, context, limits, cpus: "dropped" });
  readKeys({
    service: broker,
    context,
    readers: {
      ...readers,
      ports: (tree) => {
        ports = readPorts(tree, { service: broker, context });
      },
      environment: (tree) => {
        for (const pair of pairsOf(tree)) convertVariable(pair, input);
      },
    },
    reasons: { ...sectionReasons, image: describeImage(broker), command: describeCommand(broker) },
  });
  const advertised = findAdvertised(broker, context.values);
  for (const { host, port } of advertised) {
    if (isThisMachine(host)) continue;
    const address = context.names.brokerAddress(host, port);
    if (address === `${host}:${port}`) continue;
    const reason = `code that has ${host}:${port} must use ${address}`;
    context.notes.check({ service: broker.name, key: "", at: broker.tree.at, reason });
  }
  const listeners = findListenerPorts(broker, context.values);
  const chosen = choosePort({ ports, advertised, context });
  for (const port of ports) {
    const isListener = listeners.includes(Number(context.values.evaluate(port.container)));
    const reason = isListener
      ? "dp publishes one listener for programs on this machine"
      : "dp's brokers do not have this port";
    if (port !== chosen) noteDropped(port, { service: broker, context, reason });
  }
  return toPort(chosen?.host);
}

function describeImage({ image = "" }: PlannedService): string {
  return image.includes("redpanda")
    ? "Apache Kafka takes the place of Redpanda"
    : "dp uses its own image of Apache Kafka; kafka.version sets the release";
}

function describeCommand({ image = "" }: PlannedService): string {
  return image.includes("redpanda")
    ? "options of Redpanda, which dp does not run"
    : "dp starts the broker itself";
}

/** The published port that programs on this machine use. */
function choosePort(input: {
  readonly ports: readonly PublishedPort[];
  readonly advertised: readonly { readonly host: string; readonly port: number }[];
  readonly context: Context;
}): PublishedPort | undefined {
  const { ports, advertised, context } = input;
  const numbersOf = (isLocal: boolean): string[] =>
    advertised
      .filter(({ host }) => isThisMachine(host) === isLocal)
      .map(({ port }) => String(port));
  const evaluate = (text: string | undefined) => context.values.evaluate(text ?? "");
  const hasPort = (numbers: readonly string[]) => (port: PublishedPort) =>
    numbers.includes(evaluate(port.host)) || numbers.includes(evaluate(port.container));
  return (
    ports.find(hasPort(numbersOf(true))) ??
    ports.find(hasPort(numbersOf(false))) ??
    ports.find(hasPort(["9092"]))
  );
}

function convertVariable(pair: Pair, input: BrokerInput): void {
  const { broker, context, config, settings } = input;
  const { name, value = "", at } = pair;
  const note = { service: broker.name, key: `environment.${name}`, at };
  const drop = (reason: string): void => context.notes.drop({ ...note, reason });
  if (name === "KAFKA_HEAP_OPTS") {
    const heap = /-Xmx(\d+[kmg]?)/i.exec(value)?.[1]?.toLowerCase();
    if (heap === undefined || parseSize(heap, heapLimits) === undefined) {
      return drop("has no -Xmx that dp reads");
    }
    settings["heap"] = heap;
    return context.notes.change({ ...note, reason: `the heap is kafka.heap: ${heap}` });
  }
  if (name === "KAFKA_CREATE_TOPICS") {
    return context.notes.change({ ...note, reason: "the topics are in the section topics" });
  }
  if (ofImages.test(name)) {
    return drop("belongs to the image; Java options go under kafka.environment");
  }
  const isBitnami = broker.image?.includes("bitnami") === true;
  if (!name.startsWith("KAFKA_") || (isBitnami && !name.startsWith("KAFKA_CFG_"))) {
    return drop("not a property of the broker");
  }
  const property = propertyOf(name);
  const refusal = brokerPropertyRefusal(property);
  if (refusal !== undefined) return drop(refusal);
  if (fitted.test(property)) return drop("dp sets it to fit the number of brokers");
  if (security.test(property)) return drop("dp's brokers have no TLS, SASL, or ACLs");
  if (commercial.test(property)) return drop("only Confluent Platform has it");
  const converted = convertText(context, { ...note, text: value });
  if (parseConfigValue(property, context.values.evaluate(converted)) === undefined) {
    return drop(`"${value}" is not a value that dp reads for ${property}`);
  }
  const known = config[property];
  if (known === undefined) config[property] = converted;
  else if (known !== converted) drop(`all brokers have the same config: ${known}`);
}

/** The images create topics on first use by default; dp's brokers do not. */
function keepAutoCreation(input: {
  readonly first: PlannedService | undefined;
  readonly context: Context;
  readonly config: Record<string, string>;
}): void {
  const { first, context, config } = input;
  const property = "auto.create.topics.enable";
  if (!first || config[property] !== undefined) return;
  config[property] = "true";
  const reason = "the image has true, and dp false: kafka.config keeps true";
  const at = childOf(first.tree, "image")?.at ?? first.tree.at;
  context.notes.change({ service: first.name, key: property, at, reason });
}
