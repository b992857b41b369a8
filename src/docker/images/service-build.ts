import { DpError } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import type { ResolvedImage } from "../../model/containers.ts";
import type { ImageSettings } from "../../model/settings.ts";
import { ensureBase } from "./base-image.ts";
import { runBuild } from "./build.ts";
import { readContext, type BuildContext } from "./build-context.ts";
import type { Engine } from "../engine/connect.ts";
import { isAlreadyDone, mendOf } from "../engine/engine-error.ts";
import { readProxyArgs, type Environment } from "./host-settings.ts";
import { findImages, type PresentImage } from "./present.ts";
import { hashFiles } from "./recipes.ts";
import { runStep } from "../engine/step.ts";

/** A service whose image is built from a folder of the user's. */
export interface BuiltService {
  readonly project: string;
  readonly service: string;
  /** Absolute path. */
  readonly folder: string;
}

export interface FoundBuild {
  /** `dp-<project>-<service>:<12 hex digits of the hash of the context>` */
  readonly tag: string;
  readonly context: BuildContext;
  /** Undefined where the folder has changed since the last build. */
  readonly image: PresentImage | undefined;
}

interface Query {
  readonly engine: Pick<Engine, "find">;
  readonly service: BuiltService;
  readonly signal: AbortSignal;
}

/** The image that the folder makes, as it is now. Builds nothing. Throws DpError `build-failed`. */
export async function findServiceBuild({ engine, service, signal }: Query): Promise<FoundBuild> {
  const context = await readContext(service.folder);
  const tag = `${repositoryOf(service)}:${hashFiles(context.files).slice(0, 12)}`;
  const present = await findImages({ engine, refs: [tag], signal });
  return { tag, context, image: present.get(tag) };
}

export interface ServiceBuildOptions extends Query {
  readonly engine: Pick<Engine, "get" | "find" | "client">;
  readonly settings: ImageSettings;
  readonly emit: Emit;
  readonly env: Environment;
  /** `always` builds even when the folder is as it was. */
  readonly when: "changed" | "always";
}

/**
 * The image of a service, built where its folder has changed. The argument BASE is the image that
 * dp's own builds start from. Throws DpError `build-failed` with the last lines of the failing step.
 */
export async function ensureServiceBuild(options: ServiceBuildOptions): Promise<ResolvedImage> {
  const { engine, service, signal, emit, env, when } = options;
  const { tag, context, image } = await findServiceBuild(options);
  if (image && when === "changed") return { ref: tag, id: image.id };
  const base: Record<string, string> = context.usesBase
    ? { BASE: await ensureBase({ ...options, offline: false }) }
    : {};
  const docker = await engine.client();
  const work = (): Promise<void> =>
    runBuild({
      docker,
      tag,
      files: labelled(context, service),
      buildArgs: { ...readProxyArgs(env), ...base },
      emit,
      signal,
    });
  await runStep({ emit, action: "build", target: tag, work }).catch((thrown: unknown) => {
    if (!(thrown instanceof DpError) || thrown.code !== "build-failed") throw thrown;
    const { code, why = "", evidence, cause } = thrown;
    const message = thrown.message.replace(tag, `the image of ${service.service}`);
    const next =
      mendOf([why, ...evidence]) ?? `mend ${service.folder}/Dockerfile, then run the command again`;
    throw new DpError({ code, message, why, evidence, next, cause });
  });
  const { Id: id } = await engine.get<{ readonly Id: string }>(`/images/${tag}/json`, signal);
  return { ref: tag, id };
}

function repositoryOf({ project, service }: BuiltService): string {
  return `dp-${project}-${service}`;
}

/**
 * Labels of their own: a container inherits its image's labels, and must not be taken for one of the
 * stack's only because somebody runs the image by hand.
 */
const projectLabel = "dp.image.project";
const serviceLabel = "dp.image.service";

/** The line of a Dockerfile for an image that is removed with the stack's next change. */
export function imageLabels({
  project,
  service,
}: Pick<BuiltService, "project" | "service">): string {
  return `\nLABEL ${projectLabel}="${project}" ${serviceLabel}="${service}"\n`;
}

/** The labels stand at the end of the Dockerfile, where they spoil no cached step. */
function labelled({ files }: BuildContext, service: BuiltService) {
  const labels = imageLabels(service);
  return files.map((file) =>
    file.path === "Dockerfile" ? { ...file, content: `${String(file.content)}${labels}` } : file,
  );
}

interface ListedImage {
  readonly RepoTags: readonly string[] | null;
}

/**
 * Removes the images that were built for services of a stack, except those to keep, and those that a
 * container still uses. Returns the names of the removed ones.
 */
export async function removeServiceBuilds(options: {
  readonly engine: Pick<Engine, "get" | "client">;
  readonly project: string;
  /** Only images of this service; of all when left out. */
  readonly service?: string;
  readonly keep: ReadonlySet<string>;
  readonly signal: AbortSignal;
}): Promise<string[]> {
  const { engine, project, service, keep, signal } = options;
  const ofService = service === undefined ? [] : [`${serviceLabel}=${service}`];
  const filters = JSON.stringify({ label: [`${projectLabel}=${project}`, ...ofService] });
  const path = `/images/json?filters=${encodeURIComponent(filters)}`;
  const images = await engine.get<readonly ListedImage[]>(path, signal);
  const old = images.flatMap(({ RepoTags: tags }) => tags ?? []).filter((tag) => !keep.has(tag));
  if (old.length === 0) return [];
  const client = await engine.client();
  const removed = await Promise.all(
    old.map(async (tag) => {
      try {
        await client.getImage(tag).remove();
        return [tag];
      } catch (thrown) {
        // 409: a container of another stack, or one made by hand, runs from it.
        if (isAlreadyDone(thrown) || (thrown as { statusCode?: number }).statusCode === 409) {
          return [];
        }
        throw thrown;
      }
    }),
  );
  return removed.flat();
}
