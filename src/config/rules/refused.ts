import type { Found, Rule } from "./rule.ts";

export interface Refused {
  readonly keys: RegExp;
  readonly reason: string;
  readonly instead: string;
}

const ownListeners =
  "dp gives each broker one listener for containers and one for this machine, and proves both";
const ownIds = "dp numbers the brokers, and their data belongs to the number";
const ownVolume = "the data lies in a volume of the stack at a fixed path";

/** Broker properties that would break the stack. */
const brokerKeys: readonly Refused[] = [
  {
    keys: /^(listeners|advertised\.listeners|advertised\.host\.name|advertised\.port|host\.name|port)$/,
    reason: ownListeners,
    instead: "set the ports of this machine with kafka.port",
  },
  {
    keys: /^(listener\..*|inter\.broker\.listener\.name|control\.plane\.listener\.name|security\.inter\.broker\.protocol)$/,
    reason: ownListeners,
    instead: "remove the line; ports of this machine are set with kafka.port",
  },
  {
    keys: /^(broker\.id|node\.id|broker\.id\.generation\.enable)$/,
    reason: ownIds,
    instead: "remove the line; the number of brokers is kafka.brokers",
  },
  {
    keys: /^zookeeper\.connect$/,
    reason: "the brokers use the ZooKeeper of the stack",
    instead: "remove the line; a zookeeper section is all that is needed",
  },
  {
    keys: /^zookeeper\.metadata\.migration\.enable$/,
    reason: "dp does not migrate a stack between ZooKeeper and KRaft",
    instead: "remove the line",
  },
  {
    keys: /^(log\.dirs?|metadata\.log\.dir)$/,
    reason: ownVolume,
    instead: "remove the line",
  },
  {
    keys: /^(process\.roles|controller\.listener\.names|controller\.quorum\.(?!.*\.ms$).*)$/,
    reason: "dp sets up the KRaft quorum",
    instead: "remove the line; leave the zookeeper section out for KRaft, add it for ZooKeeper",
  },
];

/** Keys of zoo.cfg that would break the stack. */
const zookeeperKeys: readonly Refused[] = [
  {
    keys: /^(clientPort|clientPortAddress|secureClientPort|secureClientPortAddress)$/i,
    reason: "the brokers reach ZooKeeper at a fixed port inside the network",
    instead: "set the port of this machine with zookeeper.port",
  },
  { keys: /^(dataDir|dataLogDir)$/i, reason: ownVolume, instead: "remove the line" },
  {
    keys: /^4lw\.commands\.whitelist$/i,
    reason: "dp asks ZooKeeper for its health with these commands",
    instead: "remove the line; all that are safe to use are allowed",
  },
  {
    keys: /^(server|group|weight)\.\d+$|^(dynamicConfigFile|standaloneEnabled|reconfigEnabled)$/i,
    reason: "dp sets up the ensemble",
    instead: "remove the line; the number of nodes is zookeeper.nodes",
  },
];

/** What the start scripts of Kafka read; any other name of the form KAFKA_… they ignore. */
const scriptVariables = new Set([
  "KAFKA_OPTS",
  "KAFKA_JMX_OPTS",
  "KAFKA_JMX_PORT",
  "KAFKA_JMX_HOSTNAME",
  "KAFKA_JVM_PERFORMANCE_OPTS",
  "KAFKA_LOG4J_OPTS",
  "KAFKA_GC_LOG_OPTS",
  "KAFKA_DEBUG",
  "KAFKA_LOG4J_CMD_OPTS",
]);

/** Environment variables that would break a broker. */
const variables: readonly Refused[] = [
  {
    keys: /^KAFKA_HEAP_OPTS$/,
    reason: "the heap is a setting of its own",
    instead: "write kafka.heap",
  },
  {
    keys: /^JMX_PORT$/,
    reason: "every Kafka tool started in the container would try to open the same port",
    instead: "write KAFKA_JMX_OPTS with the port in it",
  },
  {
    keys: /^(CLASSPATH|EXTRA_ARGS|PATH|JAVA_HOME)$/,
    reason: "the start scripts of the image need it as it is",
    instead: "use KAFKA_OPTS for Java options",
  },
  {
    keys: /^CLUSTER_ID$/,
    reason: "the cluster id comes from the name of the stack",
    instead: "remove the line",
  },
];

export const brokerConfigIsSafe: Rule = ({ spec }) =>
  refused({
    path: ["kafka", "config"],
    names: Object.keys((spec.kafka && spec.kafka.config) || {}),
    table: brokerKeys,
  });

export const zookeeperConfigIsSafe: Rule = ({ spec }) =>
  refused({
    path: ["zookeeper", "config"],
    names: Object.keys((spec.zookeeper && spec.zookeeper.config) || {}),
    table: zookeeperKeys,
  });

export const environmentIsSafe: Rule = ({ spec }) => {
  const names = Object.keys((spec.kafka && spec.kafka.environment) || {});
  const path = ["kafka", "environment"];
  return [
    ...refused({ path, names, table: variables }),
    ...names.filter(isImageProperty).map((name) => ({
      path: [...path, name],
      on: "key" as const,
      message: `${name} would have no effect: dp gives the broker its own properties file`,
      hint: `write it under kafka.config as ${propertyOf(name)}`,
    })),
  ];
};

function isImageProperty(name: string): boolean {
  return name.startsWith("KAFKA_") && name !== "KAFKA_HEAP_OPTS" && !scriptVariables.has(name);
}

/** Why a broker property can't be set; undefined for one that can. */
export function brokerPropertyRefusal(property: string): string | undefined {
  return brokerKeys.find(({ keys }) => keys.test(property))?.reason;
}

/** `KAFKA_LOG_RETENTION_MS` → `log.retention.ms`: how the official image maps variables. */
export function propertyOf(variable: string): string {
  return variable
    .replace(/^KAFKA_(CFG_)?/, "")
    .toLowerCase()
    .replaceAll("_", ".");
}

/** What a table refuses of the names that are written under `path`. */
export function refused(input: {
  path: readonly string[];
  names: readonly string[];
  table: readonly Refused[];
}): Found[] {
  return input.names.flatMap((name) => {
    const entry = input.table.find(({ keys }) => keys.test(name));
    if (!entry) return [];
    const message = `${name} cannot be set here: ${entry.reason}`;
    return [{ path: [...input.path, name], on: "key" as const, message, hint: entry.instead }];
  });
}
