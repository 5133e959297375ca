import { X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import { expect, test } from '@jest/globals';
import { certificateAuthority, issueCertificate } from './certificates.ts';

const AUTHORITY = 'kubelets of alpha';

test('a certificate names its subject, its addresses and its authority, which signed it', () => {
  const authority = certificateAuthority(AUTHORITY);
  const { certificate, privateKey } = issueCertificate(authority, AUTHORITY, {
    commonName: 'system:node:alpha-0',
    organizations: ['system:nodes'],
    usage: 'server',
    addresses: ['10.213.1.1', 'alpha-0'],
  });
  const read = new X509Certificate(certificate);
  expect(read.subject).toBe('O=system:nodes\nCN=system:node:alpha-0');
  expect(read.subjectAltName).toBe('IP Address:10.213.1.1, DNS:alpha-0');
  expect(read.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(read.ca).toBe(false);
  expect(new X509Certificate(authority.certificate).ca).toBe(true);
  expect(privateKey).toContain('PRIVATE KEY');
});

test('server and client that trust the same authority reach each other, each with a certificate', async () => {
  const authority = certificateAuthority(AUTHORITY);
  const server = issueCertificate(authority, AUTHORITY, {
    commonName: 'server',
    usage: 'server',
    addresses: ['127.0.0.1'],
  });
  const client = issueCertificate(authority, AUTHORITY, { commonName: 'client', usage: 'client' });
  const peers: string[] = [];
  const listening = createServer(
    {
      cert: server.certificate,
      key: server.privateKey,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      const { CN } = socket.getPeerCertificate().subject;
      peers.push(String(CN));
      socket.end('hello');
    },
  );
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  const { port } = listening.address() as { port: number };
  try {
    const said = await new Promise<string>((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        ca: authority.certificate,
        cert: client.certificate,
        key: client.privateKey,
      });
      socket.on('error', reject);
      socket.on('data', (data) => resolve(data.toString()));
    });
    expect(said).toBe('hello');
    expect(peers).toEqual(['client']);
  } finally {
    await new Promise((done) => listening.close(done));
  }
});
