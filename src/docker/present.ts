import type { Engine } from "./connect.ts";
import { formatFamiliar, normalizeReference } from "./reference.ts";

export interface PresentImage {
  /** `sha256:…` */
  readonly id: string;
  readonly sizeBytes: number;
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageList */
interface ListedImage {
  readonly Id: string;
  readonly Size: number;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
}

/**
 * Which of these images the engine has, under the names that were asked for. One request, answered
 * in milliseconds; no registry is contacted.
 */
export async function findImages(options: {
  readonly engine: Pick<Engine, "get">;
  readonly refs: readonly string[];
  readonly signal: AbortSignal;
}): Promise<ReadonlyMap<string, PresentImage>> {
  const { engine, refs, signal } = options;
  const filters = encodeURIComponent(JSON.stringify({ reference: refs.map(formatFamiliar) }));
  const images = await engine.get<readonly ListedImage[]>(
    `/images/json?filters=${filters}`,
    signal,
  );
  const found = new Map<string, PresentImage>();
  for (const image of images) {
    const listed = [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])];
    const names = new Set(listed.map(normalizeReference));
    for (const ref of refs) {
      if (!names.has(normalizeReference(ref))) continue;
      found.set(ref, { id: image.Id, sizeBytes: image.Size });
    }
  }
  return found;
}
