import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { createArchive } from "../../src/docker/archive.ts";

export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`: engines speak plain HTTP to loopback addresses. */
  readonly host: string;
}

/**
 * As much of a registry as a pull needs (https://github.com/opencontainers/distribution-spec): it
 * has `good/image:1`, an image of one file, and `broken/image:1`, whose layer is not what its
 * manifest says. All else is unknown. With `login`, it wants that user:password.
 */
export async function startRegistry(login?: string): Promise<FakeRegistry> {
  // The content differs from run to run: a layer that the engine has is not pulled again.
  const tar = createArchive({ entries: [{ path: "hello", content: `hello ${Date.now()}\n` }] });
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    }),
  );
  const blobs = new Map([
    [digestOf(layer), layer],
    [digestOf(config), config],
  ]);
  const manifests = new Map([
    ["good/image", formatManifest(config, { digest: digestOf(layer), size: layer.length })],
    [
      "broken/image",
      formatManifest(config, { digest: digestOf(Buffer.from("x")), size: layer.length }),
    ],
  ]);
  blobs.set(digestOf(Buffer.from("x")), layer);

  const server = createServer((request, response) => {
    if (login !== undefined && request.headers.authorization !== basicAuth(login)) {
      response.setHeader("www-authenticate", 'Basic realm="test"');
      answer(response, 401, formatErrors("UNAUTHORIZED", "authentication required"));
      return;
    }
    route(request, response);
  });

  function route(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "";
    const [, repository, kind, name = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const manifest = manifests.get(repository ?? "");
    const blob = blobs.get(name);
    if (url === "/v2/") answer(response, 200, Buffer.from("{}"));
    else if (kind === "blobs" && blob) answer(response, 200, blob, "application/octet-stream");
    else if (manifest && kind === "manifests" && [digestOf(manifest), "1"].includes(name)) {
      response.setHeader("docker-content-digest", digestOf(manifest));
      answer(response, 200, manifest, "application/vnd.docker.distribution.manifest.v2+json");
    } else answer(response, 404, formatErrors("MANIFEST_UNKNOWN", "manifest unknown"));
  }

  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  response: ServerResponse,
  status: number,
  body: Buffer,
  type = "application/json",
): void {
  response.writeHead(status, { "content-type": type, "content-length": body.length }).end(body);
}

function formatErrors(code: string, message: string): Buffer {
  return Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
}

function formatManifest(
  config: Buffer,
  layer: { readonly digest: string; readonly size: number },
): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: {
        mediaType: "application/vnd.docker.container.image.v1+json",
        size: config.length,
        digest: digestOf(config),
      },
      layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", ...layer }],
    }),
  );
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function basicAuth(login: string): string {
  return `Basic ${Buffer.from(login).toString("base64")}`;
}
