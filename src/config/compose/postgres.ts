import path from "node:path";
import { shellWords } from "../container-forms.ts";
import { defaults } from "../defaults.ts";
import { convertPath, type Context } from "./context.ts";
import { settingsOf, unlessEmpty, type Part } from "./draft.ts";
import { readKeys, sectionReasons } from "./keys.ts";
import { limitReaders, type ContainerLimits } from "./limits.ts";
import { versionOf, type PlannedService } from "./plan.ts";
import { readPorts, sectionPort, type PublishedPort } from "./ports.ts";
import { itemsOf, pairsOf, splitAtColons, textOf, textsOf, childOf, type Tree } from "./tree.ts";

/** The variables of the official image and of Bitnami's. */
const settingNames: Readonly<Record<string, "user" | "password" | "database">> = {
  POSTGRES_USER: "user",
  POSTGRES_PASSWORD: "password",
  POSTGRES_DB: "database",
  POSTGRESQL_USERNAME: "user",
  POSTGRESQL_PASSWORD: "password",
  POSTGRESQL_DATABASE: "database",
};

const scripts = "/docker-entrypoint-initdb.d";

export function convertPostgres(service: PlannedService, context: Context): Part {
  const { notes, values } = context;
  const limits: ContainerLimits = {};
  const login: { user?: string; password?: string; database?: string } = {};
  let ports: readonly PublishedPort[] = [];
  let init: string[] = [];
  const config: Record<string, string> = {};
  readKeys({
    service,
    context,
    readers: {
      ...limitReaders({ service, context, limits, cpus: "dropped" }),
      image: (tree) => noteVersion({ service, context, at: tree.at }),
      ports: (tree) => {
        ports = readPorts(tree, { service, context });
      },
      environment: (tree) => {
        for (const { name, value = `\${${name}}`, at } of pairsOf(tree)) {
          const note = { service: service.name, key: `environment.${name}`, at };
          const setting = settingNames[name];
          if (setting === undefined) notes.drop({ ...note, reason: describeVariable(name) });
          else login[setting] = values.convert({ ...note, text: value });
        }
      },
      volumes: (tree) => {
        init = readInit(tree, { service, context });
      },
      command: (tree) => Object.assign(config, readParameters(tree, { service, context })),
    },
    reasons: sectionReasons,
  });
  const { user = "postgres", password } = login;
  if (password === undefined) {
    const missing = `the Compose file has no password: the store has dp's default, "${defaults.storePassword}"`;
    notes.check({ service: service.name, key: "", at: service.tree.at, reason: missing });
  }
  const reason = "dp publishes the port of Postgres only";
  return {
    comment: service.newName === service.name ? [] : [`From ${service.name}.`],
    settings: settingsOf({
      type: "postgres",
      version: versionOf(service),
      port: sectionPort({ ports, own: ["5432"], service, context, reason }),
      user,
      password,
      database: login.database ?? user,
      init: init.length === 1 ? init[0] : unlessEmpty(init),
      mem_limit: limits.mem_limit,
      config: unlessEmpty(config),
    }),
  };
}

function noteVersion(input: {
  readonly service: PlannedService;
  readonly context: Context;
  readonly at: Tree["at"];
}): void {
  const { service, context, at } = input;
  const version = versionOf(service);
  const reason = `dp uses its own image; ${version === undefined ? "the version is dp's default" : `version: ${version} is kept`}`;
  context.notes.drop({ service: service.name, key: "image", at, reason });
}

function describeVariable(name: string): string {
  if (name === "PGDATA" || name.endsWith("_DIR")) return "dp keeps the data in its own volume";
  if (name.endsWith("_FILE")) return "files of secrets are not read: write password: ${NAME}";
  if (name.includes("HOST_AUTH_METHOD")) return "dp and the services log in with the password";
  return "not a setting of dp's Postgres";
}

/** The SQL files that the image runs once. */
function readInit(
  tree: Tree,
  { service, context }: { service: PlannedService; context: Context },
): string[] {
  const { notes, around } = context;
  return itemsOf(tree).flatMap((item) => {
    const [source = "", target = ""] =
      item.kind === "map"
        ? [textOf(childOf(item, "source")), textOf(childOf(item, "target"))]
        : splitAtColons(textOf(item) ?? "");
    const note = { service: service.name, key: `volumes ${target}`, at: item.at };
    if (!target.startsWith(scripts)) {
      notes.drop({ ...note, reason: sectionReasons["volumes"] ?? "" });
      return [];
    }
    const found = convertPath(context, { text: source, at: item.at });
    if (!found || found.kind === "missing") {
      notes.drop({
        ...note,
        reason: `${source} is missing, or outside the folder of pipeline.yaml`,
      });
      return [];
    }
    const files =
      found.kind === "folder"
        ? around
            .namesIn(found.absolute)
            .toSorted()
            .map((name) => path.posix.join(found.path, name))
        : [found.path];
    for (const file of files.filter((each) => !each.endsWith(".sql"))) {
      notes.drop({ ...note, reason: `${file} is not a .sql file: dp runs SQL only` });
    }
    return files.filter((each) => each.endsWith(".sql"));
  });
}

/** `postgres -c wal_level=logical` */
function readParameters(
  tree: Tree,
  { service, context }: { service: PlannedService; context: Context },
): Record<string, string> {
  const text = textOf(tree);
  const words = text === undefined ? textsOf(tree) : (shellWords(text) ?? []);
  const config: Record<string, string> = {};
  const others: string[] = [];
  for (const [index, word] of words.entries()) {
    const pair = word === "-c" ? undefined : /^(?:-c|--)?([a-z][\w.]*)=(.*)$/i.exec(word);
    const [, name, value] = pair ?? [];
    if (name !== undefined && value !== undefined) {
      const key = `command.${name}`;
      config[name] = context.values.convert({
        service: service.name,
        key,
        text: value,
        at: tree.at,
      });
    } else if (word !== "-c" && !(index === 0 && word === "postgres")) others.push(word);
  }
  if (others.length > 0) {
    const reason = `only -c NAME=VALUE is kept: ${others.join(" ")} is not`;
    context.notes.drop({ service: service.name, key: "command", at: tree.at, reason });
  }
  return config;
}
