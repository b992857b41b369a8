import type { ConfigFile, ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import { containerName, volumeName } from "../names.ts";
import type { InitScript, SettledPostgres, SettledStack } from "../../model/settled.ts";
import { storePorts } from "../store-login.ts";

/** One container for each Postgres, by the contract of https://hub.docker.com/_/postgres. */
export function postgresContainers(stack: SettledStack): ContainerSpec[] {
  const { name: project } = stack;
  return databases(stack).map((store) => ({
    service: store.name,
    kind: "postgres",
    name: containerName(project, store.name),
    image: store.image,
    command: serverCommand(store.config),
    environment: {
      POSTGRES_USER: store.user,
      POSTGRES_PASSWORD: store.password,
      POSTGRES_DB: store.database,
    },
    files: store.init.map(initFile),
    volumes: [{ name: volumeName(project, store.name), target: "/var/lib/postgresql/data" }],
    binds: [],
    ports: [{ containerPort: storePorts.postgres, hostIp: "127.0.0.1", hostPort: store.port }],
    memLimitBytes: store.memLimitBytes,
    // A fast shutdown writes a checkpoint of at most some seconds.
    stopTimeoutS: 20,
    dataTraits: {
      version: majorVersion(store),
      database: store.database,
      user: store.user,
    },
  }));
}

function databases({ stores }: SettledStack): SettledPostgres[] {
  return stores.filter((store) => store.type === "postgres");
}

/** Versions of one major number share their data format. */
function majorVersion({ version }: SettledPostgres): string {
  return version.split(".")[0] ?? version;
}

function serverCommand(config: Readonly<Record<string, string>>): string[] {
  const settings = Object.entries(config).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  return settings.length > 0 ? ["postgres", ...settings] : [];
}

/** The image runs them sorted by name: a number keeps the order of the list. */
function initFile({ name, content }: InitScript, index: number): ConfigFile {
  const place = String(index + 1).padStart(3, "0");
  return { path: `/docker-entrypoint-initdb.d/${place}-${name}`, content, once: true };
}

export function postgresReadiness(stack: SettledStack): ReadinessGroup[] {
  return databases(stack).map(({ name, port, database, user, password }) => ({
    name,
    services: [name],
    needs: [],
    probe: {
      kind: "postgres",
      address: { host: "127.0.0.1", port },
      database,
      user,
      password,
    },
  }));
}
