// reporter: what `devnet test` prints: a line a test, reasons of failures, and the counts at last.

const indent = (text) => text.split('\n').map((line) => `    ${line}`).join('\n');

export default async function* report(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    const isFile = data?.name?.endsWith('.mjs') && data.nesting === 0;
    if (type === 'test:pass' && !isFile) {
      const isSkipped = data.skip !== undefined;
      counts[isSkipped ? 'skipped' : 'passed'] += 1;
      yield `${isSkipped ? 'skip' : 'pass'} ${data.name} `
        + `(${Math.round(data.details.duration_ms)} ms)\n`;
    } else if (type === 'test:fail') {
      // A file fails when its tests do, and is counted only when it failed before them.
      if (isFile && counts.failed > 0) continue;
      counts.failed += 1;
      const { error } = data.details;
      yield `FAIL ${data.name}\n${indent(String(error.cause?.stack ?? error.message))}\n`;
    }
  }
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}
