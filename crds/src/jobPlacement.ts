import { choice, integer, list, struct } from './fields.ts';
import { countOf, providerNameOf, writtenAs } from './userFields.ts';

/** The `gpu` block of GPUJob. */
export const gpu = struct(
  'The GPUs that each task gets. Immutable.',
  {
    count: countOf('gpu.count', 'GPUs of one task, all on one node.', {
      min: 1,
      max: 64,
      remedy: 'write 1 to 64 GPUs for one task; for more GPUs raise batch.completions',
    }),
    products: list(
      'Acceptable products, any of them: "H100" also matches H100-80GB-HBM3. MIG and shared variants only when named in full. Default: any product.',
      writtenAs('gpu.products', 'One product, such as H100 or RTX-4090.', {
        maxLength: 63,
        pattern: '^[A-Za-z0-9][-A-Za-z0-9._ ]*$',
        remedy: 'write a product such as H100, L40S or RTX-4090: letters, digits, . _ - and spaces',
      }),
      { max: 16, unique: true },
    ).optional(),
    memoryMiB: integer('Least memory of each GPU, in MiB. Default: any.', {
      min: 1,
      max: 16_777_216,
    }).optional(),
    locality: choice(
      'Any: tasks may be spread over providers. SameProvider, SameClique: all tasks together at one provider, or in one NVLink domain. Default Any.',
      ['Any', 'SameProvider', 'SameClique'],
    ).default('Any'),
  },
  { atomic: true },
);

const providers = struct(
  'Providers by name.',
  {
    allow: list('Only these. Default: all.', providerNameOf('providers.allow', 'A GPUProvider.'), {
      max: 64,
      unique: true,
    }).optional(),
    deny: list('Never these. Default: none.', providerNameOf('providers.deny', 'A GPUProvider.'), {
      max: 64,
      unique: true,
    }).optional(),
  },
  {
    rules: [
      {
        name: 'providersNotAllowedAndDenied',
        rule: '!has(self.allow) || !has(self.deny) || !self.allow.exists(name, name in self.deny)',
        message: 'placement.providers allows and denies the same provider: remove it from one list',
        messageExpression:
          "'placement.providers allows and denies ' + self.allow.filter(name, name in self.deny)[0] + ': remove it from allow or from deny'",
      },
    ],
  },
);

/** The `placement` block of GPUJob. */
export const placement = struct(
  'Where tasks may run. Mutable: holds for attempts placed afterwards.',
  {
    regions: list(
      'Regions of GPUProvider.spec.region, any of them. Default: all.',
      writtenAs('placement.regions', 'One region, such as eu-central.', {
        maxLength: 63,
        pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
        remedy: 'write lower-case letters, digits and -, such as eu-central',
      }),
      { max: 64, unique: true },
    ).optional(),
    jurisdictions: list(
      'Countries of GPUProvider.spec.jurisdiction, any of them. Default: all.',
      writtenAs('placement.jurisdictions', 'Two-letter ISO 3166 country code, such as DE.', {
        maxLength: 8,
        pattern: '^[A-Z]{2}$',
        remedy: 'write the two capital letters of an ISO 3166 country, such as DE',
      }),
      { max: 64, unique: true },
    ).optional(),
    providers: providers.optional(),
    minTrustTier: integer('Least trust tier of the provider, 0 to 3. Default 0.', {
      min: 0,
      max: 3,
    }).default(0),
    maxProviderSharePercent: integer(
      'Share of the tasks that one provider may run at most, in percent: of those that run at once, and of batch.completions over the life of the job; one task is always allowed. Default 100.',
      { min: 1, max: 100 },
    ).default(100),
    minIsolation: choice(
      'Weakest acceptable container isolation: runc, gvisor or kata, in rising strength. Default runc.',
      ['runc', 'gvisor', 'kata'],
    ).default('runc'),
  },
);
