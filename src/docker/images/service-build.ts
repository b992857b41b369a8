import { DpError } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import type { ResolvedImage } from "../../model/containers.ts";
import type { BuildSettings, ImageSettings } from "../../model/settings.ts";
import type { ArchiveEntry } from "../exec/archive.ts";
import { ensureBase } from "./base-image.ts";
import { runBuild } from "./build.ts";
import { readContext, type BuildContext } from "./build-context.ts";
import { withPrivateCa } from "./private-ca.ts";
import type { Engine } from "../engine/connect.ts";
import { isAlreadyDone, isImageGone, mendOf, statusOf } from "../engine/engine-error.ts";
import { readProxyArgs, type Environment } from "./host-settings.ts";
import { findImages, type PresentImage } from "./present.ts";
import { hashFiles } from "./recipes.ts";
import { runStep } from "../engine/step.ts";

/** The engine's own default: images of plain folders keep the tags that they have. */
const defaultDockerfile = "Dockerfile";

/** A service whose image is built from a folder of the user's. */
export interface BuiltService extends BuildSettings {
  readonly project: string;
  readonly service: string;
}

export interface FoundBuild {
  /** `dp-<project>-<service>:<12 hex digits of the hash of the context and the settings>` */
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
  const context = await readContext(service.folder, service.dockerfile);
  const files = [...context.files, ...settingsEntry(service)];
  const tag = `${repositoryOf(service)}:${hashFiles(files).slice(0, 12)}`;
  const present = await findImages({ engine, refs: [tag], signal });
  return { tag, context, image: present.get(tag) };
}

/** What decides the image besides its files. Nothing for a plain folder. */
function settingsEntry({ dockerfile, args, target }: BuildSettings): ArchiveEntry[] {
  const isPlain =
    dockerfile === defaultDockerfile && target === undefined && Object.keys(args).length === 0;
  const inOrder = Object.entries(args).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const content = JSON.stringify([dockerfile, target ?? "", inOrder]);
  return isPlain ? [] : [{ path: "", content }];
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
      ...withPrivateCa({ context, dockerfile: service.dockerfile, env }),
      buildArgs: { ...readProxyArgs(env), ...base, ...service.args },
      target: service.target,
      labels: imageLabels(service),
      emit,
      signal,
    });
  await runStep({ emit, action: "build", target: tag, work }).catch((thrown: unknown) => {
    if (!(thrown instanceof DpError) || thrown.code !== "build-failed") throw thrown;
    const { code, why = "", evidence, cause } = thrown;
    const message = thrown.message.replace(tag, `the image of ${service.service}`);
    const next =
      mendOf([why, ...evidence]) ??
      `mend ${service.folder}/${service.dockerfile}, then run the command again`;
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

/** The labels of an image that is removed with the stack's next change. */
export function imageLabels({
  project,
  service,
}: Pick<BuiltService, "project" | "service">): Record<string, string> {
  return { [projectLabel]: project, [serviceLabel]: service };
}

interface ListedImage {
  readonly Id: string;
  /** `<none>:<none>`, or nothing, for an image whose name went to a newer build. */
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
  const old = images.flatMap(namesOf).filter((name) => !keep.has(name));
  if (old.length === 0) return [];
  const client = await engine.client();
  const removed = await Promise.all(
    old.map(async (name) => {
      try {
        await client.getImage(name).remove();
        return [name];
      } catch (thrown) {
        if (isImageGone(thrown)) return [name];
        // 409: a container of another stack, or one made by hand, runs from it.
        if (isAlreadyDone(thrown) || statusOf(thrown) === 409) return [];
        throw thrown;
      }
    }),
  );
  return removed.flat();
}

/** What an image is removed by. */
function namesOf({ Id: id, RepoTags: tags }: ListedImage): readonly string[] {
  const names = (tags ?? []).filter((tag) => tag !== "<none>:<none>");
  return names.length === 0 ? [id] : names;
}
