import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fillJob, type JobChanges, type JobManifest } from '../../e2e/images/fillJob.ts';

/** The examples that have a GPUJob; the uploader runs beside the tasks of others. */
export const JOBS = ['train', 'render', 'inference'] as const;
export type JobName = (typeof JOBS)[number];

/** The GPUJob of `<name>.yaml` for an image that was built, with what else differs in this run. */
export const gpuJobFor = (name: JobName, changes: JobChanges): JobManifest => {
  const file = new URL(`./${name}.yaml`, import.meta.url);
  return fillJob(parse(readFileSync(file, 'utf8')) as JobManifest, changes);
};
