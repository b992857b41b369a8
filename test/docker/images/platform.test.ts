import { expect, test } from "vitest";
import { foreignImage } from "../../../src/docker/images/platform.ts";

const ref = "registry.example/zookeeper:3";

test.each([
  ["linux/amd64", "linux/amd64"],
  ["linux/arm64", "linux/arm64"],
  ["linux/386", "linux/amd64"],
  ["linux/arm", "linux/arm64"],
])("an image for %s must be taken without a word on %s", (image, engine) => {
  expect(foreignImage({ ref, image, engine })).toBeUndefined();
});

test.each([
  ["linux/amd64", "linux/arm64"],
  ["linux/arm64", "linux/amd64"],
  ["linux/arm64", "linux/386"],
  ["windows/amd64", "linux/amd64"],
])("an image for %s must be told with both names on %s", (image, engine) => {
  const text = foreignImage({ ref, image, engine });
  expect(text).toContain(`${ref} is for ${image}, and the engine's machine is ${engine}`);
  expect(text).toContain(`docker pull --platform ${engine} ${ref}`);
});
