import { convertPath, type Context } from "./context.ts";
import { isLeftOut } from "./dependencies.ts";
import { unlessEmpty, type Setting } from "./draft.ts";
import type { PlannedService } from "./plan.ts";
import { childOf, entriesOf, itemsOf, pairsOf, splitAtColons, textOf, type Tree } from "./tree.ts";

interface Conversion {
  readonly service: PlannedService;
  readonly context: Context;
}

/** A folder with a Dockerfile, or a map where Compose has more than that. */
export function convertBuild(tree: Tree, { service, context }: Conversion): Setting | undefined {
  const { notes, values } = context;
  if (isLeftOut(service)) return undefined;
  const folder = textOf(tree) ?? textOf(childOf(tree, "context")) ?? ".";
  const converted = convertPath(context, { text: folder, at: tree.at });
  if (!converted) {
    const reason = `${folder} is outside the folder of pipeline.yaml`;
    notes.drop({ service: service.name, key: "build", at: tree.at, reason });
    return undefined;
  }
  const build: Record<string, Setting> = {};
  for (const [key, value] of entriesOf(tree)) {
    const note = { service: service.name, key: `build.${key}`, at: value.at };
    const text = textOf(value) ?? "";
    if (key === "context") continue;
    if (key === "args") Object.assign(build, convertArguments(value, { service, context }));
    else if (key === "target") build["target"] = values.convert({ ...note, text });
    else if (key === "dockerfile") {
      if (text !== "Dockerfile") build["dockerfile"] = values.convert({ ...note, text });
    } else {
      notes.drop({
        ...note,
        reason: "not supported: dp has context, dockerfile, args, and target",
      });
    }
  }
  return Object.keys(build).length === 0 ? converted.path : { context: converted.path, ...build };
}

function convertArguments(tree: Tree, { service, context }: Conversion): { args?: Setting } {
  const pairs = pairsOf(tree).map(({ name, value = `\${${name}}`, at }) => {
    const key = `build.args.${name}`;
    return [name, context.values.convert({ service: service.name, key, text: value, at })];
  });
  return pairs.length === 0 ? {} : { args: Object.fromEntries(pairs) as Record<string, string> };
}

/** Files with variables. */
export function convertEnvFiles(tree: Tree, { service, context }: Conversion): Setting | undefined {
  const items = tree.kind === "list" ? tree.items : [tree];
  const files = items.flatMap((item) => {
    const file = textOf(item) ?? textOf(childOf(item, "path")) ?? "";
    const isRequired = textOf(childOf(item, "required")) !== "false";
    const converted = convertPath(context, { text: file, at: item.at });
    const note = { service: service.name, key: "env_file", at: item.at };
    if (!converted) {
      context.notes.drop({ ...note, reason: `${file} is outside the folder of pipeline.yaml` });
      return [];
    }
    if (converted.kind === "file" || isRequired) return [converted.path];
    context.notes.drop({ ...note, reason: `${file} does not exist` });
    return [];
  });
  return files.length === 1 ? files[0] : unlessEmpty(files);
}

/** Volumes in the short form. */
export function convertVolumes(tree: Tree, { service, context }: Conversion): Setting | undefined {
  const targets = new Set<string>();
  const volumes = itemsOf(tree).flatMap((item) => {
    const { type, source, target, mode } =
      item.kind === "map" ? readLong(item) : readShort(textOf(item) ?? "");
    const note = { service: service.name, key: `volumes ${target}`, at: item.at };
    const drop = (reason: string): string[] => {
      context.notes.drop({ ...note, reason });
      return [];
    };
    if (targets.has(target)) return drop("another volume has the same path in the container");
    targets.add(target);
    if (type !== "bind" && type !== "volume") return drop(`not supported: ${type}`);
    if (source === "") return drop("volumes of dp have a name: write NAME:PATH");
    const options = mode.split(",").filter((option) => !["", "rw", "ro"].includes(option));
    for (const option of options) {
      context.notes.drop({ ...note, reason: `not supported: the option ${option} of a volume` });
    }
    const isReadOnly = mode.split(",").includes("ro");
    if (type === "volume") {
      if (isReadOnly) {
        context.notes.drop({ ...note, reason: "only folders and files can be read-only" });
      }
      return [`${source}:${target}`];
    }
    if (source.includes("docker.sock")) {
      return drop("containers of dp do not get the socket of the engine");
    }
    const converted = convertPath(context, { text: source, at: item.at });
    if (!converted) return drop(`${source} is outside the folder of pipeline.yaml`);
    if (converted.kind === "missing") {
      return drop(
        `${source} does not exist, and Compose creates an empty folder: create it, and add the line`,
      );
    }
    const shown = converted.path.startsWith("$") ? converted.path : `./${converted.path}`;
    return [`${shown === "./." ? "." : shown}:${target}${isReadOnly ? ":ro" : ""}`];
  });
  return unlessEmpty(volumes);
}

interface WrittenVolume {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly mode: string;
}

function readShort(text: string): WrittenVolume {
  const parts = splitAtColons(text);
  const [first = "", second, mode = ""] = parts;
  if (second === undefined) return { type: "volume", source: "", target: first, mode };
  return { type: /^[./~$]/.test(first) ? "bind" : "volume", source: first, target: second, mode };
}

function readLong(tree: Tree): WrittenVolume {
  const text = (key: string) => textOf(childOf(tree, key)) ?? "";
  return {
    type: text("type") || "volume",
    source: text("source") || text("src"),
    target: text("target") || text("dst"),
    mode: text("read_only") === "true" ? "ro" : "",
  };
}
