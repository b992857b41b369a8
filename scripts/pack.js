// Packs dp for npm from the built dist/: `node scripts/pack.js [FOLDER]` writes dp-cli-VERSION.tgz to FOLDER (default:
// the current one) and prints its path. The tarball's manifest depends on what the bundle leaves out and on nothing
// else: all other dependencies are in the bundle, and installing them again takes 37 s and 41 MB.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execaSync } from "execa";
import { externalPackages } from "./external-packages.js";

const root = join(import.meta.dirname, "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { dependencies } = manifest;
manifest.dependencies = Object.fromEntries(
  externalPackages.map((name) => [name, dependencies[name]]),
);
for (const key of ["private", "scripts", "devDependencies"]) delete manifest[key];

const staging = mkdtempSync(join(tmpdir(), "dp-pack-"));
try {
  for (const path of manifest.files) {
    cpSync(join(root, path), join(staging, path), { recursive: true });
  }
  writeFileSync(join(staging, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const target = resolve(process.argv[2] ?? ".");
  const args = ["pack", "--json", "--pack-destination", target];
  const { stdout } = execaSync("npm", args, { cwd: staging, stderr: "inherit" });
  const [{ filename }] = JSON.parse(stdout);
  console.log(join(target, filename));
} finally {
  rmSync(staging, { recursive: true });
}
