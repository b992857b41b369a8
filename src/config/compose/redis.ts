import { shellWords } from "../container-forms.ts";
import type { Context } from "./context.ts";
import { settingsOf, unlessEmpty, type Part } from "./draft.ts";
import { readKeys, sectionReasons } from "./keys.ts";
import { limitReaders, type ContainerLimits } from "./limits.ts";
import { versionOf, type PlannedService } from "./plan.ts";
import { readPorts, sectionPort, type PublishedPort } from "./ports.ts";
import { pairsOf, textOf, textsOf, type Tree } from "./tree.ts";

/** Directives that dp sets: the data is kept, and the container is the server. */
const own = /^(appendonly|bind|port|protected-mode|daemonize|dir|save)$/;

export function convertRedis(service: PlannedService, context: Context): Part {
  const { notes, values } = context;
  const limits: ContainerLimits = {};
  const config: Record<string, string> = {};
  let ports: readonly PublishedPort[] = [];
  let password: string | undefined;
  readKeys({
    service,
    context,
    readers: {
      ...limitReaders({ service, context, limits, cpus: "dropped" }),
      ports: (tree) => {
        ports = readPorts(tree, { service, context });
      },
      environment: (tree) => {
        for (const { name, value = `\${${name}}`, at } of pairsOf(tree)) {
          const note = { service: service.name, key: `environment.${name}`, at };
          if (name === "REDIS_PASSWORD") password = values.convertSecret({ ...note, text: value });
          else notes.drop({ ...note, reason: "not a setting of dp's Redis" });
        }
      },
      command: (tree) => {
        for (const { name, value } of readDirectives(tree)) {
          const note = { service: service.name, key: `command.${name}`, at: tree.at };
          if (name === "requirepass") {
            password = values.convertSecret({ ...note, variable: "REDIS_PASSWORD", text: value });
          } else if (own.test(name)) notes.drop({ ...note, reason: "dp sets it" });
          else config[name] = values.convert({ ...note, text: value });
        }
      },
    },
    reasons: {
      ...sectionReasons,
      image: `dp uses its own image; ${versionOf(service) === undefined ? "the version is dp's default" : `version: ${versionOf(service)} is kept`}`,
    },
  });
  const reason = "dp publishes the port of Redis only";
  return {
    comment: service.newName === service.name ? [] : [`From ${service.name}.`],
    settings: settingsOf({
      type: "redis",
      version: versionOf(service),
      port: sectionPort({ ports, own: ["6379"], service, context, reason }),
      password,
      mem_limit: limits.mem_limit,
      config: unlessEmpty(config),
    }),
  };
}

/** `redis-server --requirepass secret --maxmemory 100mb` */
function readDirectives(tree: Tree): { readonly name: string; readonly value: string }[] {
  const text = textOf(tree);
  const words = text === undefined ? textsOf(tree) : (shellWords(text) ?? []);
  return words.flatMap((word, index) => {
    if (!word.startsWith("--")) return [];
    const following = words.slice(index + 1);
    const end = following.findIndex((each) => each.startsWith("--"));
    const values = end < 0 ? following : following.slice(0, end);
    return [{ name: word.slice("--".length), value: values.join(" ") }];
  });
}
