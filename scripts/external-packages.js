/**
 * Packages that the bundle leaves out: they load files of their own (native code, WASM) from beside their code.
 * The packed manifest depends on exactly these.
 */
export const externalPackages = ["@bokuweb/zstd-wasm", "@node-rs/crc32", "lz4-napi"];
