import { channelObjectName } from '@gridlease/contracts/channel';
import { uidToBytes32 } from '@gridlease/contracts/ids';
import { isAddressEqual } from 'viem';
import type { TermsInput } from './facts.ts';
import { type Policy, refuse } from './policy.ts';

/** Who asks, who pays, and whether the words are theirs. */
export const identityPolicies: readonly Policy<TermsInput>[] = [
  {
    name: 'for this provider',
    check: ({ lease, terms, own }) => {
      if (lease.spec.providerName !== own.providerName) {
        return refuse(
          'TermsInvalid',
          `the lease names provider ${lease.spec.providerName}, this agent serves ${own.providerName}`,
        );
      }
      if (isAddressEqual(terms.provider, own.owner)) return undefined;
      return refuse(
        'ChannelMismatch',
        `the terms pay ${terms.provider}, this provider is paid at ${own.owner}`,
      );
    },
  },
  {
    name: 'from this hub',
    check: ({ terms, own }) =>
      terms.hub === own.hub
        ? undefined
        : refuse('HubNotAllowed', `the terms are of hub ${terms.hub}, this agent knows ${own.hub}`),
  },
  {
    name: 'not from before a restore of the hub',
    check: ({ terms, own }) =>
      terms.hubEpoch >= own.hubEpochSeen
        ? undefined
        : refuse(
            'HubEpochTooLow',
            `the terms carry hub epoch ${terms.hubEpoch}, this agent has seen ${own.hubEpochSeen}: ` +
              'raise hubEpoch of the operator after a restore',
          ),
  },
  {
    name: 'signed by the one who pays',
    check: ({ terms, recovered, own }) =>
      recovered !== undefined && isAddressEqual(recovered, terms.signer)
        ? undefined
        : refuse(
            'SignatureInvalid',
            `the terms are not signed by ${terms.signer} for escrow ${own.escrow} on chain ${own.chainId}` +
              `${recovered === undefined ? '' : `, but by ${recovered}`}`,
          ),
  },
  {
    name: 'about the job that the lease names',
    check: ({ lease, terms }) =>
      terms.jobUid === uidToBytes32(lease.spec.jobRef.uid)
        ? undefined
        : refuse('TermsInvalid', `the terms are not about job UID ${lease.spec.jobRef.uid}`),
  },
  {
    name: 'under the epoch that was signed',
    check: ({ lease, terms }) =>
      terms.attempt === lease.spec.epoch
        ? undefined
        : refuse(
            'TermsInvalid',
            `the lease has epoch ${lease.spec.epoch}, its terms were signed for ${terms.attempt}`,
          ),
  },
  {
    name: 'on the channel that its parties derive',
    check: ({ lease, terms }) => {
      const name = channelObjectName(lease.spec.accountRef.uid, terms.provider, terms.signer);
      return lease.spec.channelName === name
        ? undefined
        : refuse('ChannelMismatch', `the channel is ${lease.spec.channelName}, expected ${name}`);
    },
  },
  {
    name: 'no older than what was accepted before',
    check: ({ lease, laterEpoch }) =>
      laterEpoch === undefined
        ? undefined
        : refuse(
            'EpochTooLow',
            `epoch ${laterEpoch} of these tasks was accepted here, the lease has ${lease.spec.epoch}`,
          ),
  },
  {
    name: 'before the terms lapse',
    check: ({ terms, nowMs }) => {
      const lateSeconds = Math.floor(nowMs / 1000) - Number(terms.acceptBy);
      return lateSeconds <= 0
        ? undefined
        : refuse('OfferExpired', `the terms had to be accepted ${lateSeconds} s earlier`);
    },
  },
];
