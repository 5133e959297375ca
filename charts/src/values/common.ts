import { z } from 'zod';
import { cidr, port, registryPattern, repositoryPattern } from './addresses.ts';
import { affinity, egressRules, environment, peers, spread, tolerations } from './kubernetes.ts';
import { monitoringValues } from './monitoring.ts';
import { annotations, flag, labels, objectName, optionalName } from './pieces.ts';

/** Values of every chart. */
export const everywhere = {
  global: z
    .looseObject({})
    .default({})
    .describe('Not used. Helm gives it to a chart that is a part of another.'),
  commonLabels: labels('Labels of every object, beside the standard ones.'),
} as const;

const image = (repository: string) =>
  z
    .strictObject({
      registry: z
        .string()
        .regex(registryPattern)
        .default('')
        .describe("Registry of the image. Empty: the nodes' default."),
      repository: z
        .string()
        .regex(repositoryPattern)
        .default(repository)
        .describe('Name of the image.'),
      tag: z
        .string()
        .regex(/^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/)
        .default('')
        .describe(
          "Tag of the image, never `latest`. Empty: the chart's appVersion. Not together with digest.",
        ),
      digest: z
        .string()
        .regex(/^(sha256:[0-9a-f]{64})?$/)
        .default('')
        .describe('Digest of the image, which names one content for ever. Not together with tag.'),
      pullPolicy: z
        .enum(['Always', 'IfNotPresent', 'Never'])
        .default('IfNotPresent')
        .describe('When the nodes fetch it.'),
    })
    .prefault({})
    .describe('The image of the program.');

const cidrs = (what: string) =>
  z.array(cidr).default([]).describe(`Address ranges of ${what}. Empty: any address.`);

/** Somewhere whose port follows from its URL, in another value. */
export const destinationOfURL = (description: string, what: string) =>
  z
    .strictObject({ cidrs: cidrs(what) })
    .prefault({})
    .describe(description);

const destination = (description: string, ports: readonly number[], what: string) =>
  z
    .strictObject({
      cidrs: cidrs(what),
      ports: z
        .array(port)
        .default([...ports])
        .describe(`Ports of ${what}.`),
    })
    .prefault({})
    .describe(description);

type Destinations = Readonly<Record<string, ReturnType<typeof destinationOfURL>>>;

const networkPolicy = (destinations: Destinations) =>
  z
    .strictObject({
      enabled: flag(true, 'Let the pods be reached, and reach, only what is listed here.'),
      metricsFrom: peers
        .default([{ namespaceSelector: {} }])
        .describe(
          'Who may read metrics and health, as peers of a NetworkPolicy. Kubelets always may.',
        ),
      dns: z
        .strictObject({
          to: peers
            .default([
              {
                namespaceSelector: {
                  matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
                },
              },
            ])
            .describe(
              'Where name servers are, as peers. Empty: anywhere, as a node-local cache needs it.',
            ),
          ports: z.array(port).default([53]).describe('Ports of the name servers.'),
        })
        .prefault({})
        .describe('Name servers.'),
      apiServer: destination(
        "The cluster's own API server. A policy sees its address and port behind the Service `kubernetes`.",
        [443, 6443, 8443, 16443],
        'the API server',
      ),
      chain: destination('RPC servers of the chains.', [443, 8545], 'the RPC servers'),
      ...destinations,
      extraEgress: egressRules.default([]).describe('More egress rules.'),
    })
    .prefault({})
    .describe('NetworkPolicy of the pods.');

/** Values of both programs' charts; `destinations` is where this one connects to beside API server and chain. */
export const programValues = (repository: string, destinations: Destinations = {}) => ({
  ...everywhere,
  image: image(repository),
  imagePullSecrets: z
    .array(z.strictObject({ name: objectName }))
    .default([])
    .describe('Secrets with which the nodes fetch the image.'),
  replicas: z
    .int()
    .min(0)
    .max(10)
    .default(2)
    .describe(
      'One of them acts, the others take over when it is gone. 0 stops the program, as for a restore.',
    ),
  listenHost: z
    .enum(['0.0.0.0', '::'])
    .default('0.0.0.0')
    .describe('Address on which the pod is probed and scraped; `::` where pods have IPv6 only.'),
  revisionHistoryLimit: z.int().min(0).max(100).default(3).describe('Old ReplicaSets that stay.'),
  podLabels: labels('More labels of the pods.'),
  podAnnotations: annotations('Annotations of the pods.'),
  priorityClassName: optionalName.describe('PriorityClass of the pods.'),
  nodeSelector: labels('Labels of the nodes on which they may run.'),
  tolerations: tolerations.default([]).describe('Taints that they tolerate.'),
  affinity: affinity
    .default({})
    .describe('Affinity. Empty: replicas are kept on different nodes where there are several.'),
  topologySpreadConstraints: spread
    .default([])
    .describe('Spread. Empty: over zones where there are several.'),
  podDisruptionBudget: z
    .strictObject({
      enabled: flag(true, 'Let a drain take one replica at a time.'),
      maxUnavailable: z
        .union([z.int().min(1).max(10), z.string().regex(/^([1-9][0-9]?|100)%$/)])
        .default(1)
        .describe('Replicas that a drain may take at once.'),
    })
    .prefault({})
    .describe('PodDisruptionBudget of the pods.'),
  networkPolicy: networkPolicy(destinations),
  serviceAccount: z
    .strictObject({ annotations: annotations('Annotations of the ServiceAccount.') })
    .prefault({})
    .describe('ServiceAccount of the pods; its name is fixed, since rights and policies name it.'),
  ...monitoringValues,
  check: z
    .strictObject({
      enabled: flag(
        true,
        'After an install or an upgrade a Job checks what the program needs, and the release fails where something is missing.',
      ),
      timeoutSeconds: z.int().min(10).max(3_600).default(120).describe('How long the Job tries.'),
    })
    .prefault({})
    .describe('Check after installing.'),
  extraEnv: environment.default([]).describe('More environment variables.'),
  extraObjects: z
    .array(
      z.looseObject({
        apiVersion: z.string().min(1),
        kind: z.string().min(1),
        metadata: z.looseObject({ name: z.string().min(1) }),
      }),
    )
    .default([])
    .describe('More objects of the release. Templates in them are rendered.'),
});
