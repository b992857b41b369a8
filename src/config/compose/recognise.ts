import { childOf, pairsOf, textOf, textsOf, splitAtColons, type MapTree } from "./tree.ts";

/** What a service of a Compose file becomes. */
export type Kind =
  | "kafka"
  /** A KRaft node that is only a controller. */
  | "controller"
  | "zookeeper"
  | "airflow"
  | "postgres"
  | "redis"
  | "s3"
  /** A container that creates topics, and ends. */
  | "topics"
  /** A container that creates buckets, and ends. */
  | "buckets"
  | "service";

/** Repositories of images, without registry; a mirror may put folders before them. */
const repositories: readonly (readonly [RegExp, Kind])[] = [
  [/(^|\/)confluentinc\/(cp-(enterprise-)?kafka|cp-server|confluent-local)$/, "kafka"],
  [/(^|\/)bitnami(legacy)?\/kafka$/, "kafka"],
  [/(^|\/)apache\/kafka(-native)?$/, "kafka"],
  [/(^|\/)(wurstmeister|debezium|ubuntu)\/kafka$/, "kafka"],
  [/(^|\/)(redpandadata|vectorized)\/redpanda$/, "kafka"],
  [/(^|\/)confluentinc\/cp-zookeeper$/, "zookeeper"],
  [/(^|\/)(bitnami|bitnamilegacy|wurstmeister|debezium)\/zookeeper$/, "zookeeper"],
  [/^(.*\/library\/)?zookeeper$/, "zookeeper"],
  [/(^|\/)apache\/airflow$/, "airflow"],
  [/(^|\/)puckel\/docker-airflow$/, "airflow"],
  [/(^|\/)bitnami(legacy)?\/airflow(-\w+)?$/, "airflow"],
  [/(^|\/)astronomer\/(astro-runtime|ap-airflow)$/, "airflow"],
  [/^astrocrpublic\.azurecr\.io\/(runtime|astro-runtime)$/, "airflow"],
  [/^(.*\/library\/)?postgres$/, "postgres"],
  [/(^|\/)bitnami(legacy)?\/postgresql$/, "postgres"],
  [/^(.*\/library\/)?redis$/, "redis"],
  [/(^|\/)bitnami(legacy)?\/redis$/, "redis"],
  [/(^|\/)minio\/minio$/, "s3"],
  [/(^|\/)bitnami(legacy)?\/minio$/, "s3"],
  [/(^|\/)localstack\/localstack(-pro)?$/, "s3"],
];

export interface Image {
  /** Without registry host, tag, and digest. */
  readonly repository: string;
  readonly tag: string | undefined;
}

/** The parts of an image's name: https://pkg.go.dev/github.com/distribution/reference#pkg-overview */
export function parseImage(name: string): Image {
  const [named = ""] = name.split("@", 1);
  const parts = splitAtColons(named);
  const last = parts.at(-1) ?? "";
  const hasTag = parts.length > 1 && !last.includes("/");
  const repository = (hasTag ? parts.slice(0, -1) : parts).join(":");
  return {
    repository: repository.replace(/^(docker\.io|index\.docker\.io)\//, ""),
    tag: hasTag ? last : undefined,
  };
}

/** What decides about the kind of a service. */
export interface Evidence {
  readonly service: MapTree;
  /** The image with its variables filled in; of a build, the image that its Dockerfile begins with. */
  readonly image: string | undefined;
  /** Whether the service is built from a Dockerfile. */
  readonly isBuilt: boolean;
  /** The script of entrypoint and command. */
  readonly script: string;
}

export function recognise({ service, image, isBuilt, script }: Evidence): Kind {
  const { repository } = parseImage(image ?? "");
  const kind = repositories.find(([form]) => form.test(repository))?.[1];
  const variables = new Map(
    pairsOf(childOf(service, "environment")).map((each) => [each.name, each.value]),
  );
  // An image built on a broker's or a database's is more than dp's section can express.
  if (isBuilt) return kind === "airflow" || isAirflow(variables) ? "airflow" : "service";
  switch (kind) {
    case "kafka":
      return kindOfKafka({ service, variables, script });
    case "s3":
      return isS3(repository, variables) ? "s3" : "service";
    case "airflow":
    case "zookeeper":
    case "postgres":
    case "redis":
      return kind;
    default:
      if (isAirflow(variables)) return "airflow";
      return createsTopics(script) ? "topics" : createsBuckets(script) ? "buckets" : "service";
  }
}

type Variables = ReadonlyMap<string, string | undefined>;

/** An image of Kafka is also used for scripts that call its tools. */
function kindOfKafka(input: {
  readonly service: MapTree;
  readonly variables: Variables;
  readonly script: string;
}): Kind {
  const { service, variables, script } = input;
  const isConfigured = [...variables.keys()].some((name) =>
    /^KAFKA_(CFG_)?(ADVERTISED_|LISTENERS|ZOOKEEPER_CONNECT|PROCESS_ROLES|NODE_ID|BROKER_ID)/.test(
      name,
    ),
  );
  const hasOwnCommand = childOf(service, "command") ?? childOf(service, "entrypoint");
  const startsServer = /\bredpanda\s+start\b|kafka-server-start|\/etc\/confluent\/docker\/run/.test(
    script,
  );
  if (hasOwnCommand && !isConfigured && !startsServer) {
    return createsTopics(script) ? "topics" : "service";
  }
  const roles = variables.get("KAFKA_PROCESS_ROLES") ?? variables.get("KAFKA_CFG_PROCESS_ROLES");
  return roles === "controller" ? "controller" : "kafka";
}

/** A LocalStack that serves more than S3 is kept as a service. */
function isS3(repository: string, variables: Variables): boolean {
  return !repository.includes("localstack") || variables.get("SERVICES")?.trim() === "s3";
}

function isAirflow(variables: Variables): boolean {
  return [...variables.keys()].some((name) => /^AIRFLOW__(CORE|DATABASE|CELERY)__/.test(name));
}

export function createsTopics(script: string): boolean {
  return /kafka-topics(\.sh)?\b[^]*--create\b|\brpk\s+topic\s+create\b/.test(script);
}

export function createsBuckets(script: string): boolean {
  return /\bmc\s+(--\S+\s+)*mb\b|\bs3\s+mb\b|\bs3api\s+create-bucket\b/.test(script);
}

/** The words of `entrypoint` and `command` as one script. */
export function scriptOf(
  service: MapTree,
  toWords: (text: string) => readonly string[] | undefined,
): string {
  const words = ["entrypoint", "command"].flatMap((key) => {
    const tree = childOf(service, key);
    const text = textOf(tree);
    return text === undefined ? textsOf(tree) : (toWords(text) ?? [text]);
  });
  // $$ is Compose's form of a dollar sign.
  const plain = words.map((word) => word.replaceAll("$$", "$"));
  const shell = plain.findIndex((word) => /^-\w*c$/.test(word));
  if (shell >= 0) return plain.slice(shell + 1).join("\n");
  return plain
    .map((word) =>
      /[\s;&|]/.test(word) && plain.length > 1 && !word.includes("\n")
        ? JSON.stringify(word)
        : word,
    )
    .join(" ");
}
