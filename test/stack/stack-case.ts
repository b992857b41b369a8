import { fingerprintOf, partsOf, traitParts } from "../../src/stack/fingerprint.ts";
import type {
  ContainerSpec,
  Observed,
  ObservedContainer,
  ObservedObject,
  ResolvedImage,
} from "../../src/model/containers.ts";
import type { SettledStack } from "../../src/model/settled.ts";
import type { Plan } from "../../src/stack/plan-model.ts";
import type {
  NetworkAlias,
  AirflowSettings,
  ServiceSettings,
  Stack,
  PostgresSettings,
  RedisSettings,
  S3Settings,
} from "../../src/model/settings.ts";
import { networkName } from "../../src/stack/names.ts";
import type { Placement } from "../../src/stack/placement.ts";
import { nothingObserved } from "../../src/stack/observed.ts";
import { planStack } from "../../src/stack/plan.ts";
import { selectGroups } from "../../src/stack/select.ts";
import { containersOf, readinessOf } from "../../src/stack/services.ts";
import { autoPortCount, settle, type StackTexts } from "../../src/stack/settle.ts";

const file = "/shop/pipeline.yaml";
const host = "laptop";
const mebibyte = 1024 * 1024;

export const nothing: Observed = nothingObserved;

interface Wish extends Partial<Pick<Stack, "airflow" | "stores" | "services">> {
  readonly zookeeper?: boolean;
  readonly nodes?: number;
  readonly brokers?: number;
  readonly ports?: "auto";
  readonly config?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly aliases?: readonly NetworkAlias[];
}

/** A resolved stack `shop`; brokers and ZooKeeper are there unless the wish says otherwise. */
export function stackOf(wish: Wish = {}): Stack {
  const {
    zookeeper = true,
    nodes = 1,
    brokers = 1,
    ports,
    config = {},
    environment = {},
    version,
    aliases = [],
  } = wish;
  const { airflow, stores = [], services = [] } = wish;
  const mode = zookeeper ? "zookeeper" : "kraft";
  const memory = { heapBytes: 384 * mebibyte, memLimitBytes: undefined };
  return {
    name: "shop",
    file,
    profile: undefined,
    topics: [],
    airflow,
    stores,
    fileStores: [],
    services,
    pipelines: [],
    pythonRequirements: [],
    images: { prefix: undefined, pull: "missing", build: "auto" },
    zookeeper: zookeeper
      ? {
          ...memory,
          nodes,
          ports: Array.from({ length: nodes }, (_, index) => ports ?? 2181 + index),
          config: {},
        }
      : undefined,
    kafka:
      brokers === 0
        ? undefined
        : {
            ...memory,
            mode,
            version: version ?? (zookeeper ? "3.9.2" : "4.3.1"),
            brokers,
            ports: Array.from({ length: brokers }, (_, index) => ports ?? 9092 + 1000 * index),
            aliases,
            image: undefined,
            config,
            environment,
          },
  };
}

/** An image for everything in a stack. */
export function imagesOf({ stores, services }: Stack): ReadonlyMap<string, ResolvedImage> {
  const keys = [
    "kafka",
    "airflow",
    "step-runner",
    ...[...stores, ...services].map(({ name }) => name),
  ];
  return new Map(keys.map((key) => [key, { ref: `images/${key}:1`, id: `sha256:${key}` }]));
}

export const texts: StackTexts = {
  airflowStarter: "print('start')\n",
  runnerModules: new Map([["__main__.py", "print('run')\n"]]),
  initScripts: new Map([["/shop/sql/schema.sql", "create table orders ();\n"]]),
};

export const airflow: AirflowSettings = {
  version: "3.3.2",
  port: 8080,
  image: undefined,
  start: "fast",
  dags: undefined,
  parallelism: 4,
  environment: {},
  volumes: [],
  variables: {},
  connections: {},
  requirements: [],
};

export const warehouse: PostgresSettings = {
  name: "warehouse",
  type: "postgres",
  version: "15",
  image: undefined,
  port: 5432,
  database: "warehouse",
  user: "dp",
  password: "s3cret",
  init: ["/shop/sql/schema.sql"],
  config: {},
  memLimitBytes: undefined,
};

export const sessions: RedisSettings = {
  name: "sessions",
  type: "redis",
  version: "7",
  image: undefined,
  port: 6379,
  password: undefined,
  config: {},
  memLimitBytes: undefined,
};

export const lake: S3Settings = {
  name: "lake",
  type: "s3",
  version: "5.2.3",
  image: undefined,
  port: 9000,
  buckets: ["raw-files"],
  memLimitBytes: undefined,
};

export const api: ServiceSettings = {
  name: "shop-api",
  source: {
    kind: "build",
    folder: "/shop/api",
    dockerfile: "Dockerfile",
    args: {},
    target: undefined,
  },
  command: [],
  environment: {},
  ports: [{ containerPort: 8080, hostIp: "127.0.0.1", host: 8085 }],
  ready: { kind: "http", port: 8080, path: "/", status: 200 },
  volumes: [],
  entrypoint: [],
  startsAfter: [],
  scale: 1,
  healthcheck: undefined,
  restart: undefined,
  memLimitBytes: undefined,
  cpus: undefined,
  user: undefined,
  hostname: undefined,
  workingDir: undefined,
  extraHosts: [],
  ulimits: [],
  stopGraceMs: 10_000,
};

/** The same with images, texts and ports; `auto` becomes 40001, 40002… */
export function settledOf(stack: Stack, observed: Observed = nothing): SettledStack {
  return settle({
    stack,
    observed,
    images: imagesOf(stack),
    texts,
    freePorts: Array.from({ length: autoPortCount(stack) }, (_, index) => 40_001 + index),
    busyPorts: new Set(),
  });
}

export function specsOf(wish: Wish = {}): ContainerSpec[] {
  return containersOf(settledOf(stackOf(wish)));
}

/** A container that runs exactly as its spec says, but for what is given. */
export function running(
  spec: ContainerSpec,
  but: Partial<ObservedContainer> = {},
): ObservedContainer {
  const parts = partsOf(spec);
  return {
    id: `id of ${but.name ?? spec.name}`,
    name: spec.name,
    service: spec.service,
    kind: spec.kind,
    state: "running",
    status: "Up 2 minutes",
    imageId: spec.image.id,
    imageRef: spec.image.ref,
    fingerprint: fingerprintOf(parts),
    parts,
    file,
    host,
    ports: spec.ports,
    exitCode: 0,
    oomKilled: false,
    startedAt: 1,
    networkAddress: "172.18.0.2",
    environment: spec.environment,
    ...(spec.ready ? { ready: spec.ready } : {}),
    ...(spec.startsAfter ? { dependsOn: spec.startsAfter.map(({ group }) => group) } : {}),
    ...(spec.restart && spec.restart.name !== "no" ? { restarts: true } : {}),
    ...but,
  };
}

/** The network and volumes of specs, without a container. */
export function remains(specs: readonly ContainerSpec[]): Observed {
  const network: ObservedObject = {
    id: "network",
    name: networkName("shop"),
    service: "",
    kind: "network",
    parts: {},
    file,
    host,
  };
  const volumes = specs.flatMap((spec) =>
    spec.volumes.map(({ name }): ObservedObject => ({
      id: name,
      name,
      service: spec.service,
      kind: spec.kind,
      parts: traitParts(spec),
      file,
      host,
    })),
  );
  return { ...nothing, networks: [network], volumes };
}

/** A whole stack that runs as its specs say, but for what is given to each container. */
export function observedOf(
  specs: readonly ContainerSpec[],
  but: (spec: ContainerSpec) => Partial<ObservedContainer> | "missing" = () => ({}),
): Observed {
  const containers = specs.flatMap((spec) => {
    const change = but(spec);
    return change === "missing" ? [] : [running(spec, change)];
  });
  return { ...remains(specs), containers };
}

/** Where a topic lives: the brokers of each partition. */
export function placementOf(
  topic: string,
  placed: readonly (readonly number[])[],
  { internal = false }: { readonly internal?: boolean } = {},
): Placement {
  return {
    topic,
    internal,
    replication: placed[0]?.length ?? 0,
    partitions: placed.map((replicas, partition) => ({ partition, replicas })),
  };
}

/** The plan that leads from what is observed to a wish. */
export function planOf(options: {
  readonly wish?: Wish;
  readonly observed: Observed;
  readonly services?: readonly string[];
  readonly recreate?: readonly string[];
  readonly placements?: readonly Placement[];
}): Plan {
  const { wish, observed, services = [], recreate = [], placements } = options;
  const settled = settledOf(stackOf(wish), observed);
  return planStack({
    project: "shop",
    specs: containersOf(settled),
    groups: selectGroups(services, readinessOf(settled)),
    observed,
    recreate,
    ...(placements && { placements }),
  });
}
