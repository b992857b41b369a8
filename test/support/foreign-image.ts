import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { createArchive } from "../../src/docker/exec/archive.ts";
import { engineClient } from "./docker.ts";

/**
 * An image for linux/arm64 whose one program no machine runs; engines before 23 give their own platform to
 * what they import, so it is loaded (https://github.com/moby/docker-image-spec, the v1.2 archive).
 */
export async function loadForeignImage(ref: string): Promise<AsyncDisposable> {
  const layer = await createArchive({
    entries: [{ path: "app", content: unrunnableProgram(), mode: 0o755 }],
  });
  const layerId = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
  const config = {
    architecture: "arm64",
    os: "linux",
    config: { Cmd: ["/app"] },
    rootfs: { type: "layers", diff_ids: [layerId] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [ref], Layers: ["layer.tar"] }];
  const image = await createArchive({
    entries: [
      { path: "config.json", content: JSON.stringify(config) },
      { path: "manifest.json", content: JSON.stringify(manifest) },
      { path: "layer.tar", content: layer },
    ],
  });
  const client = await engineClient();
  const loaded = await client.loadImage(Readable.from([image]), { quiet: true });
  for await (const _ of loaded) continue;
  return {
    [Symbol.asyncDispose]: async () => void (await client.getImage(ref).remove({ force: true })),
  };
}

/**
 * The header of an ELF file for AArch64 and nothing else. Its type is none of those that an emulator is
 * registered for, so that machines with one refuse it, too.
 */
function unrunnableProgram(): Buffer {
  const header = Buffer.alloc(64);
  header.write("\u007fELF\u0002\u0001\u0001", "latin1");
  // e_machine
  header.writeUInt16LE(183, 18);
  return header;
}
