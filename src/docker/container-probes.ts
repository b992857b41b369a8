import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { DpError } from "../errors.ts";
import type { ProbeResult } from "../stack/model.ts";
import { runInContainer } from "./exec.ts";
import { readLogs } from "./logs.ts";

/** What is asked of the engine about one container. */
export interface ContainerProbe {
  readonly client: Dockerode;
  readonly container: string;
  readonly signal: AbortSignal;
}

const commandMs = 10_000;
/** Each round costs the engine some calls. */
const pauseMs = 100;
const steadyMs = 1000;
/** Long enough that the clocks of two machines may differ a little. */
const longUpMs = 5000;

/** Ready when a command in the container ends with 0. */
export async function checkExec(
  { client, container, signal }: ContainerProbe,
  command: readonly string[],
): Promise<ProbeResult> {
  const waitingFor = await runCommand().catch((thrown: unknown) => {
    signal.throwIfAborted();
    if (thrown instanceof DpError) return thrown.why ?? thrown.message;
    throw thrown;
  });
  if (waitingFor === undefined) return { ready: true };
  await sleep(pauseMs, undefined, { signal });
  return { ready: false, waitingFor };

  async function runCommand(): Promise<string | undefined> {
    const handle = client.getContainer(container);
    const limits = { timeoutMs: commandMs, signal };
    const { exitCode, stdout, stderr } = await runInContainer({
      container: handle,
      command,
      ...limits,
    });
    if (exitCode === 0) return undefined;
    const said = (stderr.trim() || stdout.trim()).split("\n").at(-1);
    return `${command.join(" ")} ends with ${exitCode}${said ? `: ${said}` : ""}`;
  }
}

/** Ready when the container has written a line that matches, since its last start. */
export async function checkLog(
  { client, container, signal }: ContainerProbe,
  pattern: string,
): Promise<ProbeResult> {
  const handle = client.getContainer(container);
  const { State: state } = await handle.inspect({ abortSignal: signal });
  const since = fixedTime(state.StartedAt);
  const expression = new RegExp(pattern);
  const query = { follow: false, since: Math.floor(Date.parse(state.StartedAt) / 1000) };
  for await (const { time, text } of readLogs(handle, query, signal)) {
    if (fixedTime(time) >= since && expression.test(text)) return { ready: true };
  }
  await sleep(pauseMs, undefined, { signal });
  return { ready: false, waitingFor: `no line of its log matches ${pattern}` };
}

/** RFC 3339 in UTC with all nine digits of a second, so that times compare as text. */
function fixedTime(time: string): string {
  const [whole = "", fraction = ""] = time.replace("Z", "").split(".");
  return `${whole}.${fraction.padEnd(9, "0")}`;
}

/** Ready when the container has stayed up for a second. */
export async function checkRunning(probe: ContainerProbe): Promise<ProbeResult> {
  const before = await startOf(probe);
  if (before === undefined) return { ready: false, waitingFor: "it does not run" };
  if (Date.now() - Date.parse(before) > longUpMs) return { ready: true };
  await sleep(steadyMs, undefined, { signal: probe.signal });
  return before === (await startOf(probe))
    ? { ready: true }
    : { ready: false, waitingFor: "it did not stay up for a second" };
}

/** When it started, if it runs. */
async function startOf({ client, container, signal }: ContainerProbe): Promise<string | undefined> {
  const { State: state } = await client.getContainer(container).inspect({ abortSignal: signal });
  return state.Running ? state.StartedAt : undefined;
}
