import type { Address } from "../model/containers.ts";

/** How to speak to a store, by its type. */
export type StoreLogin =
  | {
      readonly type: "postgres";
      readonly database: string;
      readonly user: string;
      readonly password: string;
    }
  | { readonly type: "redis"; readonly password: string | undefined }
  | { readonly type: "s3" };

/** The ports on which the stores listen in their containers. */
export const storePorts: Readonly<Record<StoreLogin["type"], number>> = {
  postgres: 5432,
  redis: 6379,
  s3: 5000,
};

/**
 * The address of a store in the form that programs of the field read:
 * https://www.postgresql.org/docs/15/libpq-connect.html#id-1.7.3.8.3.6,
 * https://www.iana.org/assignments/uri-schemes/prov/redis (database 0), and the endpoint of an S3
 * client.
 */
export function storeUrl(login: StoreLogin, { host, port }: Address): string {
  switch (login.type) {
    case "postgres": {
      const { user, password, database } = login;
      const [name, word, base] = [user, password, database].map(encodeURIComponent);
      return `postgresql://${name}:${word}@${host}:${port}/${base}`;
    }
    case "redis": {
      const { password } = login;
      const word = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
      return `redis://${word}${host}:${port}/0`;
    }
    case "s3":
      return `http://${host}:${port}`;
  }
}

/**
 * What the AWS clients read to reach the one S3 that a stack has; nothing where it has none, or
 * several: which one is meant would be a guess. The keys are taken as they are by every S3 of dp.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html#EVarSettings
 */
export function awsEnvironment(s3Urls: readonly string[]): Record<string, string> {
  const [url, second] = s3Urls;
  if (url === undefined || second !== undefined) return {};
  return {
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: "dp",
    AWS_SECRET_ACCESS_KEY: "dp",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
  };
}
