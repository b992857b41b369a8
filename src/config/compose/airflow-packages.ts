import path from "node:path";
import { parseRequirement } from "../requirements.ts";
import { convertPath, type Context } from "./context.ts";
import { dockerfileOf, type PlannedService } from "./plan.ts";
import { childOf, itemsOf, pairsOf, splitAtColons, textOf, type Place } from "./tree.ts";

interface FoundPackages {
  /** Requirements files, absolute. */
  readonly files: Map<string, Place>;
  readonly packages: Map<string, Place>;
}

/**
 * `airflow.requirements`: the file or the packages that the containers of Airflow install with pip, from a Dockerfile,
 * a mounted file, or the variable of the official image.
 */
export function readPackages(
  services: readonly PlannedService[],
  context: Context,
): string | readonly string[] | undefined {
  const found: FoundPackages = { files: new Map(), packages: new Map() };
  for (const service of services) {
    readDockerfile(service, { context, found });
    readMounts(service, { context, found });
    readCommand(service, { context, found });
    const variable = pairsOf(childOf(service.tree, "environment")).find(
      ({ name }) => name === "_PIP_ADDITIONAL_REQUIREMENTS",
    );
    for (const word of words(context.values.evaluate(variable?.value ?? ""))) {
      if (variable) found.packages.set(word, variable.at);
    }
  }
  const [file] = found.files.keys();
  const service = services[0]?.name;
  if (file === undefined) {
    const packages = [...found.packages.keys()].filter((each) => !parseRequirement(each).problem);
    noteUnreadable({ found, packages, service, context });
    return packages.length > 0 ? packages : undefined;
  }
  for (const [other, at] of [...found.files, ...found.packages].slice(1)) {
    const reason = `dp reads one list: add ${path.basename(other)} to ${path.basename(file)}`;
    context.notes.drop({ service, key: "requirements", at, reason });
  }
  return path.relative(context.around.folder, file);
}

function noteUnreadable(input: {
  readonly found: FoundPackages;
  readonly packages: readonly string[];
  readonly service: string | undefined;
  readonly context: Context;
}): void {
  const { found, packages, service, context } = input;
  for (const [written, at] of found.packages) {
    if (packages.includes(written)) continue;
    const reason = `"${written}" is not a package of PyPI`;
    context.notes.drop({ service, key: "requirements", at, reason });
  }
}

interface Reading {
  readonly context: Context;
  readonly found: FoundPackages;
}

function readDockerfile({ name, tree }: PlannedService, { context, found }: Reading): void {
  const file = dockerfileOf(tree, context.values);
  const build = childOf(tree, "build");
  const text = file === undefined ? undefined : context.around.textOf(file);
  if (file === undefined || !build || text === undefined) return;
  const folder = path.resolve(
    path.dirname(build.at.file),
    textOf(build) ?? textOf(childOf(build, "context")) ?? ".",
  );
  for (const command of text.replaceAll(/\\\r?\n/g, " ").split(/\n|&&|;/)) {
    const [, list] = /\bpip3?\s+install\s+(.*)$/.exec(command.trim()) ?? [];
    if (list !== undefined) readPip({ list, folder, at: build.at, context, found });
    else if (/\b(apt-get|apt|apk|yum)\b.*\b(install|add)\b/.test(command)) {
      const reason = `packages of the system are not installed in dp's Airflow: ${command.trim().slice(0, 80)}`;
      context.notes.drop({ service: name, key: "build", at: build.at, reason });
    }
  }
}

/** The arguments of `pip install`. */
function readPip(input: Reading & { list: string; folder: string; at: Place }): void {
  const { list, folder, at, context, found } = input;
  const all = words(list).map((word) => word.replaceAll(/^["']|["']$/g, ""));
  for (const [index, word] of all.entries()) {
    const before = all[index - 1];
    if (before === "-r" || before === "--requirement") {
      // The file has the same name in the image, wherever it is copied to.
      const candidates = [path.resolve(folder, word), path.resolve(folder, path.basename(word))];
      const file = candidates.find((each) => context.around.kindOf(each) === "file");
      if (file !== undefined && !path.relative(context.around.folder, file).startsWith("..")) {
        found.files.set(file, at);
      }
    } else if (
      !word.startsWith("-") &&
      !before?.startsWith("-c") &&
      !/^(\.|apache-airflow)/.test(word)
    ) {
      found.packages.set(word, at);
    }
  }
}

/** Packages that a container installs before it starts Airflow. */
function readCommand({ tree, script }: PlannedService, { context, found }: Reading): void {
  const command = childOf(tree, "command") ?? childOf(tree, "entrypoint");
  if (!command) return;
  const folder = path.dirname(command.at.file);
  for (const part of script.split(/\n|&&|;/)) {
    const [, list] = /\bpip3?\s+install\s+(.*)$/.exec(part.trim()) ?? [];
    if (list !== undefined) readPip({ list, folder, at: command.at, context, found });
  }
}

/** A requirements file that is mounted, for a command that installs it. */
function readMounts({ tree }: PlannedService, { context, found }: Reading): void {
  for (const item of itemsOf(childOf(tree, "volumes"))) {
    const [source = "", target = ""] = splitAtColons(textOf(item) ?? "");
    if (!/requirements[\w.-]*\.txt$/.test(target)) continue;
    const converted = convertPath(context, { text: source, at: item.at });
    if (converted?.kind === "file") found.files.set(converted.absolute, item.at);
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
