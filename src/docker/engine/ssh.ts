import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { Agent } from "node:http";
import type { Socket } from "node:net";
import { unescape } from "node:querystring";
import { Duplex } from "node:stream";
import { DpError } from "../../errors.ts";

/** sshd may drop connections while ten others are logging in (`MaxStartups 10:30:100`). */
const loginsAtOnce = 5;
/** After this a connection no longer counts as logging in, whatever it says, in milliseconds. */
const longLoginMs = 2000;

/** What ssh wrote to stderr when a connection failed. */
export interface SshFailure extends Error {
  readonly sshLines: readonly string[];
}

/**
 * Connections to the engine of another machine, each through its own `ssh HOST docker system
 * dial-stdio`, as docker's own client has it; one that a request has left is used again. The user's
 * ssh settings count (keys, jump hosts, multiplexing), but ssh never asks anything.
 * `url` is `ssh://[user@]host[:port][/path of the socket there]`; throws DpError `no-engine` for others.
 * https://github.com/docker/cli/tree/master/cli/connhelper
 */
export function createSshAgent(url: string): Agent {
  const command = sshCommand(url);
  const waiting: (() => void)[] = [];
  let loggingIn = 0;
  const next = (): void => {
    if (loggingIn >= loginsAtOnce) return;
    const begin = waiting.shift();
    if (begin) begin();
  };
  const createConnection: Agent["createConnection"] = (_options, callback) => {
    waiting.push(() => {
      loggingIn++;
      callback?.(null, dial(command, onLogin));
    });
    next();
    return undefined;
  };
  const onLogin = (): void => {
    loggingIn--;
    next();
  };
  return Object.assign(new Agent({ keepAlive: true }), { createConnection });
}

/** The arguments of ssh. */
export function sshCommand(url: string): string[] {
  const { hostname, port, username, password, pathname, search, hash } = parseSshUrl(url);
  if (hostname === "" || password !== "" || search !== "" || hash !== "") {
    throw new DpError({
      code: "no-engine",
      message: `"${password === "" ? url : "ssh://…"}" is no address that ssh can be given`,
      next: "write ssh://user@host, ssh://user@host:port or ssh://user@host/path/of/docker.sock",
    });
  }
  const socket = unescape(pathname);
  const engine = socket === "" || socket === "/" ? "" : ` --host ${quote(`unix://${socket}`)}`;
  return [
    "-T",
    "-oConnectTimeout=30",
    "-oBatchMode=yes",
    ...(username === "" ? [] : ["-l", unescape(username)]),
    ...(port === "" ? [] : ["-p", port]),
    "--",
    hostname.replaceAll(/^\[|\]$/g, ""),
    `docker${engine} system dial-stdio`,
  ];
}

function parseSshUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    return new URL("ssh:");
  }
}

/** For the shell at the other end. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Calls `onLogin` once: when the engine has said something, or it won't. */
function dial(command: readonly string[], onLogin: () => void): Duplex {
  const child = spawn("ssh", command, { stdio: "pipe" });
  const lines: string[] = [];
  let told = false;
  const login = (): void => {
    if (told) return;
    told = true;
    clearTimeout(timer);
    onLogin();
  };
  const timer = setTimeout(login, longLoginMs);
  const stream = createStream(child);
  let heard = false;
  child.stdout.on("data", (chunk: Buffer) => {
    heard = true;
    login();
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.stdout.on("end", () => {
    if (heard) stream.push(null);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => lines.push(text));
  // What is written to a program that ended is told by its end.
  child.stdin.on("error", () => undefined);
  child.on("error", (error) => stream.destroy(error));
  child.on("close", (code) => {
    login();
    if (!heard) stream.destroy(sshFailure(code, lines.join("")));
  });
  return stream;
}

/** What a program reads and writes, with what node's http expects of a socket besides. */
function createStream(child: ChildProcessWithoutNullStreams): Duplex {
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => void child.stdout.resume(),
    write: (chunk, encoding, done) => void child.stdin.write(chunk, encoding, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  // Pipes are sockets, whatever their type says.
  const handles = [child, child.stdin, child.stdout, child.stderr] as unknown as Socket[];
  const noop = (): Duplex => stream;
  return Object.assign(stream, {
    setKeepAlive: noop,
    setNoDelay: noop,
    setTimeout: noop,
    ref: () => handles.forEach((handle) => handle.ref()),
    unref: () => handles.forEach((handle) => handle.unref()),
  });
}

function sshFailure(code: number | null, text: string): SshFailure {
  const sshLines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const message = sshLines.at(-1) ?? `ssh ended with code ${code} and no word`;
  return Object.assign(new Error(message), { sshLines });
}
