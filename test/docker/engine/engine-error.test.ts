import { expect, test } from "vitest";
import { DpError, isBug } from "../../../src/errors.ts";
import {
  isImageGone,
  isLost,
  mendOf,
  toEngineError,
} from "../../../src/docker/engine/engine-error.ts";
import { takenPortOf } from "../../../src/docker/stack/ports.ts";

/** What the client throws for a call that the engine refused. */
function refusal(message: string): Error {
  return Object.assign(new Error(`(HTTP code 500) server error - ${message} `), {
    statusCode: 500,
    json: { message },
  });
}

function told(message: string): DpError {
  return toEngineError(refusal(message), "start api") as DpError;
}

test.each([
  [
    "driver failed programming external connectivity on endpoint shop-api: Bind for 127.0.0.1:8085 failed: port is already allocated",
    "can't start api: a port is taken",
    "port: auto",
  ],
  [
    "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
    "no addresses left for another network",
    "docker network prune",
  ],
  [
    "all predefined address pools have been fully subnetted",
    "no addresses left for another network",
    "default-address-pools",
  ],
  [
    "write /var/lib/docker/tmp/x: no space left on device",
    "the engine's disk is full",
    "docker system df",
  ],
  [
    "error while removing network: network shop id 42 has active endpoints",
    "a container is still attached to the network",
    "docker network inspect",
  ],
  [
    "iptables failed: iptables: No chain/target/match by that name.",
    "the engine's firewall rules are gone",
    "restart the engine",
  ],
  [
    'OCI runtime create failed: exec: "sevre": executable file not found in $PATH: unknown',
    "its image can't run that command",
    "`command`",
  ],
  [
    "standard_init_linux.go:228: exec user process caused: exec format error",
    "its image is for another processor",
    "platform",
  ],
])("%s must be told with its mend", (words, message, next) => {
  const failure = told(words);
  expect(failure.message).toContain(message);
  expect(failure.why).toBe(words);
  expect(failure.next).toContain(next);
});

test("words that mean nothing to dp must be passed on, with the call", () => {
  expect(told("a plugin broke")).toMatchObject({
    code: "engine-failed",
    message: "the engine could not start api",
    why: "a plugin broke",
  });
});

test("a call without an answer must be told as a lost engine", () => {
  const broken = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  expect(toEngineError(broken, "start api")).toMatchObject({
    code: "no-engine",
    message: "lost the engine while trying to start api",
    why: "socket hang up",
  });
});

test("the taken port must be read from all that tell it", () => {
  const ports = [
    "Bind for 127.0.0.1:9092 failed: port is already allocated",
    "Error starting userland proxy: listen tcp4 127.0.0.1:9092: bind: address already in use",
    "rootlessport listen tcp 127.0.0.1:9092: bind: address already in use",
    "failed to bind host port for 127.0.0.1:9092:10.213.1.3:7000/tcp: address already in use",
    "failed to bind host port for [::1]:9092:[fd00::3]:7000/tcp: address already in use",
    "failed to bind host port 127.0.0.1:9092/tcp: address already in use",
  ].map((words) => takenPortOf(told(words)));
  expect(ports).toEqual(Array.from({ length: 6 }, () => 9092));
  const found = new DpError({ code: "port-taken", message: "port 9092 is taken" });
  expect(takenPortOf(found)).toBe(9092);
  expect(takenPortOf(told("a plugin broke at 127.0.0.1:9092: bind: no"))).toBeUndefined();
});

test("a log must be searched for faults of the machine, and for nothing else", () => {
  expect(mendOf(["starting", "java.io.IOException: No space left on device"])).toContain("free");
  expect(mendOf(["Address already in use", "network has active endpoints"])).toBeUndefined();
});

test("reports a bug in dp as it is, not as a failure of the engine", () => {
  const bug = new TypeError("tar.pack is not a function");
  expect(toEngineError(bug, "start api")).toBe(bug);
  expect(isLost(bug)).toBe(false);
});

test("takes what the network or Node's input checks throw for no bug in dp", () => {
  const fetchFailed = new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
  const badPort = Object.assign(new RangeError("port"), { code: "ERR_SOCKET_BAD_PORT" });
  const failures = [fetchFailed, badPort, new Error("reset")];
  expect(failures.filter(isBug)).toEqual([]);
});

test("takes an image that another call removed meanwhile for removed", () => {
  expect(isImageGone(refusal("unrecognized image ID sha256:b83b487e"))).toBe(true);
  expect(isImageGone(refusal("no space left on device"))).toBe(false);
});
