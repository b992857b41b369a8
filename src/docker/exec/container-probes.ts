import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { DpError } from "../../errors.ts";
import type { ProbeResult } from "../../model/containers.ts";
import { runInContainer, UnstartedError } from "./exec.ts";
import { readLogs } from "./logs.ts";
import { readReadyCommand, runsReadyFile } from "./ready-file.ts";

/** What is asked of the engine about one container. */
export interface ContainerProbe {
  readonly client: Dockerode;
  readonly container: string;
  readonly signal: AbortSignal;
}

const defaultCommandMs = 10_000;
/** Each round costs the engine some calls. */
const pauseMs = 100;
const steadyMs = 1000;
/** Long enough that the clocks of two machines may differ a little. */
const longUpMs = 5000;

/** Ready when a command in the container exits with code 0. */
export async function checkExec(
  { client, container, signal }: ContainerProbe,
  check: { readonly command: readonly string[]; readonly timeoutMs?: number },
): Promise<ProbeResult> {
  const { command, timeoutMs = defaultCommandMs } = check;
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
    const run = { container: handle, timeoutMs, signal };
    const isFile = runsReadyFile(command);
    const { exitCode, stdout, stderr } = await runInContainer({ ...run, command }).catch(
      async (thrown: unknown) => {
        if (!isFile || !(thrown instanceof UnstartedError)) throw thrown;
        return runInContainer({ ...run, command: await readReadyCommand(handle, signal) });
      },
    );
    if (exitCode === 0) return undefined;
    const said = (stderr.trim() || stdout.trim()).split("\n").at(-1);
    const name = isFile ? "its ready command" : command.join(" ");
    return `${name} exited with code ${exitCode}${said ? `: ${said}` : ""}`;
  }
}

/** Ready when the container has written a line that matches, since its last start. */
export async function checkLog(
  { client, container, signal }: ContainerProbe,
  pattern: string,
): Promise<ProbeResult> {
  const handle = client.getContainer(container);
  const { State: state } = await handle.inspect({ abortSignal: signal });
  // The end of the last run: lines may bear an earlier time than the start that the engine notes.
  const since = fixedTime(state.FinishedAt);
  const expression = new RegExp(pattern);
  const query = {
    follow: false,
    since: Math.max(0, Math.floor(Date.parse(state.FinishedAt) / 1000)),
  };
  for await (const { time, text } of readLogs(handle, query, signal)) {
    if (fixedTime(time) > since && expression.test(text)) return { ready: true };
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
  const before = await stateOf(probe);
  if (!before.Running || before.Restarting) {
    await sleep(pauseMs, undefined, { signal: probe.signal });
    const exited = `it exited with code ${before.ExitCode}`;
    return { ready: false, waitingFor: before.Restarting ? `${exited}, and is restarted` : exited };
  }
  const { StartedAt: startedAt } = before;
  if (Date.now() - Date.parse(startedAt) > longUpMs) return { ready: true };
  await sleep(steadyMs, undefined, { signal: probe.signal });
  const after = await stateOf(probe);
  return after.Running && !after.Restarting && after.StartedAt === startedAt
    ? { ready: true }
    : { ready: false, waitingFor: "it did not stay up for a second" };
}

/** Ready when the container has ended with exit code 0. */
export async function checkCompleted(probe: ContainerProbe): Promise<ProbeResult> {
  const { Status: status, ExitCode: exitCode } = await stateOf(probe);
  if (status === "exited" && exitCode === 0) return { ready: true };
  await sleep(pauseMs, undefined, { signal: probe.signal });
  const waitingFor =
    status === "exited"
      ? `it ended with exit code ${exitCode}`
      : 'it has not ended yet (restart: "no" makes it a one-shot)';
  return { ready: false, waitingFor };
}

/** While the engine waits to start a container again it calls it running and restarting. */
async function stateOf({ client, container, signal }: ContainerProbe) {
  const { State: state } = await client.getContainer(container).inspect({ abortSignal: signal });
  return state;
}
