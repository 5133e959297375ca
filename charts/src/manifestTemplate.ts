import { type Document, isMap, isScalar, parseAllDocuments, visit } from 'yaml';

const LABELS = 'GRIDLEASE_LABELS';

export type TemplateOptions = {
  /** Texts that are the release's to say, such as a namespace: what is found → what is written instead. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Written into every object's annotations. */
  readonly annotations?: Readonly<Record<string, string>>;
};

/**
 * A template of a committed manifest: as it is, with the chart's labels in the place of its own and what belongs to
 * the release put in. Throws where the manifest holds text that Helm would take for its own.
 */
export function manifestTemplate(document: Document, options: TemplateOptions = {}): string {
  const copy = document.clone();
  if (!isMap(copy.contents)) throw new Error('a manifest must be a mapping');
  copy.setIn(['metadata', 'labels'], LABELS);
  for (const [key, value] of Object.entries(options.annotations ?? {})) {
    copy.setIn(['metadata', 'annotations', key], value);
  }
  refuseTemplates(copy);
  const text = copy.toString({ lineWidth: 0 }).replace(/^---\n/, '');
  const labelled = text.replace(
    `labels: ${LABELS}\n`,
    'labels:\n    {{- include "gridlease.labels" . | nindent 4 }}\n',
  );
  return Object.entries(options.replace ?? {}).reduce(
    (result, [found, written]) => result.replaceAll(found, written),
    labelled,
  );
}

function refuseTemplates(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === 'string' && node.value.includes('{{')) {
        throw new Error(`Helm would take a part of this for a template: ${node.value}`);
      }
    },
  });
}

/** The objects of a YAML file. Throws where it is not valid. */
export function manifestsOf(text: string): readonly Document[] {
  return parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document as Document;
  });
}

export const kindOf = (document: Document): string => String(document.getIn(['kind']));

export const nameOf = (document: Document): string => String(document.getIn(['metadata', 'name']));
