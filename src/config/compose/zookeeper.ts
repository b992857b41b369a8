import type { Context } from "./context.ts";
import { settingsOf, unlessEmpty, type Part } from "./draft.ts";
import { readKeys, sectionReasons } from "./keys.ts";
import { limitReaders, type ContainerLimits } from "./limits.ts";
import type { PlannedService } from "./plan.ts";
import { readPorts, sectionPort, type PublishedPort } from "./ports.ts";
import { pairsOf } from "./tree.ts";

/** Variables of the images that are settings of zoo.cfg. */
const settingNames: Readonly<Record<string, string>> = {
  TICK_TIME: "tickTime",
  INIT_LIMIT: "initLimit",
  SYNC_LIMIT: "syncLimit",
  MAX_CLIENT_CNXNS: "maxClientCnxns",
  AUTOPURGE_SNAP_RETAIN_COUNT: "autopurge.snapRetainCount",
  AUTOPURGE_PURGE_INTERVAL: "autopurge.purgeInterval",
  AUTOPURGE_SNAPRETAINCOUNT: "autopurge.snapRetainCount",
  AUTOPURGE_PURGEINTERVAL: "autopurge.purgeInterval",
};

export function convertZookeeper(nodes: readonly PlannedService[], context: Context): Part {
  const config: Record<string, string> = {};
  const limits: ContainerLimits = {};
  const ports = nodes.map((service) => {
    let published: readonly PublishedPort[] = [];
    readKeys({
      service,
      context,
      readers: {
        ...limitReaders({ service, context, limits, cpus: "dropped" }),
        ports: (tree) => {
          published = readPorts(tree, { service, context });
        },
        environment: (tree) => {
          for (const { name, value = "", at } of pairsOf(tree)) {
            const note = { service: service.name, key: `environment.${name}`, at };
            const setting = settingNames[name.replace(/^ZOO(KEEPER)?_(CFG_)?/, "")];
            if (setting === undefined) {
              context.notes.drop({ ...note, reason: describeVariable(name) });
              continue;
            }
            config[setting] = context.values.convert({ ...note, text: value });
            context.notes.change({ ...note, reason: `the setting is zookeeper.config.${setting}` });
          }
        },
      },
      reasons: { ...sectionReasons, image: "dp uses the ZooKeeper of its own image" },
    });
    const own = ["2181", "2182", "2183", "2184", "2185"];
    const reason = "dp publishes the port of clients only";
    return sectionPort({ ports: published, own, service, context, reason });
  });
  const count = [5, 3, 1].find((each) => each <= nodes.length) ?? 1;
  for (const { name, tree } of nodes.slice(count)) {
    const reason = `an ensemble of dp has 1, 3, or 5 nodes: ${count} of ${nodes.length} are kept`;
    context.notes.drop({ service: name, key: "", at: tree.at, reason });
  }
  return {
    comment: [`From ${nodes.map(({ name }) => name).join(", ")}.`],
    settings: settingsOf({
      nodes: count === 1 ? undefined : count,
      port: ports[0],
      mem_limit: limits.mem_limit,
      config: unlessEmpty(config),
    }),
  };
}

function describeVariable(name: string): string {
  if (/CLIENT_PORT|PORT_NUMBER/.test(name)) return "ZooKeeper has a fixed port inside the network";
  if (/SERVER|MY_ID|ID$/.test(name)) return "dp sets up the ensemble";
  if (/4LW|COMMANDS/.test(name)) return "dp allows the commands that it needs";
  if (/ALLOW_ANONYMOUS|AUTH|SASL/.test(name)) return "dp's ZooKeeper has no login";
  return "not a setting of zoo.cfg that dp takes over";
}
