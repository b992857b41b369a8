import { parseVolume, shellWords } from "../container-forms.ts";
import { dependenciesOf, entriesOf, stepsOf, type WrittenStep } from "../written.ts";
import type { Path } from "../../stack/path.ts";
import { pathProblems } from "./paths.ts";
import type { Found, Rule } from "./rule.ts";
import { suggest } from "./suggest.ts";

type WrittenRun = Exclude<WrittenStep["run"], string | undefined>;

interface PlacedRun {
  readonly path: Path;
  readonly run: WrittenRun;
}

function runsOf({ spec }: Parameters<Rule>[0]): PlacedRun[] {
  return stepsOf(spec).flatMap(({ path, step: { run } }) =>
    typeof run === "object" ? [{ path: [...path, "run"], run }] : [],
  );
}

export const stepServicesExist: Rule = (input) => {
  const names = entriesOf(input.spec.services).map(([name]) => name);
  return runsOf(input).flatMap(({ path, run: { service } }): Found[] => {
    if (service === undefined || names.includes(service)) return [];
    return [
      {
        path: [...path, "service"],
        message: `service "${service}" not found`,
        hint: suggest({
          name: service,
          known: names,
          what: "services",
          otherwise: `add it: services: { ${service}: { image: NAME, scale: 0 } }`,
        }),
        given: [["services", service]],
      },
    ];
  });
};

/** Keys that only mean something where a container is started. */
export const containerKeysHaveContainers: Rule = (input) =>
  runsOf(input).flatMap(({ path, run }) => {
    const hasContainer = run.image !== undefined || run.service !== undefined;
    const found: Found[] = [];
    if (run.command !== undefined && !hasContainer) {
      found.push({
        path: [...path, "command"],
        on: "key",
        message: "command requires an image or a service",
        hint: "add image: NAME or service: NAME, or write the command as run: COMMAND",
        given: [
          [...path, "image"],
          [...path, "service"],
        ],
      });
    }
    if (run.volumes !== undefined && run.image === undefined) {
      found.push({
        path: [...path, "volumes"],
        on: "key",
        message: "volumes requires an image",
        hint: run.service === undefined ? "add image: NAME" : `move it to services.${run.service}`,
        given: [[...path, "image"]],
      });
    }
    return found;
  });

export const stepCommandsAreReadable: Rule = (input) =>
  runsOf(input).flatMap(({ path, run: { command } }) =>
    typeof command === "string" && shellWords(command) === undefined
      ? [
          {
            path: [...path, "command"],
            message: "a quote in the command is never closed",
            hint: 'write it as a list: ["sh", "-c", "…"]',
          },
        ]
      : [],
  );

/** The container of a step has no volume of its own: what it keeps is a folder of the project, or in a store. */
export const stepVolumesAreReadable: Rule = (input) =>
  runsOf(input).flatMap(({ path, run: { volumes = [] } }) =>
    volumes.flatMap((text, index): Found[] => {
      const at = [...path, "volumes", index];
      const volume = parseVolume(text);
      if (volume?.kind !== "bind") {
        return [
          {
            path: at,
            message: `"${text}" is not a folder or file to mount`,
            hint: 'write "./folder:/path/in/container", with :ro for read-only',
          },
        ];
      }
      const { source: written } = volume;
      return pathProblems({ at, written, want: "file or folder", rules: input });
    }),
  );

/** `up` creates volumes together with the containers of services. */
export const unstartedServicesHaveNoVolumes: Rule = ({ spec }) =>
  unstarted(spec).flatMap(([name, { volumes = [] }]) =>
    volumes.flatMap((text, index): Found[] => {
      const volume = parseVolume(text);
      if (volume?.kind !== "volume") return [];
      return [
        {
          path: ["services", name, "volumes", index],
          message: `the volume "${volume.name}" requires a service that runs, and "${name}" has scale: 0`,
          hint: `mount a folder: "./${volume.name}:${volume.target}"`,
          given: [["services", name, "scale"]],
        },
      ];
    }),
  );

export const unstartedServicesAreSteps: Rule = ({ spec }) => {
  const used = new Set(
    stepsOf(spec).map(({ step: { run } }) => (typeof run === "object" ? run.service : undefined)),
  );
  return unstarted(spec)
    .filter(([name]) => !used.has(name))
    .map(([name]) => ({
      severity: "warning" as const,
      path: ["services", name, "scale"],
      message: `service "${name}" never runs: it has scale: 0, and no step uses it`,
      hint: `write run: { service: ${name} } in a step of a pipeline, or remove scale`,
    }));
};

export const unstartedServicesAreNotAwaited: Rule = ({ spec }) => {
  const names = new Set(unstarted(spec).map(([name]) => name));
  return entriesOf(spec.services).flatMap(([service, written]) =>
    dependenciesOf(written)
      .filter(({ name }) => names.has(name))
      .map(({ name, key }) => ({
        path: ["services", service, "depends_on", key],
        message: `"${service}" can't start after "${name}", which has scale: 0`,
        hint: `remove the dependency, or remove scale of ${name}`,
        given: [["services", name, "scale"]],
      })),
  );
};

function unstarted(spec: Parameters<Rule>[0]["spec"]) {
  return entriesOf(spec.services).filter(([, { scale }]) => scale === 0);
}
