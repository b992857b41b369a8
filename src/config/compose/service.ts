import { convertText, type Context } from "./context.ts";
import { convertDependencies, isOneShot } from "./dependencies.ts";
import { settingsOf, unlessEmpty, type Part, type Setting } from "./draft.ts";
import { readKeys } from "./keys.ts";
import { limitReaders, type ContainerLimits } from "./limits.ts";
import type { PlannedService } from "./plan.ts";
import { convertPorts } from "./service-ports.ts";
import { convertBuild, convertEnvFiles, convertVolumes } from "./service-files.ts";
import { convertHealthcheck } from "./healthcheck.ts";
import { childOf, entriesOf, pairsOf, textOf, textsOf, type Tree } from "./tree.ts";
import { convertCommand } from "./words.ts";

/** A service that is kept as a service. */
export function convertService(
  service: PlannedService,
  { all, context }: { all: readonly PlannedService[]; context: Context },
): Part {
  const { notes } = context;
  const settings: Record<string, Setting | undefined> = {};
  const limits: ContainerLimits = {};
  const isBuilt = childOf(service.tree, "build") !== undefined;
  const convertKey = (key: string, tree: Tree): Setting | undefined => {
    const text = textOf(tree);
    const convert = (each: string) =>
      context.values.convert({ service: service.name, key, text: each, at: tree.at });
    if (text !== undefined) return convert(text);
    return unlessEmpty(textsOf(tree).map((each) => convert(each)));
  };
  const keep = (key: string) => (tree: Tree) => {
    settings[key] = convertKey(key, tree);
  };
  const keepCommand = (key: string) => (tree: Tree) => {
    const note = { service: service.name, key, at: tree.at };
    settings[key] = unlessEmpty(convertCommand(tree, { context, note }));
  };
  readKeys({
    service,
    context,
    readers: {
      ...limitReaders({ service, context, limits, cpus: "kept" }),
      cpus: keep("cpus"),
      image: (tree) => {
        if (!isBuilt) return keep("image")(tree);
        const reason = "the image is built: dp names it itself";
        notes.drop({ service: service.name, key: "image", at: tree.at, reason });
      },
      build: (tree) => {
        settings["build"] = convertBuild(tree, { service, context });
      },
      entrypoint: keepCommand("entrypoint"),
      command: keepCommand("command"),
      user: keep("user"),
      working_dir: keep("working_dir"),
      hostname: keep("hostname"),
      stop_grace_period: keep("stop_grace_period"),
      environment: (tree) => {
        settings["environment"] = convertEnvironment(tree, { service, context });
      },
      env_file: (tree) => {
        settings["env_file"] = convertEnvFiles(tree, { service, context });
      },
      extra_hosts: (tree) => {
        settings["extra_hosts"] = convertPairs(tree) ?? convertKey("extra_hosts", tree);
      },
      ulimits: (tree) => {
        settings["ulimits"] = convertPairs(tree);
      },
      ports: (tree) => {
        settings["ports"] = convertPorts(tree, { service, context });
      },
      volumes: (tree) => {
        settings["volumes"] = convertVolumes(tree, { service, context });
      },
      healthcheck: (tree) => {
        settings["healthcheck"] = convertHealthcheck(tree, { service, all, context });
      },
      restart: (tree) => {
        settings["restart"] = convertRestart(tree, { service, all, context });
      },
      depends_on: () => {
        settings["depends_on"] = convertDependencies({ service, all, context });
      },
    },
    reasons: {
      container_name: `dp names the container STACK-${service.newName}`,
      logging: "dp reads the log driver of the engine",
      profiles: "the service is in the profile of pipeline.yaml",
    },
  });
  if (isOneShot(service, all) && settings["restart"] === undefined) {
    settings["restart"] = "no";
    const reason =
      'another service waits until it has completed: restart: "no" makes it a one-shot';
    notes.change({ service: service.name, key: "restart", at: service.tree.at, reason });
  }
  if (settings["restart"] === undefined) noteEnd(service, context);
  return {
    comment: service.newName === service.name ? [] : [`From ${service.name}.`],
    settings: settingsOf({ ...inOrder(settings), ...limits }),
  };
}

/** A container of Compose may end by itself; dp expects a service without restart: "no" to run. */
function noteEnd({ name, tree }: PlannedService, { notes }: Context): void {
  const staying = ["ports", "healthcheck", "restart", "expose"];
  if (staying.some((key) => childOf(tree, key))) return;
  const reason = 'dp expects the service to keep running: write restart: "no" if it ends by itself';
  notes.check({ service: name, key: "", at: tree.at, reason });
}

/** The order in which Compose files usually have them. */
function inOrder(settings: Readonly<Record<string, Setting | undefined>>) {
  const { image, build, entrypoint, command, environment, ports, volumes, ...others } = settings;
  const { depends_on, healthcheck, restart, ...rest } = others;
  const first = { image, build, entrypoint, command, environment, ports, volumes };
  return { ...first, ...rest, depends_on, healthcheck, restart };
}

interface Conversion {
  readonly service: PlannedService;
  readonly context: Context;
}

function convertEnvironment(tree: Tree, { service, context }: Conversion): Setting | undefined {
  const variables = pairsOf(tree).map(({ name, value = `\${${name}}`, at }) => {
    const key = `environment.${name}`;
    return [name, convertText(context, { service: service.name, key, text: value, at })];
  });
  return unlessEmpty(Object.fromEntries(variables) as Record<string, string>);
}

/** A map of numbers or texts, or of maps of them; undefined for a list. */
function convertPairs(tree: Tree): Setting | undefined {
  if (tree.kind !== "map") return undefined;
  const entries = entriesOf(tree).map(([name, value]): [string, Setting] => {
    const text = textOf(value);
    return [name, text === undefined ? (convertPairs(value) ?? {}) : toNumber(text)];
  });
  return unlessEmpty(Object.fromEntries(entries));
}

function toNumber(text: string): Setting {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

/** In dp, `restart: "no"` means a one-shot, and Compose restarts nothing by default. */
function convertRestart(
  tree: Tree,
  { service, all, context }: Conversion & { all: readonly PlannedService[] },
): Setting | undefined {
  const written = textOf(tree) ?? "no";
  const note = { service: service.name, key: "restart", at: tree.at };
  const isEnding = isOneShot(service, all);
  if (written !== "no") {
    if (!isEnding) return written;
    const reason =
      'another service waits until it has completed: restart: "no" makes it a one-shot';
    context.notes.change({ ...note, reason });
    return "no";
  }
  const stays = childOf(service.tree, "ports") ?? childOf(service.tree, "healthcheck");
  if (isEnding || !stays) {
    const reason = 'restart: "no" is a one-shot in dp, which must exit with code 0';
    context.notes.change({ ...note, reason });
    return "no";
  }
  const reason = 'restart: "no" is a one-shot in dp, and this service has ports or a healthcheck';
  context.notes.drop({ ...note, reason });
  return undefined;
}
