import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readHostCa } from "../../../src/docker/images/host-settings.ts";
import { createFifo, createFolder } from "../../support/fifo.ts";

test("reads the first bundle of certificates that exists", async () => {
  const bundle = join(await createFolder(), "ca.pem");
  await writeFile(bundle, "certificates");
  const env = { SSL_CERT_FILE: `${bundle}.missing`, NODE_EXTRA_CA_CERTS: bundle };
  expect(readHostCa(env).content.toString()).toBe("certificates");
});

test("reports a bundle of certificates that is a folder or a FIFO", async () => {
  const folder = await createFolder();
  const fifo = createFifo(folder, "ca.pem");
  for (const [file, kind] of [
    [folder, "folder"],
    [fifo, "FIFO"],
  ] as const) {
    expect(() => readHostCa({ SSL_CERT_FILE: file })).toThrow(
      expect.objectContaining({
        code: "io-failed",
        why: `${file} is a ${kind}, not a regular file`,
        next: "set SSL_CERT_FILE to a file with certificates in PEM",
      }),
    );
  }
});
