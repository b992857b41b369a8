import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { secretsOfFile } from "../../../src/cli/support/read-secrets.ts";
import type { Host } from "../../../src/cli/request.ts";
import { createFolder } from "../../support/fifo.ts";

test("masks the values of .env also where one of its lines is not an assignment", async () => {
  const folder = await createFolder();
  await writeFile(join(folder, ".env"), "export API_TOKEN='hunter2 # 3' # mine\nsome words\n");
  const host = { env: {} } as unknown as Host;
  const source = "name: ${NAME}\n";
  expect(await secretsOfFile(host, { file: join(folder, "pipeline.yaml"), source })).toEqual([
    { value: "hunter2 # 3", shown: "${API_TOKEN}" },
  ]);
});
