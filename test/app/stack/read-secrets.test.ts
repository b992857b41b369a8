import { expect, test } from "vitest";
import { secretsOfFile } from "../../../src/app/stack/read-secrets.ts";
import type { Host } from "../../../src/app/request.ts";

test("masks the values of .env also where one of its lines is not an assignment", () => {
  const dotenv = "export API_TOKEN='hunter2 # 3' # mine\nsome words\n";
  const host = { env: {} } as unknown as Host;
  const source = "name: ${NAME}\n";
  expect(secretsOfFile(host, { source, dotenv })).toEqual([
    { value: "hunter2 # 3", shown: "${API_TOKEN}" },
  ]);
});
