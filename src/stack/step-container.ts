import { dirname } from "node:path";
import type { BindMount, ContainerSpec, VolumeMount } from "../model/containers.ts";
import type { ContainerRun, Pipeline, Step } from "../model/pipelines.ts";
import type { ServiceSettings } from "../model/settings.ts";
import { fillAddresses, networkAddresses, type NamedStore } from "./network-addresses.ts";
import { mountsOf } from "./services/service.ts";

/** The container of a step, except what a run fills in. */
export interface StepContainer extends Pick<
  ContainerSpec,
  "memLimitBytes" | "cpus" | "user" | "workingDir" | "extraHosts" | "ulimits" | "stopTimeoutS"
> {
  /** Name of its image on the engine. */
  readonly image: string;
  /** Empty for the image's own. */
  readonly entrypoint: readonly string[];
  /** Arguments with their `{{ }}`; empty for the image's own. */
  readonly command: readonly string[];
  /** Values with their `{{ }}`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly binds: readonly BindMount[];
  readonly volumes: readonly VolumeMount[];
  /** Absolute path of the folder of pipeline.yaml: nothing outside it is mounted. */
  readonly projectFolder: string;
}

/** Parts of a stack that the containers of its steps are made of. */
export interface ContainerStack {
  readonly name: string;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  readonly kafka: { readonly brokers: number } | undefined;
  readonly stores: readonly NamedStore[];
  readonly services: readonly Omit<ServiceSettings, "ports" | "source">[];
  /** By key, see stepImageKey. */
  readonly stepImages: ReadonlyMap<string, string>;
}

/** Seconds between SIGTERM and SIGKILL for an image that no service describes. */
const stopTimeoutS = 10;

/** Throws RangeError for a service that the stack does not have: the rules of pipeline.yaml report it. */
export function stepContainer(run: ContainerRun, stack: ContainerStack): StepContainer {
  const { from, command } = run;
  const image = stack.stepImages.get(stepImageKey(from)) ?? "";
  const projectFolder = dirname(stack.file);
  if (from.kind === "image") {
    const none = { entrypoint: [], environment: {}, volumes: [], memLimitBytes: undefined };
    return { ...none, image, command, binds: from.binds, projectFolder, stopTimeoutS };
  }
  const service = stack.services.find(({ name }) => name === from.service);
  if (!service) throw new RangeError(`no service ${from.service}`);
  const addresses = networkAddresses(stack);
  return {
    image,
    entrypoint: service.entrypoint.map((word) => fillAddresses(word, addresses)),
    command: command.length > 0 ? command : service.command,
    environment: service.environment,
    ...mountsOf(stack.name, service),
    projectFolder,
    memLimitBytes: service.memLimitBytes,
    ...(service.cpus === undefined ? {} : { cpus: service.cpus }),
    ...(service.user === undefined ? {} : { user: service.user }),
    ...(service.workingDir === undefined ? {} : { workingDir: service.workingDir }),
    ...(service.extraHosts.length > 0 ? { extraHosts: service.extraHosts } : {}),
    ...(service.ulimits.length > 0 ? { ulimits: service.ulimits } : {}),
    stopTimeoutS: Math.ceil(service.stopGraceMs / 1000),
  };
}

/** The key of a step's image among the images of a stack; names of services have no colon. */
export function stepImageKey(from: ContainerRun["from"]): string {
  return from.kind === "image" ? `image:${from.ref}` : from.service;
}

/** Airflow does not start containers itself. */
export function needsRunner(stack: {
  readonly airflow: unknown;
  readonly pipelines: readonly Pipeline[];
}): boolean {
  return stack.airflow !== undefined && containerSteps(stack.pipelines).length > 0;
}

/** A step that a container of its own runs. */
export interface ContainerStep {
  readonly pipeline: string;
  readonly step: Step;
  readonly run: ContainerRun;
}

export function containerSteps(pipelines: readonly Pipeline[]): ContainerStep[] {
  return pipelines.flatMap(({ name: pipeline, steps }) =>
    steps.flatMap((step): ContainerStep[] =>
      step.work.kind === "run" && step.work.run.type === "container"
        ? [{ pipeline, step, run: step.work.run }]
        : [],
    ),
  );
}
