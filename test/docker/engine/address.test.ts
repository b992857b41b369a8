import { expect, test } from "vitest";
import { isRemote } from "../../../src/docker/engine/address.ts";
import { createSshAgent, sshCommand } from "../../../src/docker/engine/ssh.ts";

test.each([
  ["unix:///var/run/docker.sock", false],
  ["tcp://127.0.0.1:2375", false],
  ["tcp://localhost:2375", false],
  ["tcp://localhost.example:2375", true],
  ["tcp://[::1]:2375", false],
  ["tcp://:2375", false],
  ["tcp://10.0.0.2:2376", true],
  ["ssh://ann@server", true],
  ["ssh://ann@127.0.0.1:2222/run/docker.sock", false],
])("%s must count as an engine of another machine: %s", (url, remote) => {
  expect(isRemote(url)).toBe(remote);
});

const shared = ["-T", "-oConnectTimeout=30", "-oBatchMode=yes"];

test.each([
  ["ssh://server", ["--", "server", "docker system dial-stdio"]],
  [
    "ssh://ann@server:2222",
    ["-l", "ann", "-p", "2222", "--", "server", "docker system dial-stdio"],
  ],
  [
    "ssh://[::1]/run/own docker.sock",
    ["--", "::1", "docker --host 'unix:///run/own docker.sock' system dial-stdio"],
  ],
])("%s must be what ssh is asked for", (url, command) => {
  expect(sshCommand(url)).toEqual([...shared, ...command]);
});

test("a password in an ssh address must be refused, and not be told", () => {
  expect(() => createSshAgent("ssh://ann:geheim@server")).toThrow(
    expect.objectContaining({
      code: "no-engine",
      message: expect.not.stringContaining("geheim"),
    }) as Error,
  );
});

test.each(["ssh://", "ssh://server?x=1"])("%s must be refused", (url) => {
  expect(() => createSshAgent(url)).toThrow(
    expect.objectContaining({ code: "no-engine" }) as Error,
  );
});
