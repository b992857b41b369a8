import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { trustInEachStage, withPrivateCa } from "../../../src/docker/images/private-ca.ts";
import { createFolder } from "../../support/fifo.ts";

const added = /^COPY \.dp-host-ca\.crt \/tmp\/dp-host-ca\.crt\nARG SSL_CERT_FILE=/;

test.each([
  ["FROM scratch", ["FROM scratch"]],
  ["ARG BASE\nFROM ${BASE}\nRUN x", ["FROM ${BASE}"]],
  ["from a as b\nRUN x\n  FROM b\nRUN y\n", ["from a as b", "  FROM b"]],
  ["FROM \\\n # why\n  a \\\n  AS b\nRUN x", ["  AS b"]],
  ["FROM a\r\nRUN x\r\n", ["FROM a\r"]],
])("each stage of %j trusts the certificates after %j", (dockerfile, lines) => {
  const built = trustInEachStage(dockerfile);
  const parts = built.split(/(?<=\n)(?=COPY \.dp-host-ca)/);
  expect(parts.length - 1).toBe(lines.length);
  for (const [index, line] of lines.entries()) {
    expect(parts[index]?.endsWith(`${line}\n`)).toBe(true);
    expect(parts[index + 1]).toMatch(added);
  }
  const kept = built
    .split("\n")
    .filter((line) => !/^(?:COPY \.dp-host|ARG \w+=\/tmp\/dp-)/.test(line));
  expect(kept.join("\n")).toBe(dockerfile);
});

test.each(["RUN echo FROM a", "RUN a \\\n  FROM b", "# FROM a", "RUN a \\\n# FROM b\n  FROM c"])(
  "%j starts no stage",
  (dockerfile) => {
    expect(trustInEachStage(dockerfile)).toBe(dockerfile);
  },
);

test("a build gets certificates only from a machine that names its own", async () => {
  const bundle = join(await createFolder(), "ca.pem");
  await writeFile(bundle, "certificates");
  const files = [
    { path: "Dockerfile", content: "FROM not-this-one" },
    { path: "docker/api", content: "FROM a" },
  ];
  const context = { files, usesBase: false };
  const dockerfile = "docker/api";
  expect(withPrivateCa({ context, dockerfile, env: {} })).toEqual({ files, dockerfile });
  const built = withPrivateCa({ context, dockerfile, env: { SSL_CERT_FILE: bundle } });
  expect(built.files[0]).toEqual(files[0]);
  expect(built.files[1]?.content).toContain("COPY .dp-host-ca.crt");
  expect(built.files[2]).toEqual({ path: ".dp-host-ca.crt", content: Buffer.from("certificates") });
});
