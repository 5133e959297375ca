import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type AssetEnvironment, type AssetOptions, isExecutable, pathFolders } from './assets.ts';
import { canFetchPackages } from './debianPackages.ts';
import { ensurePackages, packagesFolder } from './ensurePackages.ts';
import { MissingToolError } from './missingTool.ts';

/** Absolute path of each program. */
export type PrometheusAssetPaths = Readonly<
  Record<'prometheus' | 'promtool' | 'alertmanager' | 'amtool', string>
>;

const PACKAGES = ['prometheus', 'prometheus-alertmanager'] as const;
const FOLDER = PACKAGES.join('+');
const REMEDY = `These tests need Prometheus 2.42 or newer and Alertmanager: install Debian's packages ${PACKAGES.join(' and ')}, or put prometheus, promtool, alertmanager and amtool on PATH`;

/** Debian calls the Alertmanager otherwise than its makers do. */
const FILE_NAMES: Readonly<Record<keyof PrometheusAssetPaths, readonly string[]>> = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  amtool: ['amtool'],
};

/** `keep_firing_for` came with 2.42; an older one refuses our rules. */
export const isNewEnough = (versionOutput: string): boolean => {
  const [, major = '0', minor = '0'] = /version (\d+)\.(\d+)/.exec(versionOutput) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 42);
};

/** All four programs in these folders, or undefined; each must come from somewhere, the first folder wins. */
const findIn = (folders: readonly string[]): PrometheusAssetPaths | undefined => {
  const pathOf = (program: keyof PrometheusAssetPaths): string | undefined =>
    folders
      .flatMap((folder) => FILE_NAMES[program].map((name) => join(folder, name)))
      .find(isExecutable);
  const [prometheus, promtool] = [pathOf('prometheus'), pathOf('promtool')];
  const [alertmanager, amtool] = [pathOf('alertmanager'), pathOf('amtool')];
  if (!prometheus || !promtool || !alertmanager || !amtool) return undefined;
  const { stdout, stderr } = spawnSync(prometheus, ['--version'], { encoding: 'utf8' });
  if (!isNewEnough(`${stdout}${stderr}`)) return undefined;
  return { prometheus, promtool, alertmanager, amtool };
};

/** The programs that are here already; nothing is fetched. */
export const findPrometheus = (
  env: AssetEnvironment = process.env,
): PrometheusAssetPaths | undefined =>
  findIn(pathFolders(env)) ?? findIn([join(packagesFolder(env, FOLDER), 'usr/bin')]);

/** Why there is no Prometheus here and none can be had, or undefined: tests that need it are then skipped with this. */
export const prometheusObstacle = (env: AssetEnvironment = process.env): string | undefined =>
  findPrometheus(env) !== undefined || canFetchPackages(PACKAGES) ? undefined : REMEDY;

/** Where Debian's Alertmanager, and no other, has the templates of its notifications. */
const TEMPLATES = '/usr/share/prometheus/alertmanager';

/**
 * Debian's Alertmanager refuses to start without files below /usr/share, which only an installation may write. The
 * same path of the same length, but relative, makes it find the unpacked ones from the folder that it is started in.
 */
const findTemplatesHere = (program: string): void => {
  const relative = TEMPLATES.slice(1).replace(/\/(?=[^/]*$)/, '//');
  const text = readFileSync(program).toString('latin1').replaceAll(TEMPLATES, relative);
  writeFileSync(program, Buffer.from(text, 'latin1'));
};

/** The folder to start the Alertmanager in, see findTemplatesHere; a matter of indifference to an installed one. */
export const alertmanagerFolder = (assets: PrometheusAssetPaths): string =>
  resolve(dirname(assets.alertmanager), '../..');

/**
 * Returns the programs of Prometheus and Alertmanager: those on PATH, else Debian's packages, which are unpacked into
 * the cache; nothing is installed. Throws MissingToolError, which names the packages.
 */
export const ensurePrometheus = (options: AssetOptions = {}): Promise<PrometheusAssetPaths> =>
  ensurePackages(
    {
      name: FOLDER,
      packages: PACKAGES,
      remedy: REMEDY,
      find: findPrometheus,
      prepare: (folder) => {
        findTemplatesHere(join(folder, 'usr/bin/prometheus-alertmanager'));
        if (findIn([join(folder, 'usr/bin')]) === undefined) throw new MissingToolError(REMEDY);
      },
    },
    options,
  );
