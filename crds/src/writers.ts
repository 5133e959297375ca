import {
  AGENT_SERVICE_ACCOUNT,
  HOME_SERVICE_ACCOUNT,
  OPERATOR_USER,
  PROVIDER_NAMESPACE_PREFIX,
} from './labels.ts';
import { type Policy, type PolicyRule, SPEC_CHANGED } from './policy.ts';

/**
 * One writer a field: who may write which part of an object in the hub. Nobody is exempt, not even a
 * cluster admin, for the signed objects hold other people's money. Admins still delete objects and edit
 * metadata (labels, finalizers), and may delete a binding before a restore from a backup.
 */

const user = 'request.userInfo.username';
const isOperator = `${user} == '${OPERATOR_USER}'`;
/** Of an agent whose own cluster this is, too: it keeps its transactions beside it. */
const isAgentsTransaction = `(request.resource.resource == 'chaintransactions' && ${user} == 'system:serviceaccount:' + request.namespace + ':${HOME_SERVICE_ACCOUNT}')`;
const isAgentHere = `${user} == 'system:serviceaccount:' + request.namespace + ':${AGENT_SERVICE_ACCOUNT}' && request.namespace.startsWith('${PROVIDER_NAMESPACE_PREFIX}')`;

const what =
  "request.resource.resource + (has(request.subResource) && request.subResource != '' ? '/' + request.subResource : '') + ' of ' + object.metadata.name";

function only(name: string, expression: string, who: string, remedy: string): PolicyRule {
  return {
    name,
    expression,
    message: `only ${who} may write this: ${remedy}`,
    messageExpression: `'username ' + ${user} + ' may not write ' + ${what} + ': only ${who} may; ${remedy}'`,
    reason: 'Forbidden',
  };
}

const operatorWrites: Policy = {
  name: 'operator-writes',
  description:
    'Leases, workloads, channels, placement records and transactions are signed by the operator’s keys: nobody else may write them. Their metadata may be edited, and they may be deleted.',
  resources: [
    'gpuleases',
    'leaseworkloads',
    'paymentchannels',
    'placementrecords',
    'chaintransactions',
  ],
  operations: ['CREATE', 'UPDATE'],
  matchConditions: [SPEC_CHANGED],
  rules: [
    only(
      'operatorWritesSpec',
      `${isOperator} || ${isAgentsTransaction}`,
      'the operator',
      'change the GPUJob instead, or delete the object',
    ),
  ],
};

const operatorStatuses: Policy = {
  name: 'operator-writes-status',
  description: 'What the operator observed: nobody else may state it.',
  resources: [
    'gpujobs/status',
    'gpuproviders/status',
    'paymentaccounts/status',
    'settlementchains/status',
    'chaintransactions/status',
  ],
  operations: ['UPDATE'],
  rules: [
    only(
      'operatorWritesStatus',
      `${isOperator} || ${isAgentsTransaction}`,
      'the operator',
      'change the spec, and the status follows',
    ),
  ],
};

const agentWrites: Policy = {
  name: 'agent-writes',
  description: 'Offers and inventories are a provider’s own word: only its agent may give it.',
  resources: ['gpuoffers', 'gpuinventories'],
  operations: ['CREATE', 'UPDATE'],
  matchConditions: [SPEC_CHANGED],
  rules: [
    only(
      'agentWritesSpec',
      isAgentHere,
      'the agent of the provider whose namespace it is',
      'change the configuration of the agent',
    ),
    {
      name: 'inventoryIsNamedLikeProvider',
      expression: `request.resource.resource != 'gpuinventories' || object.metadata.name == request.namespace.substring(${PROVIDER_NAMESPACE_PREFIX.length})`,
      message: 'metadata.name of a GPUInventory must be the name of its provider: rename it',
      messageExpression: `'metadata.name is ' + object.metadata.name + ': name the GPUInventory like its provider, ' + request.namespace.substring(${PROVIDER_NAMESPACE_PREFIX.length})`,
      reason: 'Invalid',
    },
  ],
};

const agentChannelStatus: Policy = {
  name: 'agent-writes-channel-status',
  description: 'Statements are signed by the agent: nobody else may write them.',
  resources: ['paymentchannels/status'],
  operations: ['UPDATE'],
  rules: [
    only(
      'agentWritesChannelStatus',
      isAgentHere,
      'the agent of the provider whose namespace it is',
      'the operator answers in spec.reply',
    ),
  ],
};

const operatorConditions = "['Settled', 'MeterDisputed']";
const conditionsWhere = (root: string, filter: string) =>
  `${root}.?status.?conditions.orValue([]).filter(c, ${filter})`;
const same = (filter: string) =>
  `${conditionsWhere('object', filter)} == ${conditionsWhere('oldObject', filter)}`;
const sameStatus = (field: string) => `object.?status.?${field} == oldObject.?status.?${field}`;

const hasEnded = (root: string) =>
  `${root}.?status.?conditions.orValue([]).exists(c, c.type == 'Succeeded' && c.status != 'Unknown')`;

const AGENT_FIELDS = [
  'leaseId',
  'acceptance',
  'active',
  'succeeded',
  'failed',
  'completedIndexes',
  'failedIndexes',
  'gpuMilliseconds',
  'amount',
  'startTime',
  'endTime',
  'heldTime',
  'devices',
  'tasks',
];

const leaseStatus: readonly Policy[] = [
  {
    name: 'agent-writes-lease-status',
    description:
      'The agent says what it runs; whether it was paid and whether its meter is believed is the operator’s to say.',
    resources: ['gpuleases/status'],
    operations: ['UPDATE'],
    matchConditions: [{ name: 'not-the-operator', expression: `!(${isOperator})` }],
    rules: [
      only(
        'agentWritesLeaseStatus',
        isAgentHere,
        'the operator and the agent of the provider whose namespace it is',
        'change the GPUJob instead',
      ),
      {
        name: 'agentKeepsOperatorConditions',
        expression: same(`c.type in ${operatorConditions}`),
        message:
          'status.conditions Settled and MeterDisputed belong to the operator: leave them as they are',
        reason: 'Forbidden',
      },
      {
        name: 'agentKeepsSettlement',
        expression: sameStatus('settlement'),
        message: 'status.settlement belongs to the operator: leave it as it is',
        reason: 'Forbidden',
      },
      {
        name: 'agentKeepsEnd',
        expression: `!${hasEnded('oldObject')} || (${hasEnded('object')} && ${sameStatus('endTime')})`,
        message:
          'status.conditions Succeeded and status.endTime say when the lease ended, once: nothing after it is paid, leave them as they are',
        reason: 'Invalid',
      },
    ],
  },
  {
    name: 'operator-writes-lease-status',
    description: 'The operator may add Settled, MeterDisputed and settlement, and nothing else.',
    resources: ['gpuleases/status'],
    operations: ['UPDATE'],
    matchConditions: [{ name: 'the-operator', expression: isOperator }],
    rules: [
      {
        name: 'operatorKeepsAgentConditions',
        expression: same(`!(c.type in ${operatorConditions})`),
        message:
          'status.conditions but Settled and MeterDisputed belong to the agent: leave them as they are',
        reason: 'Forbidden',
      },
      {
        name: 'operatorKeepsAgentFields',
        expression: AGENT_FIELDS.map(sameStatus).join(' && '),
        message: `status.${AGENT_FIELDS.join(', ')} belong to the agent: leave them as they are`,
        reason: 'Forbidden',
      },
    ],
  },
];

const agentStaysAtHome: Policy = {
  name: 'agent-stays-in-its-namespace',
  description: 'Whatever rights an agent is given by mistake, it writes in its own namespace only.',
  resources: ['*/*'],
  operations: ['CREATE', 'UPDATE'],
  matchConditions: [
    {
      name: 'an-agent',
      expression: `${user}.startsWith('system:serviceaccount:${PROVIDER_NAMESPACE_PREFIX}')`,
    },
  ],
  rules: [
    {
      name: 'agentStaysInItsNamespace',
      expression: `${user}.startsWith('system:serviceaccount:' + request.namespace + ':')`,
      message: 'an agent may write in its own namespace only',
      messageExpression: `'username ' + ${user} + ' may not write in namespace "' + request.namespace + '": an agent writes in its own namespace only'`,
      reason: 'Forbidden',
    },
  ],
};

/** The policies that say who writes what. */
export const writerPolicies: readonly Policy[] = [
  operatorWrites,
  operatorStatuses,
  agentWrites,
  agentChannelStatus,
  ...leaseStatus,
  agentStaysAtHome,
];
