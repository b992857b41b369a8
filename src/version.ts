import { readFileSync } from "node:fs";
import { manifestPath } from "./assets.ts";

const manifest: unknown = JSON.parse(readFileSync(manifestPath, "utf8"));

/** The version of dp, from its package.json. */
export const version = (manifest as { version: string }).version;
