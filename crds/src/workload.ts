import { choice, integer, list, struct, text } from './fields.ts';
import { MAX_REPLICAS } from './jobDefaults.ts';
import { absolutePath, countOf, nameOf, quantity, writtenAs } from './userFields.ts';

/** What runs: the `workload` block of GPUJob. An allow-list, never a PodSpec that is passed through. */

const environmentVariable = struct(
  'One environment variable; exactly one of value and secretKeyRef.',
  {
    name: text('Name of the variable. The list must not hold a name twice.', {
      maxLength: 128,
      rules: [
        {
          name: 'envNameIsWellFormed',
          rule: "self.matches('^[A-Za-z_][A-Za-z0-9_]*$')",
          message: 'env name is not valid: write letters, digits and _, not beginning with a digit',
          messageExpression:
            "'env name is \"' + self + '\": write letters, digits and _, not beginning with a digit'",
        },
        {
          name: 'envNameIsAllowed',
          rule: "!(self in ['LD_PRELOAD', 'LD_AUDIT', 'JOB_COMPLETION_INDEX', 'NVIDIA_VISIBLE_DEVICES', 'NVIDIA_DRIVER_CAPABILITIES']) && !self.matches('^CUDA_.*MPS')",
          message:
            'env name is reserved: it would change devices or libraries of the provider; remove it',
          messageExpression:
            "'env name is \"' + self + '\": it is reserved, because it changes the devices, libraries or task index that the provider sets; remove it'",
        },
      ],
    }),
    value: text('Literal value. At most 4096 characters.', { maxLength: 4096 }).optional(),
    secretKeyRef: struct(
      'Key of a Secret in the job’s namespace. Travels sealed to the provider; refused with reason SecretNotSealed until sealing is available.',
      {
        name: nameOf('secretKeyRef.name', 'Name of the Secret.'),
        key: text('Key in the Secret.', { maxLength: 253, minLength: 1 }),
      },
    ).optional(),
  },
  {
    rules: [
      {
        name: 'envHasOneSource',
        rule: 'has(self.value) != has(self.secretKeyRef)',
        message: 'an env entry takes exactly one of value and secretKeyRef: keep one of them',
        messageExpression:
          "'env \"' + self.name + '\" takes exactly one of value and secretKeyRef: keep one of them'",
      },
    ],
  },
);

const resources = struct('What one task gets besides its GPUs; requests and limits are the same.', {
  cpu: quantity('resources.cpu', 'CPU cores of one task. Default 1.').default('1'),
  memory: quantity('resources.memory', 'Memory of one task, in bytes. Default 4Gi.').default('4Gi'),
  ephemeralStorage: quantity(
    'resources.ephemeralStorage',
    'Disk of one task for its writable layer, logs and scratch space, in bytes. Default 10Gi.',
  ).default('10Gi'),
  sharedMemory: quantity(
    'resources.sharedMemory',
    'Size of /dev/shm, in bytes; counts as memory. Default 1Gi.',
  ).default('1Gi'),
});

const allowed = struct('One destination outside the provider that a task may reach.', {
  cidr: text('Address range in CIDR notation, IPv4 or IPv6.', {
    maxLength: 64,
    rules: [
      {
        name: 'cidrIsValid',
        rule: 'isCIDR(self)',
        message: 'cidr is not an address range: write one such as 203.0.113.0/24',
        messageExpression:
          "'cidr is \"' + self + '\": write an address range such as 203.0.113.0/24'",
      },
    ],
  }),
  port: integer('TCP port.', { min: 1, max: 65_535 }),
});

/** The `workload` block of GPUJob. */
export const workload = struct(
  'What every task runs. Immutable.',
  {
    image: text(
      'Container image with its digest: name@sha256:… . A tag alone can change under a running job.',
      {
        maxLength: 512,
        rules: [
          {
            name: 'imageHasDigest',
            rule: "self.matches('^[a-zA-Z0-9][-a-zA-Z0-9._/:]*@sha256:[0-9a-f]{64}$')",
            message: 'image has no digest: write name@sha256:<64 hex digits>',
            messageExpression:
              "'image is \"' + self + '\": write it with its digest, name@sha256:<64 hex digits>; docker buildx imagetools inspect IMAGE shows it'",
          },
        ],
      },
    ),
    command: list(
      'Program and its first arguments, instead of the image’s entry point. Default: the image’s.',
      text('One word.', { maxLength: 4096 }),
      { max: 64 },
    ).optional(),
    args: list(
      'Arguments after command, instead of the image’s. Default: the image’s.',
      text('One argument.', { maxLength: 4096 }),
      { max: 256 },
    ).optional(),
    env: list(
      'Environment variables. JOB_COMPLETION_INDEX is set for every task.',
      environmentVariable,
      {
        max: 128,
        keys: ['name'],
      },
    ).optional(),
    workingDir: absolutePath('workingDir', 'Working directory. Default: the image’s.').optional(),
    imagePullSecretName: nameOf(
      'imagePullSecretName',
      'Secret in the job’s namespace for a private registry. Refused with reason SecretNotSealed until sealing is available.',
    ).optional(),
    runAsUser: integer('Numeric user of the processes; never 0. Default 65532.', {
      min: 1,
      max: 2_147_483_647,
    }).default(65_532),
    resources: resources.prefault({}),
    egress: choice(
      'None: no traffic leaves the pod but DNS and allow. Public: also the internet, never private ranges. Default None.',
      ['None', 'Public'],
    ).default('None'),
    allow: list('Destinations reachable besides egress.', allowed, { max: 32 }).optional(),
  },
  { atomic: true },
);

const probe = struct('HTTP check that decides whether a replica gets traffic; one port has it.', {
  path: writtenAs('probe.path', 'Path of the request, such as /health.', {
    maxLength: 1024,
    pattern: '^/[^ ]*$',
    remedy: 'write a path that begins with /',
  }),
  periodSeconds: integer('Seconds between two checks. Default 10.', { min: 1, max: 3600 }).default(
    10,
  ),
  timeoutSeconds: integer('Seconds until a check counts as failed. Default 1.', {
    min: 1,
    max: 3600,
  }).default(1),
  failureThreshold: integer(
    'Failed checks in a row until the replica gets no traffic. Default 3.',
    {
      min: 1,
      max: 100,
    },
  ).default(3),
});

const port = struct('One port of a service.', {
  name: writtenAs('port name', 'Name of the port, unique in the list.', {
    maxLength: 15,
    pattern: '^[a-z]([a-z0-9]|-[a-z0-9])*$',
    remedy: 'write at most 15 lower-case letters, digits and single -, beginning with a letter',
  }),
  port: integer('Port in the container.', { min: 1, max: 65_535 }),
  probe: probe.optional(),
});

/** The `service` block of GPUJob: replicas that run until deleted. */
export const service = struct(
  'Replicas that run until the job is deleted, each at one provider. Exactly one of batch and service.',
  {
    replicas: countOf(
      'service.replicas',
      'Replicas to keep running; fewer end those with the highest index. Mutable, also with kubectl scale. Default 1.',
      {
        min: 0,
        max: MAX_REPLICAS,
        remedy: `write 0 to ${MAX_REPLICAS} replicas; spread more over several GPUJobs`,
      },
    ).default(1),
    ports: list('Ports that receive traffic. Immutable.', port, {
      max: 8,
      min: 1,
      keys: ['name'],
      rules: [
        {
          name: 'onePortHasProbe',
          rule: 'self.filter(port, has(port.probe)).size() <= 1',
          message:
            'service.ports has several probes: keep one, a container has one check of its readiness',
          messageExpression:
            "'service.ports has several probes among its %d ports: keep one, a container has one check of its readiness'.format([self.size()])",
        },
        {
          name: 'portsDiffer',
          rule: 'self.all(one, self.filter(other, other.port == one.port).size() == 1)',
          message: 'service.ports has a port number twice: remove one of them',
          messageExpression:
            "'service.ports has a port number twice among its %d ports: remove one of them'.format([self.size()])",
        },
      ],
    }),
  },
);

/** The `batch` block of GPUJob: tasks that end. */
export const batch = struct(
  'Tasks that end. Exactly one of batch and service. Immutable.',
  {
    completions: countOf(
      'batch.completions',
      'Number of tasks; each gets its own JOB_COMPLETION_INDEX from 0. Default 1.',
      {
        min: 1,
        max: 10_000,
        remedy: 'write 1 to 10000 tasks; split a larger array into several GPUJobs',
      },
    ).default(1),
    parallelism: countOf(
      'batch.parallelism',
      'Tasks that run at the same time at most. Default: completions.',
      { min: 1, max: 10_000, remedy: 'write 1 to 10000, at most batch.completions' },
    ).optional(),
    retryLimit: integer(
      'Times that one index may fail and run again; refusals and lost providers don’t count. Default 3.',
      { min: 0, max: 100 },
    ).default(3),
  },
  {
    atomic: true,
    rules: [
      {
        name: 'parallelismWithinCompletions',
        rule: '!has(self.parallelism) || self.parallelism <= self.completions',
        message: 'batch.parallelism is above batch.completions: lower it or leave it out',
        messageExpression:
          "'batch.parallelism is %d but batch.completions is %d: lower parallelism or leave it out'.format([self.parallelism, self.completions])",
        fieldPath: '.parallelism',
      },
    ],
  },
);
