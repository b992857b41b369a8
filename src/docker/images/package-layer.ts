import { DpError } from "../../errors.ts";
import type { ResolvedImage } from "../../model/containers.ts";
import type { Emit } from "../../model/events.ts";
import type { ImageSettings, Requirement } from "../../model/settings.ts";
import type { Engine } from "../engine/connect.ts";
import { runStep } from "../engine/step.ts";
import { runBuild } from "./build.ts";
import { readHostCa, readProxyArgs, type Environment } from "./host-settings.ts";
import { packageFailure } from "./package-errors.ts";
import { parseOutputLine, type MovedPackage } from "./package-output.ts";
import { findImages, type PresentImage } from "./present.ts";
import { hashFiles, readPackageRecipe } from "./recipes.ts";
import { imageLabels } from "./service-build.ts";

/** The packages of pipeline.yaml that an image of a stack gets on top. */
export interface ImagePackages {
  readonly project: string;
  /** What runs the image: `airflow`, or `runtime` for steps without Airflow. */
  readonly service: "airflow" | "runtime";
  /** In the environment of Airflow. */
  readonly airflow: readonly Requirement[];
  /** In the environment of pipeline steps. */
  readonly python: readonly Requirement[];
}

interface Query {
  readonly engine: Pick<Engine, "find">;
  readonly packages: ImagePackages;
  /** The image without them. */
  readonly base: ResolvedImage;
  readonly signal: AbortSignal;
}

/**
 * `dp-<project>-<service>:` and 12 hex digits of a hash over the base, the recipe, and the packages:
 * another order or comment in a requirements file builds nothing.
 */
export function packageLayerTag(packages: ImagePackages, base: ResolvedImage): string {
  const files = [...contextOf(packages), { path: "BASE", content: base.id }];
  return `dp-${packages.project}-${packages.service}:${hashFiles(files).slice(0, 12)}`;
}

/** The image with the packages, as the engine has it. Builds nothing. */
export async function findPackageLayer(
  query: Query,
): Promise<{ readonly tag: string; readonly image: PresentImage | undefined }> {
  const { engine, packages, base, signal } = query;
  const tag = packageLayerTag(packages, base);
  const present = await findImages({ engine, refs: [tag], signal });
  return { tag, image: present.get(tag) };
}

export interface PackageLayerOptions extends Query {
  readonly engine: Pick<Engine, "get" | "find" | "client">;
  readonly settings: ImageSettings;
  readonly emit: Emit;
  readonly env: Environment;
  /** `always` builds even when nothing has changed. */
  readonly when: "changed" | "always";
}

/**
 * The image with the packages, built where the list, the base, or the recipe has changed. A build that
 * fails leaves no image. Throws DpError `image-missing`, or `build-failed` with the installer's message.
 */
export async function ensurePackageLayer(options: PackageLayerOptions): Promise<ResolvedImage> {
  const { engine, packages, base, settings, emit, signal, env, when } = options;
  const { tag, image } = await findPackageLayer(options);
  if (image && when === "changed") return { ref: tag, id: image.id, packagesOn: base.id };
  if (settings.build === "never") {
    throw new DpError({
      code: "image-missing",
      message: `no image of ${packages.service} with the Python packages of pipeline.yaml`,
      why: "images.build is never",
      next: "set images.build to auto, or remove the requirements",
    });
  }
  const docker = await engine.client();
  const output: string[] = [];
  const work = (): Promise<void> =>
    runBuild({
      docker,
      tag,
      files: [...contextOf(packages), readHostCa(env)],
      labels: imageLabels(packages),
      buildArgs: { ...readProxyArgs(env), BASE: base.ref },
      emit: (event) => {
        const parsed = event.type === "log" ? parseOutputLine(event.line) : undefined;
        if (event.type === "log") output.push(event.line);
        if (parsed?.moved) noteMoved(parsed.moved, emit);
        if (!parsed) emit(event);
      },
      signal,
    });
  await runStep({ emit, action: "build", target: tag, work }).catch((thrown: unknown) => {
    if (!(thrown instanceof DpError) || thrown.code !== "build-failed") throw thrown;
    throw packageFailure({ failure: thrown, output, packages }) ?? thrown;
  });
  const { Id: id } = await engine.get<{ readonly Id: string }>(`/images/${tag}/json`, signal);
  return { ref: tag, id, packagesOn: base.id };
}

function noteMoved(moved: readonly MovedPackage[], emit: Emit): void {
  if (moved.length === 0) return;
  const list = moved.map((one) => `${one.package} ${one.from} -> ${one.to}`).join(", ");
  const text = `the packages of pipeline.yaml changed versions of the image: ${list}`;
  emit({ type: "note", level: "info", text });
}

function contextOf({ airflow, python }: ImagePackages) {
  return [
    ...readPackageRecipe(),
    { path: "requirements/airflow.txt", content: linesOf(airflow) },
    { path: "requirements/python.txt", content: linesOf(python) },
  ];
}

function linesOf(requirements: readonly Requirement[]): string {
  const lines = new Set(requirements.map(({ text }) => `${text}\n`));
  return [...lines].toSorted().join("");
}
