// Bundles src/ into dist/. Loading hundreds of small modules, and what dp never uses of its
// libraries, would take longer than most commands: a bundle halves the start of `dp up`.
import { rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { externalPackages } from "./external-packages.js";
import { assertSameExports, joinGroups } from "./join-groups.js";
import { describeLicenses } from "./third-party-licenses.js";

/**
 * What dockerode loads for BuildKit sessions and ssh engines (dp uses the classic builder, and
 * refuses ssh with advice), what pg loads for its native client and for Cloudflare's workers, and the
 * colors of the log of docker-modem. Left out of the bundle.
 */
const unused = /^(@grpc\/grpc-js|@grpc\/proto-loader|ssh2|pg-native|pg-cloudflare|supports-color)$/;

/**
 * Modules that are written to one file, with all that they import statically. Otherwise esbuild writes a file
 * for each set of commands that share a module, and opening 60 small files takes longer than reading what a
 * command does not need. main.ts is in no group: it waits for the commands, which import these.
 */
const groups = {
  program: ["src/program/program.ts", "src/cli/invocation.ts", "src/safe-text/redactor.ts"],
  running: [
    "src/app/stack/running.ts",
    "src/app/cluster/with-cluster.ts",
    "src/kafka/cluster/cluster.ts",
    "src/kafka/topics/admin.ts",
    "src/report/table.ts",
  ],
  reading: ["src/commands/topic/tail/run.ts", "src/commands/topic/tail/writer.ts"],
  writing: ["src/kafka/produce/produce.ts", "src/commands/topic/produce/input.ts"],
  planning: [
    "src/app/stack/stack-file.ts",
    "src/app/deploy/planning.ts",
    "src/app/images/images.ts",
    "src/app/deploy/topics-phase.ts",
    "src/docker/stack/runner-socket.ts",
  ],
  pipelines: [
    "src/app/pipelines/file-pipelines.ts",
    "src/app/pipelines/broken-dags.ts",
    "src/app/deploy/pipelines-phase.ts",
  ],
};

const leaveOutUnused = {
  name: "leave-out-unused",
  setup(bundler) {
    bundler.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: "unused" }));
    // commander loads it for commands that are programs of their own: dp has none.
    bundler.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer)
        ? { path, namespace: "unused" }
        : undefined,
    );
    bundler.onLoad({ filter: /./, namespace: "unused" }, () => ({ contents: "" }));
  },
};

const options = {
  entryPoints: { main: "src/program/main.ts" },
  outdir: "dist",
  bundle: true,
  // What a command does not import is not loaded.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  external: externalPackages,
  // The libraries in CommonJS call `require` for Node's own modules.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
};

const draft = await build({ ...options, plugins: [leaveOutUnused], write: false, metafile: true });
const { inputs } = draft.metafile;
await rm("dist", { recursive: true, force: true });
const joined = await build({
  ...options,
  plugins: [leaveOutUnused, joinGroups(groups, draft.metafile)],
  metafile: true,
});
assertSameExports(draft.metafile, joined.metafile);
await writeFile("dist/THIRD-PARTY-LICENSES", await describeLicenses(Object.keys(inputs)));
