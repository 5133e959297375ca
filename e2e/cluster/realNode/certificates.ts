import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import {
  bits,
  element,
  integer,
  objectId,
  octets,
  sequence,
  set,
  text,
  time,
  truth,
} from './der.ts';

/** PEM both. */
export type Certificate = { readonly certificate: string; readonly privateKey: string };

export type CertificateSubject = {
  readonly commonName: string;
  readonly organizations?: readonly string[];
};

export type CertificateRequest = CertificateSubject & {
  readonly usage: 'server' | 'client';
  /** IPv4 addresses and names that a server answers at. */
  readonly addresses?: readonly string[];
};

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const DAY_MILLISECONDS = 86_400_000;
const PURPOSE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

const attribute = (id: string, value: string): Buffer => set(sequence(objectId(id), text(value)));

const nameOf = ({ commonName, organizations = [] }: CertificateSubject): Buffer =>
  sequence(
    ...organizations.map((organization) => attribute('2.5.4.10', organization)),
    attribute('2.5.4.3', commonName),
  );

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(objectId(id), ...(critical ? [truth] : []), octets(value));

const alternativeName = (address: string): Buffer =>
  /^\d+(\.\d+){3}$/.test(address)
    ? element(0x87, Buffer.from(address.split('.').map(Number)))
    : element(0x82, Buffer.from(address));

const pem = (label: string, content: Buffer): string =>
  `-----BEGIN ${label}-----\n${content.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`;

type Unsigned = {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
};

const signed = (unsigned: Unsigned, issuerKey: KeyObject): string => {
  const content = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([0x40, ...randomBytes(15)])),
    ECDSA_WITH_SHA256,
    unsigned.issuer,
    // A clock that was set back in between must not make it a certificate of the future.
    sequence(
      time(new Date(Date.now() - DAY_MILLISECONDS)),
      time(new Date(Date.now() + 365 * DAY_MILLISECONDS)),
    ),
    unsigned.subject,
    unsigned.publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...unsigned.extensions)),
  );
  return pem(
    'CERTIFICATE',
    sequence(content, ECDSA_WITH_SHA256, bits(sign('sha256', content, issuerKey))),
  );
};

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const written = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A new authority that signs for one cluster of one run, valid for a year. */
export const certificateAuthority = (commonName: string): Certificate => {
  const keys = newKeys();
  const name = nameOf({ commonName });
  const extensions = [
    extension('2.5.29.19', true, sequence(truth)),
    // keyCertSign, the sixth bit.
    extension('2.5.29.15', true, bits(Buffer.from([0x04]), 2)),
  ];
  return {
    certificate: signed(
      { subject: name, issuer: name, publicKey: keys.publicKey, extensions },
      keys.privateKey,
    ),
    privateKey: written(keys.privateKey),
  };
};

/** A certificate with a new key, signed by `authority`, whose common name must be `issuerName`. */
export const issueCertificate = (
  authority: Certificate,
  issuerName: string,
  request: CertificateRequest,
): Certificate => {
  const keys = newKeys();
  const { addresses = [] } = request;
  const extensions = [
    // digitalSignature, the first bit.
    extension('2.5.29.15', true, bits(Buffer.from([0x80]), 7)),
    extension('2.5.29.37', false, sequence(objectId(PURPOSE[request.usage]))),
    ...(addresses.length === 0
      ? []
      : [extension('2.5.29.17', false, sequence(...addresses.map(alternativeName)))]),
  ];
  return {
    certificate: signed(
      {
        subject: nameOf(request),
        issuer: nameOf({ commonName: issuerName }),
        publicKey: keys.publicKey,
        extensions,
      },
      createPrivateKey(authority.privateKey),
    ),
    privateKey: written(keys.privateKey),
  };
};
