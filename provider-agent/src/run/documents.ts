import { type WorkloadDocument, workloadDocumentSchema } from '@gridlease/crds/workloadDocument';

/** Documents that were read: a lease is looked at a dozen times while it starts and ends. */
const documents = new Map<string, WorkloadDocument>();
const mostDocuments = 1_000;

/** Reads a record's document. Throws when it isn't one: it was checked before it was stored. */
export function readDocument(text: string): WorkloadDocument {
  const known = documents.get(text);
  if (known !== undefined) return known;
  const document = workloadDocumentSchema.parse(JSON.parse(text));
  if (documents.size >= mostDocuments) documents.clear();
  documents.set(text, document);
  return document;
}
