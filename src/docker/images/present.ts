import type { Engine } from "../engine/connect.ts";

export interface PresentImage {
  /** `sha256:…` */
  readonly id: string;
  readonly sizeBytes: number;
  /** What machines it is for, e.g. `linux/amd64`; undefined where it does not say. */
  readonly platform?: string | undefined;
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageInspect */
interface InspectedImage {
  readonly Id: string;
  readonly Size: number;
  readonly Os?: string;
  readonly Architecture?: string;
}

/**
 * Which of these images the engine has, under the names that were asked for. A request for each,
 * answered within a millisecond (a list of all images takes tens); no registry is contacted.
 */
export async function findImages(options: {
  readonly engine: Pick<Engine, "find">;
  readonly refs: readonly string[];
  readonly signal: AbortSignal;
}): Promise<ReadonlyMap<string, PresentImage>> {
  const { engine, refs, signal } = options;
  const found = await Promise.all(
    refs.map(async (ref) => {
      const image = await engine.find<InspectedImage>(`/images/${ref}/json`, signal);
      return image ? [[ref, toPresent(image)] as const] : [];
    }),
  );
  return new Map(found.flat());
}

function toPresent({ Id: id, Size: sizeBytes, Os: os, Architecture: processor }: InspectedImage) {
  return { id, sizeBytes, platform: os && processor ? `${os}/${processor}` : undefined };
}
