import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

interface DescribeOptions {
  readonly all?: boolean;
}

export function topicDescribeCommand(host: CommandHost): Command {
  const command = new Command("describe")
    .argument("<topic...>", "Names of the topics")
    .option("-a, --all", "Show all configs, not only those that differ from the defaults");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic describe orders", "Show one topic"],
    ["dp topic describe orders payments", "Show several topics"],
    ["dp topic describe orders --all", "Show every config and where its value comes from"],
    ["dp topic describe orders --json", "Print one JSON document"],
  ]);
  return setAction<DescribeOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, names = []) => {
      const [{ describeTopics }, { documentOf, renderTopic }] = await Promise.all([
        import("../../../kafka/topics/describe-topics.ts"),
        import("./described.ts"),
      ]);
      const described = await withCluster({ host, shared, signal }, (cluster) =>
        describeTopics(cluster, [...new Set(names)]),
      );
      const topics = described.map((topic) => documentOf(topic, { all: options.all === true }));
      report.result({ topics }, (view) =>
        topics.map((topic) => renderTopic(topic, view)).join("\n"),
      );
    },
  );
}
