import { fileURLToPath } from "node:url";

/** src/ and dist/ both lie directly below the package's root, and bundles directly in dist/. */
const packageRoot = new URL("../", import.meta.url);

/** Absolute path of a file or folder in templates/, e.g. `templatePath("images/kafka")`. */
export function templatePath(path: string): string {
  return fileURLToPath(new URL(`templates/${path}`, packageRoot));
}

/** Absolute path of the package.json. */
export const manifestPath = fileURLToPath(new URL("package.json", packageRoot));
