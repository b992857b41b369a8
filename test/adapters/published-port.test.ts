import { readdir, readFile } from "node:fs/promises";
import { execa } from "execa";
import { expect, test } from "vitest";
import { runProbe } from "../../src/app/checks/probes.ts";
import type { ProbeResult } from "../../src/model/containers.ts";
import { engineClient } from "../support/docker.ts";
import { shellImage } from "../support/shell-service.ts";
import { uniqueName } from "../support/unique-name.ts";
import { until } from "../support/until.ts";

const containerPort = 7000;

interface Published extends AsyncDisposable {
  readonly hostPort: number;
  /** Starts a program in the container that takes connections on the port and stays silent. */
  listen(): Promise<unknown>;
  check(): Promise<ProbeResult>;
}

/** A container with a published port behind which nothing listens yet. */
async function publishPort(): Promise<Published> {
  const name = uniqueName("published");
  await execa("docker", ["network", "create", name]);
  const options = ["--name", name, "--network", name, "-p", `127.0.0.1:0:${containerPort}`];
  const command = ["sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait"];
  await execa("docker", ["run", "-d", "--rm", ...options, await shellImage(), ...command]);
  const { stdout } = await execa("docker", ["port", name, `${containerPort}`]);
  const hostPort = Number(stdout.split(":").at(-1));
  const address = { host: "127.0.0.1", port: hostPort };
  const context = { signal: new AbortController().signal, client: engineClient };
  const listener = `IO::Socket::INET->new(LocalPort => ${containerPort}, Listen => 5)`;
  const program = `use IO::Socket::INET; my $listener = ${listener}; sleep 600`;
  return {
    hostPort,
    listen: () => execa("docker", ["exec", "-d", name, "perl", "-e", program]),
    check: () => runProbe({ kind: "tcp", address, container: name, containerPort }, context),
    [Symbol.asyncDispose]: async () => {
      await execa("docker", ["rm", "-f", name]);
      await execa("docker", ["network", "rm", name]);
    },
  };
}

/** Freezes the engine's proxies of a port; none where the kernel forwards it. */
async function freezeProxies(hostPort: number): Promise<Disposable> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const frozen: number[] = [];
  for (const pid of pids) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (!command.includes(`docker-proxy\0`) || !command.includes(`\0-host-port\0${hostPort}\0`)) {
      continue;
    }
    process.kill(pid, "SIGSTOP");
    frozen.push(pid);
  }
  return {
    [Symbol.dispose]: () => {
      for (const pid of frozen) process.kill(pid, "SIGCONT");
    },
  };
}

test("a port behind a proxy too slow to close is not ready until a program listens", async () => {
  await using port = await publishPort();
  const missing = { ready: false, waitingFor: `port ${port.hostPort}: nothing listens` };
  expect(await port.check()).toEqual(missing);
  using _frozen = await freezeProxies(port.hostPort);
  expect(await port.check()).toEqual(missing);
  await port.listen();
  await until(async () => (await port.check()).ready);
});
