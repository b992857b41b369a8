import path from "node:path";
import { airflowFolders } from "../../stack/names.ts";
import type { Path } from "../../stack/path.ts";
import { parseVolume } from "../container-forms.ts";
import type { Spec } from "../schema.ts";
import { entriesOf, present } from "../written.ts";
import { pathProblems } from "./paths.ts";
import type { Found, Rule } from "./rule.ts";

interface PlacedVolumes {
  /** Of the list. */
  readonly path: Path;
  /** The service that has them. */
  readonly service: string;
  readonly volumes: readonly string[];
}

function volumesOf(spec: Spec): PlacedVolumes[] {
  const { volumes = [] } = present(spec.airflow) ?? {};
  return [
    { path: ["airflow", "volumes"], service: "airflow", volumes },
    ...entriesOf(spec.services).map(([service, written]) => ({
      path: ["services", service, "volumes"],
      service,
      volumes: written.volumes ?? [],
    })),
  ];
}

export const volumesAreReadable: Rule = (rules) =>
  volumesOf(rules.spec).flatMap(({ path: list, volumes }) =>
    volumes.flatMap((text, index): Found[] => {
      const at = [...list, index];
      const volume = parseVolume(text);
      if (!volume) {
        return [
          {
            path: at,
            message: `"${text}" is no volume`,
            hint: 'write "data:/path/in/container", or "./folder:/path/in/container" with :ro to only read it',
          },
        ];
      }
      if (volume.kind === "volume") return [];
      return pathProblems({ at, written: volume.source, want: "file or folder", rules });
    }),
  );

export const targetsDiffer: Rule = ({ spec }) =>
  volumesOf(spec).flatMap(({ path: list, service, volumes }) => {
    const targets = volumes.map((text) => parseVolume(text)?.target);
    return targets.flatMap((target, index) =>
      target !== undefined && targets.indexOf(target) < index
        ? [
            {
              path: [...list, index],
              message: `two volumes of "${service}" go to ${target}`,
              hint: "give each a path of its own",
            },
          ]
        : [],
    );
  });

/** Folders of Airflow's container that a volume must not hide, and must not be a part of. */
const ownFolders: readonly { readonly folder: string; readonly hint: string }[] = [
  { folder: airflowFolders.dags, hint: "write airflow.dags for a folder with DAGs" },
  {
    folder: airflowFolders.data,
    hint: "choose another path, e.g. /opt/airflow/files: Airflow's database and logs are there",
  },
  ...[airflowFolders.dp, airflowFolders.config, airflowFolders.python].map((folder) => ({
    folder,
    hint: "choose another path, e.g. /opt/airflow/files",
  })),
];

/** The folder that a volume at this path would hide, or be a part of; undefined for a free path. */
export function ownFolderAt(target: string): (typeof ownFolders)[number] | undefined {
  const below = path.posix.normalize(`${target}/`);
  return ownFolders.find(
    ({ folder }) => below.startsWith(`${folder}/`) || `${folder}/`.startsWith(below),
  );
}

export const airflowVolumesAreFree: Rule = ({ spec }) =>
  (present(spec.airflow)?.volumes ?? []).flatMap((text, index): Found[] => {
    const at = ["airflow", "volumes", index];
    const volume = parseVolume(text);
    if (!volume) return [];
    const own = ownFolderAt(volume.target);
    if (own) {
      const message = `the volume "${text}" would hide a folder that dp needs: ${own.folder}`;
      return [{ path: at, message, hint: own.hint }];
    }
    if (volume.kind === "bind" || volume.name !== "data") return [];
    const message = 'the volume "data" of Airflow already exists: it has the database and the logs';
    return [{ path: at, message, hint: "choose another name" }];
  });
