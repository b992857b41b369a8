import type { ContainerSpec, Observed } from "../../model/containers.ts";
import { containersOf } from "../../stack/services.ts";
import type { Stack } from "../../model/settings.ts";
import { autoPortCount, settle } from "../../stack/settle.ts";
import { imageNeeds } from "../../docker/images/image-needs.ts";
import { readTexts } from "./planning.ts";

/**
 * The containers that a file wants, for what asks about their names, limits and ports only: images are
 * not looked for, and a port that is not known yet is 0. Throws DpError `io-failed`.
 */
export async function expectedContainers(
  stack: Stack,
  observed: Observed,
): Promise<ContainerSpec[]> {
  const noImage = { ref: "", id: "" };
  const settled = settle({
    stack,
    observed,
    images: new Map(imageNeeds(stack).map(({ key }) => [key, noImage])),
    texts: await readTexts(stack),
    freePorts: Array.from({ length: autoPortCount(stack) }, () => 0),
    busyPorts: new Set(),
  });
  return containersOf(settled);
}
