import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { endProcesses } from "./end-processes.ts";
import { unusedPort } from "./unused-port.ts";
import { until } from "./until.ts";

export interface SshServer extends AsyncDisposable {
  /** `ssh://user@127.0.0.1:PORT`. */
  readonly url: string;
  readonly folder: string;
  /**
   * A folder for PATH with an `ssh` that takes the server's key and the user's from `folder`, instead
   * of from the home of who runs the tests; `options` come first, as `-oName=value`.
   */
  createClient(name: string, options?: readonly string[]): Promise<string>;
}

/** Starts a sshd of our own on a free port of the loopback, with keys of its own. */
export async function startSshServer(): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), "dp-ssh-"));
  const port = await unusedPort();
  const newKey = (name: string) =>
    execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  await Promise.all(["host", "user"].map(newKey));
  const hostKey = await readFile(join(folder, "host.pub"), "utf8");
  await writeFile(join(folder, "known"), `[127.0.0.1]:${port} ${hostKey}`);
  const settings = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/user.pub`,
    `PidFile ${folder}/pid`,
    "StrictModes no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
  ];
  await writeFile(join(folder, "config"), `${settings.join("\n")}\n`);
  // Where sshd leaves its privileges; the package makes it when the machine starts.
  await mkdir("/run/sshd", { recursive: true });
  const log = join(folder, "log");
  const sshd = execa("/usr/sbin/sshd", ["-D", "-f", join(folder, "config"), "-E", log], {
    stdio: "ignore",
    reject: false,
  });
  await until(async () => sshd.exitCode !== null || (await listens(port)));
  if (sshd.exitCode !== null) throw new Error(await readFile(log, "utf8"));
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    folder,
    createClient: async (name, options = []) => {
      const bin = join(folder, name);
      await mkdir(bin);
      // Of an option that is given twice, ssh takes the first.
      const own = [
        ...options,
        "-F/dev/null",
        `-oUserKnownHostsFile=${folder}/known`,
        `-oIdentityFile=${folder}/user`,
        "-oIdentitiesOnly=yes",
      ];
      const script = `#!/bin/sh\nexec /usr/bin/ssh ${own.join(" ")} "$@"\n`;
      await writeFile(join(bin, "ssh"), script, { mode: 0o755 });
      return bin;
    },
    [Symbol.asyncDispose]: async () => {
      // Clients first: sshd then sees its sessions off.
      await endProcesses(`${folder}/known`);
      const children = `/proc/${sshd.pid}/task/${sshd.pid}/children`;
      await until(async () => (await readFile(children, "utf8")) === "");
      sshd.kill();
      await sshd;
      await rm(folder, { recursive: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
