import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { describeTags, formatTags } from "../../../src/docker/images/registry-tags.ts";

const { signal } = new AbortController();

test("the nearest tag must be told first, then those with the greatest numbers", () => {
  const tags = ["3.9.2", "10.0", "4.1.0", "latest", "4.10.0"];
  expect(formatTags("3.9.3", tags)).toBe("no tag 3.9.3; it has 3.9.2, latest, 10.0, 4.10.0, 4.1.0");
});

test("of many tags only some must be told, and how many there are", () => {
  const tags = Array.from({ length: 20 }, (_, index) => `${index + 1}.0`);
  expect(formatTags("elsewhere", tags)).toBe(
    "no tag elsewhere; it has 20.0, 19.0, 18.0, 17.0, 16.0, 15.0, 14.0, 13.0, and 12 more",
  );
});

/** A registry that wants a token, which its own server gives to ann alone. */
async function startTokenRegistry(): Promise<string> {
  const server = createServer(({ url = "", headers }, response) => {
    const { authorization } = headers;
    const host = `http://${headers.host}`;
    const isAnn = authorization === `Basic ${Buffer.from("ann:secret").toString("base64")}`;
    if (url === "/token?service=test&scope=repository%3Aown%2Fkafka%3Apull") {
      response.end(JSON.stringify({ token: isAnn ? "yes" : "no" }));
    } else if (authorization === "Bearer yes") {
      response.end(JSON.stringify({ name: "own/kafka", tags: ["1"] }));
    } else {
      const scope = "repository:own/kafka:pull";
      const challenge = `Bearer realm="${host}/token",service="test",scope="${scope}"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a registry that wants a token must be asked with one", async () => {
  const ref = `${await startTokenRegistry()}/own/kafka:2`;
  const auth = { username: "ann", password: "secret", serveraddress: "" };
  expect(await describeTags({ ref, auth, signal })).toBe("no tag 2; it has 1");
  expect(await describeTags({ ref, auth: undefined, signal })).toBeUndefined();
});

test("a registry that does not answer must leave a failure as it is", async () => {
  const ref = "127.0.0.1:1/own/kafka:2";
  expect(await describeTags({ ref, auth: undefined, signal })).toBeUndefined();
});
