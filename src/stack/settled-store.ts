import type { ResolvedImage } from "./model.ts";
import type { PostgresSettings, RedisSettings, S3Settings } from "./settings.ts";

/** A store whose port, image and files are known: types only. */
export type SettledStore = SettledPostgres | SettledRedis | SettledS3;

interface SettledServer {
  readonly port: number;
  readonly image: ResolvedImage;
}

export interface SettledPostgres
  extends Omit<PostgresSettings, "port" | "image" | "init">, SettledServer {
  /** In the order in which they are run. */
  readonly init: readonly InitScript[];
}

export interface SettledRedis extends Omit<RedisSettings, "port" | "image">, SettledServer {}

export interface SettledS3 extends Omit<S3Settings, "port" | "image">, SettledServer {}

export interface InitScript {
  /** The file's own name, e.g. `schema.sql`. */
  readonly name: string;
  readonly content: string;
}
