import path from "node:path";
import { parseVolume } from "../container-forms.ts";
import { entriesOf, present, stepsOf } from "../written.ts";
import type { Path } from "../../stack/path.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";

interface Mount {
  readonly path: Path;
  /** The container that it belongs to, e.g. `airflow`. */
  readonly owner: string;
  readonly written: string;
  /** Without `./` and `/` at its end. */
  readonly source: string;
  readonly readOnly: boolean;
}

/**
 * The engine follows links when the container of a step starts, which is after all checks of dp. A folder that
 * a step mounts must not be one that a program in a container can replace by a link out of the project folder,
 * e.g. to the socket of the engine. Only Airflow starts steps while others run.
 */
export const stepMountsAreFixed: Rule = (input) => {
  if (!present(input.spec.airflow)) return [];
  const ofSteps = stepMounts(input);
  const writable = [...otherMounts(input), ...ofSteps].filter(({ readOnly }) => !readOnly);
  return ofSteps.flatMap((mount): Found[] => {
    const around = writable.find(({ source }) => isInside(mount.source, source));
    if (!around) return [];
    return [
      {
        path: mount.path,
        message: `the folder of "${mount.written}" is inside "${around.written}", which ${around.owner} can change`,
        hint: "a link there could lead outside the project folder: mount the outer folder with :ro, or use another one",
        given: [around.path],
      },
    ];
  });
};

/** Those of containers that only Airflow starts, each once. */
function stepMounts({ spec }: RuleInput): Mount[] {
  const runs = stepsOf(spec).flatMap(({ path: at, step: { run } }) =>
    typeof run === "object" ? [{ at, run }] : [],
  );
  const services = new Set(runs.map(({ run }) => run.service));
  const ofImages = runs.flatMap(({ at, run: { volumes = [] } }) =>
    mountsOf([...at, "run", "volumes"], "this step", volumes),
  );
  const ofServices = entriesOf(spec.services)
    .filter(([name]) => services.has(name))
    .flatMap(([name, { volumes = [] }]) =>
      mountsOf(["services", name, "volumes"], `service "${name}"`, volumes),
    );
  return [...ofImages, ...ofServices];
}

function otherMounts({ spec }: RuleInput): Mount[] {
  const ofAirflow = present(spec.airflow)?.volumes ?? [];
  return [
    ...mountsOf(["airflow", "volumes"], "Airflow", ofAirflow),
    ...entriesOf(spec.services).flatMap(([name, { volumes = [] }]) =>
      mountsOf(["services", name, "volumes"], `service "${name}"`, volumes),
    ),
  ];
}

function mountsOf(at: Path, owner: string, volumes: readonly string[]): Mount[] {
  return volumes.flatMap((written, index): Mount[] => {
    const volume = parseVolume(written);
    if (volume?.kind !== "bind") return [];
    const source = path.posix.join(volume.source, ".");
    return [{ path: [...at, index], owner, written, source, readOnly: volume.readOnly }];
  });
}

/** Not the folder itself: what is mounted there can't replace it. */
function isInside(inner: string, outer: string): boolean {
  const below = path.posix.relative(outer, inner);
  return below !== "" && below !== ".." && !below.startsWith("../");
}
