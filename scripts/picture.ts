/**
 * Writes docs/images/up.svg, or the file that is given: a real `dp up` of examples/platform on a terminal of 92
 * columns, as tmux shows it at the end. Run `npx tsx scripts/picture.ts` after `npm run build`, on an otherwise
 * idle machine. It requires tmux, and fails when a stack named shop exists.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execaSync } from "execa";
import { renderScreen } from "./screen-to-svg.ts";

const root = path.join(import.meta.dirname, "..");
const columns = 92;
const rows = 60;
const session = `dp-picture-${process.pid}`;
const dp = `${process.execPath} ${path.join(root, "bin", "dp.js")}`;

const { stacks } = JSON.parse(execaSync("sh", ["-c", `${dp} ls --json`]).stdout) as {
  readonly stacks: readonly { readonly name: string }[];
};
if (stacks.some(({ name }) => name === "shop")) throw new Error("a stack named shop exists");

const folder = mkdtempSync(path.join(tmpdir(), "dp-picture-"));
const project = path.join(folder, "platform");
cpSync(path.join(root, "examples", "platform"), project, { recursive: true });
try {
  // Images come first: their build is not part of a usual start.
  if (!hasImages()) {
    execaSync("sh", ["-c", `${dp} images build`], { cwd: project, stdio: "inherit" });
  }
  const shown = runOnTerminal(`${dp} up`, project);
  const file = process.argv[2] ?? path.join(root, "docs", "images", "up.svg");
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, renderScreen({ lines: ["$ dp up", ...shown], columns, title: "dp up" }));
} finally {
  const options = { cwd: project, stdio: "inherit", reject: false } as const;
  execaSync("sh", ["-c", `${dp} down -v`], options);
  rmSync(folder, { recursive: true, force: true });
}

/** Whether each image that the stack needs is on the engine. */
function hasImages(): boolean {
  const { stdout } = execaSync("sh", ["-c", `${dp} images list --json`], { cwd: project });
  const { images } = JSON.parse(stdout) as {
    readonly images: readonly { readonly for: string; readonly used: boolean }[];
  };
  const used = new Set(images.filter((image) => image.used).map((image) => image.for));
  return images.every((image) => used.has(image.for));
}

/** Returns the lines of the screen with their colors, once the command has ended. */
function runOnTerminal(command: string, cwd: string): string[] {
  const ended = `${session}-ended`;
  const tmux = (...args: string[]): string => execaSync("tmux", args).stdout;
  // The pane must exist until it is captured, so the shell waits for a signal that nothing gives.
  const line = `${command}; tmux wait-for -S ${ended}; exec tmux wait-for ${ended}-captured`;
  tmux("new-session", "-d", "-s", session, "-x", `${columns}`, "-y", `${rows}`, "-c", cwd, line);
  try {
    tmux("wait-for", ended);
    const screen = tmux("capture-pane", "-e", "-p", "-t", session);
    return screen.trimEnd().split("\n");
  } finally {
    execaSync("tmux", ["kill-session", "-t", session], { reject: false });
  }
}
