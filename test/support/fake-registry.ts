import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { createArchive } from "../../src/docker/exec/archive.ts";

export interface BrokenRegistry extends AsyncDisposable {
  /** The name of an image whose layer is not what its manifest says. */
  readonly ref: string;
}

/**
 * As much of a registry as a pull of one broken image needs: no real one keeps such an image.
 * https://github.com/opencontainers/distribution-spec
 */
export async function startBrokenRegistry(): Promise<BrokenRegistry> {
  const tar = await createArchive({
    entries: [{ path: "hello", content: `hello ${Date.now()}\n` }],
  });
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    }),
  );
  const promised = digestOf(Buffer.from("something else"));
  const manifest = formatManifest(config, { digest: promised, size: layer.length });
  const blobs = new Map([
    [promised, layer],
    [digestOf(config), config],
  ]);
  const server = createServer(({ url = "" }, response) => {
    const [, kind, name = ""] = /^\/v2\/image\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const blob = blobs.get(name);
    if (url === "/v2/") answer(response, Buffer.from("{}"), "application/json");
    else if (kind === "blobs" && blob) answer(response, blob, "application/octet-stream");
    else if (kind === "manifests") {
      response.setHeader("docker-content-digest", digestOf(manifest));
      answer(response, manifest, "application/vnd.docker.distribution.manifest.v2+json");
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    ref: `127.0.0.1:${(server.address() as AddressInfo).port}/image:1`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, body: Buffer, type: string): void {
  response.writeHead(200, { "content-type": type, "content-length": body.length }).end(body);
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
