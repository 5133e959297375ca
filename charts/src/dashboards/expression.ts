import { parser } from '@prometheus-io/lezer-promql';

export type Selector = {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly value: string }[];
};

/** What a PromQL expression asks for. */
export type ExpressionFacts = {
  /** Where it does not parse; empty when it does. */
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
  /** Labels named in by(…), without(…), on(…), ignoring(…). */
  readonly grouped: readonly string[];
  /** Windows in brackets, as they are written. */
  readonly windows: readonly string[];
};

/** Values that Grafana would put in, so that the expression can be parsed and asked. */
export const substitute = (expr: string, values: Readonly<Record<string, string>> = {}): string =>
  expr.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    const name = braced ?? plain ?? '';
    if (values[name] !== undefined) return values[name];
    if (name === '__rate_interval' || name === '__interval') return '1m';
    return name === '__range' ? '1h' : name.startsWith('__') ? whole : '.*';
  });

/** Reads an expression that has no variables any more. */
export function factsOf(expr: string): ExpressionFacts {
  const errors: string[] = [];
  const selectors: { metric: string; matchers: { label: string; value: string }[] }[] = [];
  const grouped: string[] = [];
  const windows: string[] = [];
  let grouping = false;
  let label = '';
  parser.parse(expr).iterate({
    enter({ name, type, from, to }) {
      const text = expr.slice(from, to);
      if (type.isError) errors.push(`at ${from}: ${expr.slice(from, from + 20)}`);
      if (name === 'VectorSelector') selectors.push({ metric: '', matchers: [] });
      if (name === 'GroupingLabels') grouping = true;
      if (name === 'Identifier' && selectors.length > 0) selectors.at(-1)!.metric = text;
      if (name === 'LabelName' && grouping) grouped.push(text);
      if (name === 'LabelName' && !grouping) label = text;
      if (name === 'StringLiteral' && !grouping && label !== '') {
        selectors.at(-1)?.matchers.push({ label, value: text.slice(1, -1) });
        label = '';
      }
      if (name === 'MatrixSelector') windows.push(text.slice(text.lastIndexOf('[') + 1, -1));
    },
    leave({ name }) {
      if (name === 'GroupingLabels') grouping = false;
    },
  });
  return { errors, selectors, grouped, windows };
}
