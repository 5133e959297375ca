import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { type AssetEnvironment, type AssetOptions, cacheFolder } from './assets.ts';
import { withFileLock } from './fileLock.ts';
import { MissingToolError } from './missingTool.ts';
import { terminalProgress } from './progress.ts';

/** Absolute path of each program. */
export type PrometheusAssetPaths = Readonly<
  Record<'prometheus' | 'promtool' | 'alertmanager' | 'amtool', string>
>;

const PACKAGES = ['prometheus', 'prometheus-alertmanager'] as const;
const REMEDY = `These tests need Prometheus 2.42 or newer and Alertmanager: install Debian's packages ${PACKAGES.join(' and ')}, or put prometheus, promtool, alertmanager and amtool on PATH`;

/** Debian calls the Alertmanager otherwise than its makers do. */
const FILE_NAMES: Readonly<Record<keyof PrometheusAssetPaths, readonly string[]>> = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  amtool: ['amtool'],
};

const succeeds = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
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

const packagesFolder = (env: AssetEnvironment): string =>
  join(cacheFolder(env), 'packages', PACKAGES.join('+'));

const find = (env: AssetEnvironment): PrometheusAssetPaths | undefined =>
  findIn((env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')) ??
  findIn([join(packagesFolder(env), 'usr/bin')]);

/** The programs that are here already; nothing is fetched. */
export const findPrometheus = (
  env: AssetEnvironment = process.env,
): PrometheusAssetPaths | undefined => find(env);

/** Why there is no Prometheus here and none can be had, or undefined: tests that need it are then skipped with this. */
export const prometheusObstacle = (env: AssetEnvironment = process.env): string | undefined => {
  if (find(env) !== undefined) return undefined;
  const isFetchable =
    succeeds('dpkg-deb', '--version') &&
    succeeds('apt-get', 'download', '--print-uris', ...PACKAGES);
  return isFetchable ? undefined : REMEDY;
};

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

/** Unpacked beside their final place and renamed, so that a folder under its final name is whole. */
const unpackPackages = (folder: string): void => {
  const parent = join(folder, '..');
  const temporary = mkdtempSync(join(parent, '.unpacking-'));
  try {
    const download = spawnSync('apt-get', ['download', ...PACKAGES], {
      cwd: temporary,
      encoding: 'utf8',
    });
    if (download.status !== 0) {
      throw new MissingToolError(`${REMEDY}. apt-get download said: ${download.stderr.trim()}`);
    }
    for (const archive of globSync('*.deb', { cwd: temporary })) {
      spawnSync('dpkg-deb', ['--extract', archive, '.'], { cwd: temporary });
      rmSync(join(temporary, archive));
    }
    findTemplatesHere(join(temporary, 'usr/bin/prometheus-alertmanager'));
    if (findIn([join(temporary, 'usr/bin')]) === undefined) throw new MissingToolError(REMEDY);
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
};

/**
 * Returns the programs of Prometheus and Alertmanager: those on PATH, else Debian's packages, which are unpacked into
 * the cache; nothing is installed. Throws MissingToolError, which names the packages.
 */
export const ensurePrometheus = async (
  options: AssetOptions = {},
): Promise<PrometheusAssetPaths> => {
  const env = options.env ?? process.env;
  const found = find(env);
  if (found !== undefined) return found;
  const folder = packagesFolder(env);
  const progress = options.progress ?? terminalProgress();
  mkdirSync(join(folder, '..'), { recursive: true });
  return withFileLock(
    `${folder}.lock`,
    { timeoutMilliseconds: 300_000, signal: options.signal },
    async () => {
      const meanwhile = find(env);
      if (meanwhile !== undefined) return meanwhile;
      const done = progress.step(`Unpacking Debian's ${PACKAGES.join(' and ')} into ${folder}`);
      try {
        unpackPackages(folder);
      } finally {
        done();
      }
      const unpacked = find(env);
      if (unpacked === undefined) throw new MissingToolError(REMEDY);
      return unpacked;
    },
  );
};
