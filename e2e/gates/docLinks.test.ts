import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');

const pages = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));

/** As GitHub makes them: lower case, spaces to dashes, other signs left out. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '');

const anchorsOf = (path: string): readonly string[] =>
  [...withoutBlocks(readFileSync(path, 'utf8')).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    anchorOf(heading!),
  );

/** Links of a page to files and headings that are not there. */
const broken = (page: string): readonly string[] => {
  const text = withoutBlocks(readFileSync(join(root, page), 'utf8'));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? join(root, page) : join(root, dirname(page), file);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
  });
};

test('every link from page to page leads somewhere', () => {
  expect(pages.length).toBeGreaterThan(20);
  const found = pages.flatMap((page) => broken(page).map((link) => `${page}: ${link}`));
  expect(found).toEqual([]);
});

test('the index names every page of the documentation', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const missing = pages
    .filter(
      (page) =>
        /^docs\/(tutorials\/|reference\/)?[^/]+\.md$/.test(page) && page !== 'docs/README.md',
    )
    .filter((page) => !index.includes(`(${page.slice('docs/'.length)})`));
  expect(missing).toEqual([]);
});
