import { DpError } from "../../errors.ts";
import { parseAddresses } from "../../kafka/connection/addresses.ts";
import type { ClientSettings } from "../../kafka/cluster/client-properties.ts";
import type { Security } from "../../kafka/connection/security.ts";
import { findFile } from "../../config/find.ts";
import type { Address } from "../../model/containers.ts";
import type { ClusterOptions, SharedOptions } from "../request.ts";
import type { Surroundings } from "./password.ts";

/** What named the addresses, as the user knows it. */
type Origin = "--brokers" | "bootstrap.servers" | "KAFKA_BOOTSTRAP_SERVERS";

/** The cluster that a command means: the stack's, or one at these addresses. */
export type ChosenCluster =
  | { readonly kind: "stack" }
  | {
      readonly kind: "external";
      readonly bootstrap: readonly Address[];
      readonly from: Origin;
      readonly security: Security | undefined;
      /** Keys of the client properties that mean nothing to dp. */
      readonly ignored: readonly string[];
    };

const variable = "KAFKA_BOOTSTRAP_SERVERS";

/**
 * `--brokers`, else `--client-properties`, else the stack; KAFKA_BOOTSTRAP_SERVERS only where nothing
 * else names a cluster: there is no pipeline.yaml, and neither `--file` nor `--project`. Throws DpError
 * `usage` for what contradicts or is missing. A command that `readsFile` itself may name both.
 */
export async function chooseCluster(
  host: Surroundings,
  shared: SharedOptions,
  { readsFile = false }: { readonly readsFile?: boolean } = {},
): Promise<ChosenCluster> {
  const { env, cwd } = host;
  const { cluster: options } = shared;
  const fromEnvironment = env[variable]?.trim() ?? "";
  if (options === undefined) {
    const isNamed = shared.project !== undefined || (env["DP_PROJECT"] ?? "") !== "";
    if (fromEnvironment === "" || isNamed) return { kind: "stack" };
    if (findFile({ cwd, env, file: shared.file }) !== undefined) return { kind: "stack" };
    const bootstrap = addressesOf(fromEnvironment, variable);
    return { kind: "external", bootstrap, from: variable, security: undefined, ignored: [] };
  }
  refuseStackOptions({ shared, options, readsFile });
  const settings = await readSettings(host, options);
  const { text, from } = namedBy(options, settings, fromEnvironment);
  const bootstrap = addressesOf(text, from);
  const { resolveSecurity } = await import("./access.ts");
  const security = await resolveSecurity(host, options, settings);
  return { kind: "external", bootstrap, from, security, ignored: settings?.ignored ?? [] };
}

async function readSettings(
  host: Surroundings,
  { clientProperties }: ClusterOptions,
): Promise<ClientSettings | undefined> {
  if (clientProperties === undefined) return undefined;
  const [{ readClientProperties }, { readSecret }] = await Promise.all([
    import("../../kafka/cluster/client-properties.ts"),
    import("../../kafka/cluster/read-pem.ts"),
  ]);
  const text = Buffer.from(await readSecret(clientProperties, host), "latin1").toString();
  return readClientProperties(text);
}

function namedBy(
  options: ClusterOptions,
  settings: ClientSettings | undefined,
  fromEnvironment: string,
): { readonly text: string; readonly from: Origin } {
  if (options.brokers !== undefined) return { text: options.brokers, from: "--brokers" };
  const bootstrap = settings?.bootstrap;
  if (bootstrap !== undefined) return { text: bootstrap, from: "bootstrap.servers" };
  if (fromEnvironment !== "") return { text: fromEnvironment, from: variable };
  throw new DpError({
    code: "usage",
    message: `${nameOfFirst(options)} needs --brokers`,
    why: "the brokers of a stack take connections without TLS and SASL",
    next: "add --brokers host:port",
  });
}

function addressesOf(text: string, from: Origin): readonly Address[] {
  const bootstrap = parseAddresses(text);
  if (!("wrong" in bootstrap)) return bootstrap;
  const isPortMissing = /^[^\s:/]+$/.test(bootstrap.wrong);
  throw new DpError({
    code: "usage",
    message: `${from} has no broker's address: "${bootstrap.wrong}"`,
    why: isPortMissing ? "the port is missing" : "an address is host:port",
    next: isPortMissing ? `${bootstrap.wrong}:9092` : "write host:port[,host:port]",
  });
}

function refuseStackOptions(given: {
  readonly shared: SharedOptions;
  readonly options: ClusterOptions;
  readonly readsFile: boolean;
}): void {
  const { shared, options, readsFile } = given;
  const { file, project, profile, set, context } = shared;
  const ofStack = { "--project": project, "--context": context };
  const ofFile = { "--file": file, "--profile": profile, "--set": set[0] };
  const refused = Object.entries(readsFile ? ofStack : { ...ofFile, ...ofStack });
  const stackOption = refused.find(([, value]) => value !== undefined)?.[0];
  if (stackOption === undefined) return;
  throw new DpError({
    code: "usage",
    message: `${nameOfFirst(options)} and ${stackOption} can't be used together`,
    why: `${stackOption} means a stack of dp, ${nameOfFirst(options)} any other cluster`,
    next: "leave one of them out",
  });
}

/** The option that was given, `--brokers` before all others. */
function nameOfFirst(cluster: ClusterOptions): string {
  const given = Object.entries(cluster).find(([, value]) => value !== undefined && value !== false);
  const name = given?.[0] ?? "brokers";
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
