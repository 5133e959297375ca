import { z } from 'zod';

/** Where something is, in the network: each pattern is one of Go's regular expressions, too, which look neither ahead nor back. */

/** A port of TCP. */
export const port = z.int().min(1).max(65_535);

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const ipv4 = `${octet}(\\.${octet}){3}`;

const word = '[0-9a-fA-F]{1,4}';
/** With all its eight words, or with `::` in place of those that are 0. */
const ipv6 = `((${word}:){7}${word}|(${word}:){1,7}:|${[1, 2, 3, 4, 5, 6]
  .map((before) => `(${word}:){1,${before}}(:${word}){1,${7 - before}}`)
  .join('|')}|:(:${word}){1,7}|::)`;

export const cidr = z
  .string()
  .regex(
    new RegExp(
      `^(${ipv4}/([0-9]|[12][0-9]|3[0-2])|${ipv6}/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))$`,
    ),
    'must be an address range such as 10.0.0.0/8',
  );

const label = '[A-Za-z0-9]([-A-Za-z0-9_]{0,61}[A-Za-z0-9])?';
/** A last label without a letter makes an address of a name, and 300.1.2.3 is none. */
const lastLabel = '([0-9][-0-9_]*)?[A-Za-z]([-A-Za-z0-9_]*[A-Za-z0-9])?';
const host = `((${label}\\.)*${lastLabel}|${ipv4}|\\[${ipv6}\\])`;
const portNumber =
  '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

/** A URL of one of these schemes, with a host, and a port that there is. */
export const urlPattern = (schemes: string) =>
  new RegExp(`^${schemes}://([^\\s/?#@]+@)?${host}(:${portNumber})?(/[^\\s]*)?(\\?[^\\s]*)?$`);

/** The URL of an API server: what a client adds to it must be its path, and credentials are given otherwise. */
export const serverPattern = new RegExp(`^https://${host}(:${portNumber})?(/[^\\s?#]*)?$`);

const pathPart = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';

/** A registry of images: a host, a port, and what stands before every name in there. */
export const registryPattern = new RegExp(`^(${host}(:${portNumber})?(/${pathPart})*)?$`);

/** The name of an image in its registry. */
export const repositoryPattern = new RegExp(`^${pathPart}(/${pathPart})*$`);
