import { describe, expect, test } from '@jest/globals';
import { allocated } from '../testing/meterBuilders.ts';
import { type AssignmentInput, assignmentOf } from './assignment.ts';
import { exporterView, parseExporterPage } from './exporterPage.ts';

const asked = 'H100-80GB-HBM3';
const of = (input: Partial<AssignmentInput>) =>
  assignmentOf({
    namespace: 'tenant',
    pod: 'train-0',
    container: 'task',
    nodeName: 'gpu-1',
    gpus: 2,
    allocated: undefined,
    exporter: undefined,
    askedProduct: asked,
    nodeProduct: asked,
    ...input,
  });

/** What the exporter shows of a device: its model, its last XID, and that this container has it. */
const shown = (
  devices: Readonly<Record<string, { model?: string; xid?: number; pod?: string }>>,
) => {
  const lines = Object.entries(devices).map(
    ([uuid, { model = 'NVIDIA H100 80GB HBM3', xid = 0, pod = 'train-0' }]) =>
      `DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="${uuid}",device="nvidia0",modelName="${model}",Hostname="gpu-1",container="task",namespace="tenant",pod="${pod}"} ${xid}`,
  );
  return exporterView(parseExporterPage(lines.join('\n')));
};
const two = allocated({ 'GPU-a': 'Healthy', 'GPU-b': 'Healthy' });

describe('which GPUs a container has', () => {
  test.each<[string, Partial<AssignmentInput>, readonly string[]]>([
    ['what the kubelet names', { allocated: two }, ['GPU-a', 'GPU-b']],
    [
      'what the exporter names',
      { exporter: shown({ 'GPU-b': {}, 'GPU-a': {} }) },
      ['GPU-a', 'GPU-b'],
    ],
    [
      'what the kubelet names, whatever the exporter does',
      { allocated: two, exporter: shown({ 'GPU-c': {} }) },
      ['GPU-a', 'GPU-b'],
    ],
    ['no more than it asked for', { allocated: two, gpus: 1 }, ['GPU-a']],
    [
      'a slice',
      { allocated: [{ name: 'nvidia.com/mig-1g.5gb', resources: [{ resourceID: 'MIG-a' }] }] },
      ['MIG-a'],
    ],
    [
      'a number, which only its node makes one of a kind',
      { allocated: allocated({ '0': 'Healthy', '1': 'Healthy' }) },
      ['gpu-1/0', 'gpu-1/1'],
    ],
    [
      'nothing that could break a line of the record',
      { allocated: allocated({ 'GPU-a b,c': 'Healthy' }) },
      ['GPU-a_b_c'],
    ],
  ])('%s', (_name, input, devices) => {
    expect(of(input)).toEqual({ devices, isVerified: true, unbilled: [], problem: undefined });
  });

  test.each<[string, Partial<AssignmentInput>]>([
    ['nobody says anything', {}],
    ['the kubelet names other resources only', { allocated: [{ name: 'example.com/nic' }] }],
    ['the kubelet names none', { allocated: [{ name: 'nvidia.com/gpu', resources: [] }] }],
    ['the exporter shows them for another pod', { exporter: shown({ 'GPU-a': { pod: 'other' } }) }],
  ])('its shares stand for them when %s, and that is said', (_name, input) => {
    expect(of(input)).toMatchObject({
      devices: ['?0', '?1'],
      isVerified: false,
      unbilled: [],
      problem: { reason: 'AssignmentUnverified', message: expect.stringContaining('train-0') },
    });
  });
});

describe('what is not billed of it', () => {
  test.each<[string, Partial<AssignmentInput>, readonly string[], string, RegExp]>([
    [
      'a device that the kubelet calls unhealthy',
      { allocated: allocated({ 'GPU-a': 'Healthy', 'GPU-b': 'Unhealthy' }) },
      ['GPU-b'],
      'DeviceUnhealthy',
      /^1 of 2 GPUs of pod train-0 on gpu-1 unhealthy, not billed: GPU-b$/,
    ],
    [
      'a device that the exporter shows fallen off the bus, where the kubelet says nothing',
      { exporter: shown({ 'GPU-a': { xid: 79 }, 'GPU-b': {} }) },
      ['GPU-a'],
      'DeviceUnhealthy',
      /GPU-a$/,
    ],
    [
      'a device of which the kubelet knows nothing and the exporter that it has fallen off the bus',
      {
        allocated: allocated({ 'GPU-a': 'Unknown', 'GPU-b': 'Healthy' }),
        exporter: shown({ 'GPU-a': { xid: 79 }, 'GPU-b': {} }),
      },
      ['GPU-a'],
      'DeviceUnhealthy',
      /GPU-a$/,
    ],
    [
      'everything on a node of another product',
      { allocated: two, nodeProduct: 'L40S' },
      ['GPU-a', 'GPU-b'],
      'AssignmentMismatch',
      /GPU-a on gpu-1 is L40S, the lease pays for H100-80GB-HBM3/,
    ],
    [
      'a chip that is another one than its node’s label says',
      {
        allocated: two,
        exporter: shown({ 'GPU-a': {}, 'GPU-b': { model: 'NVIDIA A100-SXM4-80GB' } }),
      },
      ['GPU-b'],
      'AssignmentMismatch',
      /GPU-b on gpu-1 is A100-SXM4-80GB/,
    ],
    [
      'shares on a node of another product',
      { nodeProduct: 'L40S' },
      ['?0', '?1'],
      'AssignmentMismatch',
      /node gpu-1 is L40S/,
    ],
  ])('%s', (_name, input, unbilled, reason, message) => {
    const assignment = of(input);
    expect(assignment.unbilled).toEqual(unbilled);
    expect(assignment.problem).toEqual({ reason, message: expect.stringMatching(message) });
  });

  test.each<[string, Partial<AssignmentInput>]>([
    ['of unknown health', { allocated: allocated({ 'GPU-a': 'Unknown', 'GPU-b': 'Healthy' }) }],
    [
      'that the kubelet calls healthy, whatever error it once had',
      { allocated: two, exporter: shown({ 'GPU-a': { xid: 79 } }) },
    ],
    ['of a node whose label is gone', { allocated: two, nodeProduct: undefined }],
    ['whose program failed on it', { exporter: shown({ 'GPU-a': { xid: 31 }, 'GPU-b': {} }) }],
    [
      'that is a slice of the card that the exporter shows',
      {
        askedProduct: 'A100-SXM4-40GB-MIG-1g.5gb',
        nodeProduct: 'A100-SXM4-40GB-MIG-1g.5gb',
        exporter: shown({ 'GPU-a': { model: 'NVIDIA A100-SXM4-40GB' } }),
      },
    ],
    [
      'whose product the provider states in short',
      { askedProduct: 'H100', nodeProduct: 'H100', exporter: shown({ 'GPU-a': {}, 'GPU-b': {} }) },
    ],
  ])('but a device %s is billed', (_name, input) => {
    expect(of(input)).toMatchObject({ unbilled: [], problem: undefined });
  });
});
