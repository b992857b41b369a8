import { storePorts } from "../../stack/store-login.ts";
import type { Context } from "./context.ts";
import { settingsOf, unlessEmpty, type Part } from "./draft.ts";
import { readKeys, sectionReasons } from "./keys.ts";
import { limitReaders, type ContainerLimits } from "./limits.ts";
import type { PlannedService } from "./plan.ts";
import { readPorts, sectionPort, type PublishedPort } from "./ports.ts";
import { pairsOf } from "./tree.ts";

export function convertS3(
  service: PlannedService,
  { context, buckets }: { context: Context; buckets: readonly string[] },
): Part {
  const { notes } = context;
  const limits: ContainerLimits = {};
  const named = [...buckets];
  let ports: readonly PublishedPort[] = [];
  readKeys({
    service,
    context,
    readers: {
      ...limitReaders({ service, context, limits, cpus: "dropped" }),
      ports: (tree) => {
        ports = readPorts(tree, { service, context });
      },
      environment: (tree) => {
        for (const { name, value = "", at } of pairsOf(tree)) {
          const note = { service: service.name, key: `environment.${name}`, at };
          if (name === "MINIO_DEFAULT_BUCKETS") {
            named.push(...value.split(",").map((each) => each.trim().replace(/:.*/, "")));
            notes.change({ ...note, reason: "the buckets are under buckets" });
          } else notes.drop({ ...note, reason: describeVariable(name) });
        }
      },
    },
    reasons: {
      ...sectionReasons,
      image: "dp's S3 is moto, which keeps objects in memory: every stop deletes them",
      volumes: "dp's S3 keeps objects in memory",
    },
  });
  const address = `http://${service.newName}:${storePorts.s3}`;
  const reason = `code that has another address must use ${address}, or AWS_ENDPOINT_URL_S3`;
  notes.check({ service: service.name, key: "", at: service.tree.at, reason });
  return {
    comment: [
      `From ${service.name}. Containers use ${address}, with any keys.`,
      "Objects are kept in memory: every stop deletes them.",
    ],
    settings: settingsOf({
      type: "s3",
      port: sectionPort({
        ports,
        own: ["9000", "4566", "4572"],
        service,
        context,
        reason: "dp's S3 has no web page, and one port",
      }),
      buckets: unlessEmpty([...new Set(named)].filter((name) => name !== "")),
      mem_limit: limits.mem_limit,
    }),
  };
}

function describeVariable(name: string): string {
  if (/USER|PASSWORD|KEY|SECRET/.test(name)) return "dp's S3 accepts all keys";
  return "not a setting of dp's S3";
}
