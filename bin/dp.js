#!/usr/bin/env node
// Only this file can report that dp itself was not loaded: each part of it is one more open file.
import("../dist/main.js").catch((thrown) => {
  if (thrown?.code !== "EMFILE" && thrown?.code !== "ENFILE") throw thrown;
  process.stderr.write(
    `error: can't load dp\n  why       ${thrown.message}\n  next      ulimit -n 1024\n`,
  );
  process.exit(1);
});
