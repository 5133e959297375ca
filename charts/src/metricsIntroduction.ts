/** What docs/reference/metrics.md says before its tables. */
export const metricsIntroduction = `# Metrics

Generated from the programs' own registries by \`npm run charts\`. Do not edit.

Operator and agent serve \`/metrics\` in the text format of Prometheus on \`listen.host\`:\`listen.port\`. Names follow Prometheus: base units, \`_total\` on counters. Money is in token units or in the chain's coin, as a floating-point number to be drawn; exact amounts are in the objects and on the chain.

**Labels are bounded.** No label holds a lease, a job, an address or a hash. \`namespace\`, \`provider\`, \`account\` and \`chain\` are names of objects that admins and teams create, \`product\` is a GPU product of an inventory; all others come from closed lists, which the tables give in full. With 100 providers and 10,000 jobs a hub has fewer than 10,000 series and an agent fewer than 2,500, most of them those of the runtime: a test fills the collectors with that many objects, counts, and measures a scrape. (The benchmark of the whole federation at that size lets several agents share an API server; that changes none of these figures.) A provider, account or namespace that is gone takes its series with it.

**Series exist before their first event.** Counters with closed lists begin at 0, so that \`rate()\` and \`increase()\` see the first event. Counters are of one term of office: a replica that begins to lead begins at 0, which Prometheus takes for a restart.

**Where the truth of each comes from.** Gauges are read from the caches of the API server, and from the newest look at the chain, when somebody scrapes. What can't be known keeps what was known last: silence of a chain or an API server is shown by \`gridlease_chain_head_timestamp_seconds\` and \`gridlease_informer_age_seconds\`, and changes no other value.

## Integrity

\`gridlease_lease_mismatch\` compares three truths that nobody writes together: the leases' own conditions (the provider), statements and replies (the payer), and final blocks (the chain). All four kinds are 0 throughout the normal life of a lease.

| \`kind\` | It counts | It does not count |
| --- | --- | --- |
| \`paid_not_running\` | Leases of which two answered statements, one after the other, were both made later than interval + grace after the lease's own conditions said that nothing runs (not delivering, or ended), and of which the later one bills more than half of the time of its GPUs in between. Shown from 15 s after the answer until 5 minutes after the last such answer, while the lease still says the same. | The last row of a lease that ended; a row that was disputed and is paid later; a container that ends again and again and runs for moments. |
| \`running_not_paid\` | Leases that deliver and whose accepted GPU time has not grown for longer than interval + grace + 30 s. | Leases of a provider that is not heard of, and the same time after it is heard again; what a replica that began to lead has not watched for that long. |
| \`chain_only\` | Channels with a reserve or claims in the newest final block, between an account of this hub, its delegate and a GPUProvider, for which there is no PaymentChannel. Looked for every 60 s. | Channels of other hubs of the same tenant: their delegate is another key. |
| \`cluster_only\` | PaymentChannels that contradict the newest final block for longer than 60 s: another generation, more claimed than the newest voucher promises, or more redeemed than is claimed. Looked at every 15 s. | A channel whose object has not followed a close yet, for 60 s. |

\`gridlease_stated_gpu_seconds_total\` and \`gridlease_paid_gpu_seconds_total\` are the two sides of the same work: paid / stated over some hours is the share of delivered GPU time that was paid.
`;
