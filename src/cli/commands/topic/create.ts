import { Command, InvalidArgumentError } from "commander";
import { parseConfigValue } from "../../../spec/units.ts";
import { setAction, type Host } from "../../context.ts";
import { parseCountOption, withExamples, withSharedOptions } from "../../options.ts";
import { withStackCluster } from "../../stack-cluster.ts";

interface CreateOptions {
  readonly partitions?: number;
  readonly replication?: number;
  readonly config?: Readonly<Record<string, string>>;
  readonly ifNotExists?: boolean;
}

const settleMs = 30_000;

export function topicCreateCommand(host: Host): Command {
  const command = new Command("create")
    .argument("<topic>")
    .option("-p, --partitions <count>", "default: the brokers' own", parseCountOption(1))
    .option(
      "-r, --replication <count>",
      "replicas of each partition; default: the brokers' own",
      parseCountOption(1),
    )
    .option("-c, --config <key=value>", "a topic config; may be repeated", collectConfig)
    .option("--if-not-exists", "no error when it exists already");
  withSharedOptions(command);
  withExamples(command, [
    ["dp topic create orders", "with the brokers' defaults"],
    ["dp topic create orders -p 6 -r 3 -c retention.ms=1d", "durations and sizes may have units"],
    ["dp topic create orders --if-not-exists", "for scripts"],
  ]);
  return setAction<CreateOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, [name = ""] = []) => {
      const [{ createTopic }, { waitForTopics }] = await Promise.all([
        import("../../../kafka/admin.ts"),
        import("../../../kafka/settled.ts"),
      ]);
      const document = await withStackCluster(
        { host, shared, signal, emit: report.emit },
        async (cluster) => {
          const created = await createTopic(
            cluster,
            {
              name,
              partitions: options.partitions ?? -1,
              replication: options.replication ?? -1,
              config: options.config ?? {},
            },
            { ifNotExists: options.ifNotExists === true },
          );
          const wanted = { name, partitions: options.partitions };
          if (created) {
            await waitForTopics([wanted], { cluster, timeoutMs: settleMs, signal });
          }
          return { topic: name, created };
        },
      );
      report.result(document, () =>
        document.created ? `created topic ${name}\n` : `topic ${name} exists already\n`,
      );
    },
  );
}

function collectConfig(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  const key = text.slice(0, at);
  const value = at > 0 ? parseConfigValue(key, text.slice(at + 1)) : undefined;
  if (value === undefined) {
    throw new InvalidArgumentError("write key=value; *.ms take 7d, *.bytes take 64m.");
  }
  return { ...before, [key]: value };
}
