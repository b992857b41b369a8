import { readdirSync } from "node:fs";
import { templatePath } from "../../assets.ts";

/** What dp runs images of. */
export type ImageWhat = "kafka" | "airflow" | "postgres" | "redis" | "s3" | "runtime";

/** The only version of the image that steps run in without Airflow. */
export const runtimeVersion = "1";

/** A build context: path in it → file or folder of templates/images. */
export interface RecipeSource {
  readonly files: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
}

interface ImageSource {
  /** As a sentence names it. */
  readonly label: string;
  /** The name in the registry; undefined when nobody publishes such an image. */
  readonly officialName: ((version: string) => string) | undefined;
  /** The versions that can be built, because what they are built from is part of dp. */
  readonly versions: () => readonly string[];
  /** How a version is built from Debian's base. */
  readonly build: (version: string) => RecipeSource;
  /** What is put on an image that dp has not built; undefined when such an image runs as it is. */
  readonly layer: RecipeSource | undefined;
}

/** What installs the packages of a Python lock. */
const venvFiles = {
  "build/trust-host-ca.sh": "shared/trust-host-ca.sh",
  "build/install-venv.sh": "runtime/build/install-venv.sh",
  "build/uv.lock": "runtime/uv.lock",
};

/** What installs the environment of pipeline steps, /opt/dp/venv. */
const runtimeFiles = { ...venvFiles, "runtime/requirements.lock": "runtime/requirements.lock" };

/** What dp installs in each image of Airflow: the environment of pipeline steps, and ruff. */
const airflowFiles = { ...runtimeFiles, "build/ruff.lock": "airflow/ruff.lock" };

/** What adds the packages of pipeline.yaml to an image. */
export const packageFiles = {
  Dockerfile: "packages/Dockerfile",
  build: "packages/build",
  "build/trust-host-ca.sh": "shared/trust-host-ca.sh",
  "build/uv.lock": "runtime/uv.lock",
  "build/requirements.in": "runtime/requirements.in",
  "build/canary-dag.py": "../smoke-dag.py",
  "runtime/dp_runtime": "../runtime/dp_runtime",
};

export const imageSources: Readonly<Record<ImageWhat, ImageSource>> = {
  kafka: {
    label: "Kafka",
    officialName: (version) => `apache/kafka:${version}`,
    versions: () =>
      readdirSync(templatePath("images/kafka/versions")).toSorted((a, b) =>
        a.localeCompare(b, "en", { numeric: true }),
      ),
    build: (version) => ({
      files: {
        Dockerfile: "kafka/Dockerfile",
        bin: "kafka/bin",
        build: "kafka/build",
        "build/trust-host-ca.sh": "shared/trust-host-ca.sh",
        [`versions/${version}`]: `kafka/versions/${version}`,
      },
      buildArgs: { KAFKA_VERSION: version },
    }),
    layer: undefined,
  },
  airflow: {
    label: "Airflow",
    officialName: (version) => `apache/airflow:${version}-python3.11`,
    versions: () => ["3.3.2"],
    build: () => ({
      files: {
        Dockerfile: "airflow/Dockerfile",
        "build/make-seed.sh": "airflow/build/make-seed.sh",
        "dp_project.py": "airflow/dp_project.py",
        "entrypoint.sh": "airflow/entrypoint.sh",
        "requirements.lock": "airflow/requirements.lock",
        ...airflowFiles,
      },
      buildArgs: {},
    }),
    layer: {
      files: {
        Dockerfile: "airflow/Dockerfile.official",
        "dp_project.py": "airflow/dp_project.py",
        ...airflowFiles,
      },
      buildArgs: {},
    },
  },
  postgres: {
    label: "Postgres",
    officialName: (version) => `postgres:${version}`,
    versions: () => ["15"],
    build: () => ({
      files: { Dockerfile: "postgres/Dockerfile", "entrypoint.sh": "postgres/entrypoint.sh" },
      buildArgs: {},
    }),
    layer: undefined,
  },
  redis: {
    label: "Redis",
    officialName: (version) => `redis:${version}`,
    versions: () => ["7"],
    build: () => ({
      files: { Dockerfile: "redis/Dockerfile", "entrypoint.sh": "redis/entrypoint.sh" },
      buildArgs: {},
    }),
    layer: undefined,
  },
  s3: {
    label: "moto (S3)",
    officialName: (version) => `motoserver/moto:${version}`,
    versions: () => ["5.2.3"],
    build: () => ({
      files: {
        Dockerfile: "s3/Dockerfile",
        "requirements.lock": "s3/requirements.lock",
        ...venvFiles,
      },
      buildArgs: {},
    }),
    layer: undefined,
  },
  runtime: {
    label: "the runtime of pipeline steps",
    officialName: undefined,
    versions: () => [runtimeVersion],
    build: () => ({
      files: { Dockerfile: "runtime/Dockerfile", ...runtimeFiles },
      buildArgs: {},
    }),
    layer: undefined,
  },
};
