import type { Engine } from "../../docker/engine/connect.ts";
import type { Emit } from "../../model/events.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import { connect } from "./engine.ts";

/**
 * The profile of the last `dp up`, for a command that names none; undefined when there was none.
 * Without an engine there is no stack, and without profiles in the file nothing to ask for.
 */
export async function findLastProfile(
  host: Host,
  shared: SharedOptions,
): Promise<string | undefined> {
  const [{ mayTakeLastProfile }, { identifyStack }] = await Promise.all([
    import("../../config/load.ts"),
    import("../../config/identify.ts"),
  ]);
  const choice = { cwd: host.cwd, env: host.env, ...shared };
  if (!(await mayTakeLastProfile(choice))) return undefined;
  const engine = await connect(host, shared).catch(() => undefined);
  if (!engine) return undefined;
  const { observeProfile } = await import("../../docker/stack/last-profile.ts");
  const { name } = await identifyStack(choice);
  return (await observeProfile(engine, name, host.signal)) || undefined;
}

/** Labels stand on what is created: says so when an `up` with another profile created nothing. */
export async function tellForgottenProfile(up: {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { engine, stack, emit, signal } = up;
  const { observeProfile } = await import("../../docker/stack/last-profile.ts");
  const kept = (await observeProfile(engine, stack.name, signal)) ?? "";
  const { profile = "" } = stack;
  if (kept === profile) return;
  const name = (one: string): string => (one === "" ? "no profile" : `profile ${one}`);
  emit({
    type: "note",
    level: "warning",
    text: `no container had to be created: later commands take ${name(kept)}, not ${name(profile)}, unless --profile says so`,
  });
}
