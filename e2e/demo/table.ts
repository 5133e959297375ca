/** Rows of text as aligned columns, the first row being the heading. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export type LiveTable = { show(text: string): void; done(): void };

/** On a terminal the table is redrawn in place; elsewhere it is printed when it has changed. */
export function liveTable(stream: NodeJS.WriteStream): LiveTable {
  let shown = '';
  return {
    show(text) {
      if (text === shown) return;
      const lines = shown === '' ? 0 : shown.split('\n').length;
      if (stream.isTTY && lines > 0) stream.write(`\u001b[${lines}A\u001b[0J`);
      stream.write(`${text}\n`);
      shown = text;
    },
    done() {
      shown = '';
    },
  };
}
