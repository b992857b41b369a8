// Bundles src/ into dist/. Loading hundreds of small modules, and what dp never uses of its
// libraries, would take longer than most commands: a bundle halves the start of `dp up`.
import { rm } from "node:fs/promises";
import { build } from "esbuild";

/**
 * What dockerode loads for BuildKit sessions and ssh engines (dp uses the classic builder, and
 * refuses ssh with advice), and what pg loads for its native client and for Cloudflare's workers.
 * Left out of the bundle.
 */
const unused = /^(@grpc\/grpc-js|@grpc\/proto-loader|ssh2|pg-native|pg-cloudflare)$/;

const leaveOutUnused = {
  name: "leave-out-unused",
  setup(bundler) {
    bundler.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: "unused" }));
    bundler.onLoad({ filter: /./, namespace: "unused" }, () => ({ contents: "" }));
  },
};

await rm("dist", { recursive: true, force: true });
await build({
  entryPoints: { main: "src/cli/main.ts" },
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
  plugins: [leaveOutUnused],
  // What brings files of its own beside its code: loaded from node_modules when met.
  external: ["lz4-napi", "@bokuweb/zstd-wasm", "@node-rs/crc32"],
  // The libraries in CommonJS call `require` for Node's own modules.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
