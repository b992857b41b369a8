import { airflowVariableRefusal } from "../rules/airflow.ts";
import { isBefore } from "../version.ts";
import { readPackages } from "./airflow-packages.ts";
import { readVolumes, type AirflowFolders } from "./airflow-volumes.ts";
import { convertText, type Context } from "./context.ts";
import { settingsOf, unlessEmpty, type Part } from "./draft.ts";
import { readKeys, sectionReasons } from "./keys.ts";
import { versionOf, type PlannedService } from "./plan.ts";
import { readPorts, sectionPort, type PublishedPort } from "./ports.ts";
import { pairsOf, type Tree } from "./tree.ts";

/** Variables without a use in dp's Airflow, which is Airflow 3 with one container and no login. */
const useless: readonly (readonly [RegExp, string])[] = [
  [/^AIRFLOW__CELERY/, "dp's Airflow runs tasks in its own container, without Celery"],
  [/^_AIRFLOW_(DB|WWW)_/, "dp creates the database of Airflow, which has no login"],
  [/^AIRFLOW_(UID|GID)$/, "dp's image has a fixed user"],
  [/^AIRFLOW__WEBSERVER__/, "Airflow 3 has no webserver section"],
  [/^AIRFLOW__API__AUTH_BACKENDS?$/, "Airflow 3 does not have it, and dp's Airflow has no login"],
  [/^AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK$/, "dp has its own readiness check"],
  [
    /^(EXECUTOR|LOAD_EX|FERNET_KEY|POSTGRES_.*|REDIS_.*)$/,
    "read by the start script of another image",
  ],
  [
    /^AIRFLOW_(DATABASE|USERNAME|PASSWORD|EMAIL|EXECUTOR|FERNET_KEY|SECRET_KEY|LOAD_EXAMPLES|WEBSERVER).*/,
    "read by the start script of another image",
  ],
  [/^DUMB_INIT_SETSID$/, "read by the worker of Celery"],
  [/^CONNECTION_CHECK_MAX_COUNT$/, "dp's Airflow waits for no database server"],
];

const packagesVariable = "_PIP_ADDITIONAL_REQUIREMENTS";

interface Found extends AirflowFolders {
  ports: PublishedPort[];
  readonly environment: Record<string, string>;
}

/** All containers of Airflow become one section. */
export function convertAirflow(services: readonly PlannedService[], context: Context): Part {
  const found: Found = { ports: [], dags: undefined, volumes: [], environment: {} };
  const packages = readPackages(services, context);
  const version = keptVersion(services);
  for (const service of services) {
    readKeys({
      service,
      context,
      readers: {
        ports: (tree) => found.ports.push(...readPorts(tree, { service, context })),
        environment: (tree) => readEnvironment(tree, { service, context, found }),
        volumes: (tree) => readVolumes(tree, { service, context, found }),
      },
      reasons: {
        ...sectionReasons,
        image: describeImage(service, version),
        build: "dp uses its own image; packages of pip are in airflow.requirements",
        deploy: "dp's Airflow is one container without limits",
        mem_limit: "dp's Airflow is one container without limits",
        env_file: "variables of files are not read: copy them to airflow.environment",
      },
    });
  }
  const [first] = services;
  const port = first
    ? sectionPort({
        ports: found.ports,
        own: ["8080"],
        service: first,
        context,
        reason: "dp publishes the API of Airflow only",
      })
    : "auto";
  return {
    comment: [`From ${services.map(({ name }) => name).join(", ")}.`],
    settings: settingsOf({
      version,
      port,
      dags: found.dags,
      requirements: packages,
      environment: unlessEmpty(found.environment),
      volumes: unlessEmpty(found.volumes),
    }),
  };
}

/** The version of the image where dp runs it. */
function keptVersion(services: readonly PlannedService[]): string | undefined {
  const versions = services
    .filter(({ image }) => image !== undefined && isOfficial(image))
    .flatMap((service) => versionOf(service) ?? []);
  return versions.find(
    (version) =>
      /^\d+\.\d+\.\d+$/.test(version) && !isBefore(version, [3, 1]) && isBefore(version, [4, 0]),
  );
}

function describeImage(service: PlannedService, version: string | undefined): string {
  if (service.image !== undefined && !isOfficial(service.image)) {
    return "dp uses its own image: list the packages of this one under airflow.requirements";
  }
  if (version !== undefined) return `dp uses its own image; version: ${version} is kept`;
  const written = versionOf(service);
  if (written === undefined || !isBefore(written, [3, 1])) {
    return "dp uses its own image, with its default version";
  }
  return `dp runs Airflow from 3.1 on, and not ${written}: DAGs for Airflow 2 may need changes`;
}

/** Whether the tag of an image is a version of Airflow. */
function isOfficial(image: string): boolean {
  return /(^|\/)((apache|bitnami|bitnamilegacy)\/airflow|puckel\/docker-airflow)(:|$)/.test(image);
}

interface Reading {
  readonly service: PlannedService;
  readonly context: Context;
  readonly found: Found;
}

function readEnvironment(tree: Tree, { service, context, found }: Reading): void {
  const { notes } = context;
  for (const { name, value = `\${${name}}`, at } of pairsOf(tree)) {
    const note = { service: service.name, key: `environment.${name}`, at };
    const reason = useless.find(([form]) => form.test(name))?.[1] ?? airflowVariableRefusal(name);
    if (name === packagesVariable) {
      const isEmpty = context.values.evaluate(value).trim() === "";
      if (isEmpty) notes.drop({ ...note, reason: "names no packages" });
      else notes.change({ ...note, reason: "the packages are in airflow.requirements" });
    } else if (reason !== undefined) notes.drop({ ...note, reason });
    else if (value !== "" && found.environment[name] === undefined) {
      found.environment[name] = convertText(context, { ...note, text: value });
    }
  }
}
