import { Command } from "commander";
import { observeStack } from "../../docker/observe.ts";
import { removeStack } from "../../docker/remove.ts";
import { removeRunContainers } from "../../docker/run-container.ts";
import { setAction, type Host } from "../context.ts";
import { withExamples, withSharedOptions } from "../options.ts";
import { findStack } from "../running.ts";
import { withStackLock } from "../stack-lock.ts";

interface DownOptions {
  readonly volumes?: boolean;
}

export function downCommand(host: Host): Command {
  const command = new Command("down").option("-v, --volumes", "remove the data, too");
  withSharedOptions(command);
  withExamples(command, [
    ["dp down", "stop everything, keep the data for the next dp up"],
    ["dp down --volumes", "leave nothing behind"],
    ["dp down --project shop -v", "works without the file: the engine knows the stack"],
  ]);
  return setAction<DownOptions>(command, host, async ({ shared, options, report, signal }) => {
    const { name, engine } = await findStack(host, shared);
    const volumes = options.volumes === true ? "remove" : "keep";
    const document = await withStackLock({ engine, project: name }, async () => {
      // A local run in the stack's network would keep that from going.
      const runs = await removeRunContainers({ engine, project: name, which: "all", signal });
      const observed = await observeStack(engine, name, signal);
      const client = await engine.client();
      const removed = await removeStack({ client, observed, volumes, emit: report.emit });
      return {
        project: name,
        containers: [...observed.containers.map((container) => container.name), ...runs],
        networks: observed.networks.map((network) => network.name),
        volumes: removed,
        keptVolumes: volumes === "keep" ? observed.volumes.map((volume) => volume.name) : [],
      };
    });
    report.result(document, ({ style }) => {
      const { containers, networks, keptVolumes } = document;
      const all = [...containers, ...networks, ...document.volumes];
      const removed = all.length > 0 ? `removed ${all.join(", ")}` : `nothing of ${name} was there`;
      const kept =
        keptVolumes.length > 0
          ? `kept ${keptVolumes.join(", ")} (dp down --volumes --project ${name} removes the data)\n`
          : "";
      return `${style.green("✔")} ${removed}\n${kept}`;
    });
  });
}
