import { formatTokenAmount } from '@gridlease/contracts/amount';
import { productId } from '@gridlease/contracts/ids';
import type { TermsInput } from './facts.ts';
import { type Policy, refuse } from './policy.ts';

/** Longest time that a provider works without being paid, stop not counted. */
const longestUnpaidSeconds = 3_600;
/** As much as an operator can be configured to. */
const longestIdleSeconds = 86_400;

/** Whether the terms keep to an offer that this agent signed. The first two make the rest safe. */
export const offerPolicies: readonly Policy<TermsInput>[] = [
  {
    name: 'for an offer of this agent',
    check: ({ offer, terms }) =>
      offer === undefined
        ? refuse('OfferUnknown', `this agent has signed no offer ${terms.offerHash}`)
        : undefined,
  },
  {
    name: 'for an offer that still stands',
    check: ({ offer, nowMs }) => {
      if (offer?.withdrawn) {
        return refuse(
          'OfferUnknown',
          `the offer for ${offer.product} was replaced by another price`,
        );
      }
      const late = Math.floor(nowMs / 1000) - Number(offer!.offer.validUntil);
      return late <= 0
        ? undefined
        : refuse('OfferExpired', `the offer for ${offer!.product} ended ${late} s ago`);
    },
  },
  {
    name: 'the product of the offer',
    check: ({ offer, lease }) =>
      productId(offer!.product) === productId(lease.spec.product)
        ? undefined
        : refuse(
            'TermsInvalid',
            `the lease asks for ${lease.spec.product}, the offer is for ${offer!.product}`,
          ),
  },
  {
    name: 'the price of the offer',
    check: ({ offer, terms, lease, own }) => {
      const { symbol, decimals } = own.token;
      const asked = terms.spot ? offer!.offer.spotPricePerGpuHour : offer!.offer.pricePerGpuHour;
      if (terms.spot && asked === 0n) {
        return refuse('OfferUnknown', `${lease.spec.product} is not offered at a spot price`);
      }
      const shown = formatTokenAmount(terms.pricePerGpuHour, decimals);
      if (terms.pricePerGpuHour !== asked) {
        return refuse(
          terms.pricePerGpuHour < asked ? 'PriceBelowOffer' : 'TermsInvalid',
          `the terms pay ${shown} ${symbol}, the offer asks ${formatTokenAmount(asked, decimals)} ` +
            `for one ${lease.spec.product} for one hour`,
        );
      }
      return sameAmount(lease.spec.pricePerGPUHour, shown)
        ? undefined
        : refuse(
            'TermsInvalid',
            `the lease shows ${lease.spec.pricePerGPUHour} ${symbol}, its terms ${shown}`,
          );
    },
  },
  {
    name: 'a size that is offered',
    check: ({ offer, terms }) => {
      const { minGpus, maxGpus } = offer!.offer;
      return terms.gpuCount >= minGpus && terms.gpuCount <= maxGpus
        ? undefined
        : refuse(
            'GPUCountOutOfRange',
            `needs ${terms.gpuCount} GPUs, the offer is for ${minGpus} to ${maxGpus}`,
          );
    },
  },
  {
    name: 'a duration that is offered',
    check: ({ offer, terms }) => {
      const { maxSeconds } = offer!.offer;
      const isWithin = maxSeconds === 0 || (terms.maxSeconds > 0 && terms.maxSeconds <= maxSeconds);
      return isWithin
        ? undefined
        : refuse(
            'DurationTooLong',
            `needs ${terms.maxSeconds === 0 ? 'no limit' : `${terms.maxSeconds} s`}, ` +
              `the offer is for at most ${maxSeconds} s`,
          );
    },
  },
  {
    // A close is noticed late by as much as a statement may stay unpaid: it must fit the shortest window.
    name: 'paid soon enough',
    check: ({ terms }) => {
      const unpaidSeconds = terms.intervalSeconds + terms.graceSeconds;
      return unpaidSeconds <= longestUnpaidSeconds
        ? undefined
        : refuse(
            'TermsInvalid',
            `intervalSeconds and graceSeconds leave ${unpaidSeconds} s unpaid, at most ${longestUnpaidSeconds} s`,
          );
    },
  },
  {
    name: 'GPUs that are not held for nothing',
    check: ({ terms }) =>
      terms.idleSeconds <= longestIdleSeconds
        ? undefined
        : refuse(
            'TermsInvalid',
            `idleSeconds is ${terms.idleSeconds}, at most ${longestIdleSeconds}`,
          ),
  },
  {
    name: 'nothing held back',
    check: ({ terms }) =>
      terms.retentionBps === 0
        ? undefined
        : refuse('TermsInvalid', `retentionBps is ${terms.retentionBps}: it must be 0`),
  },
];

/** "2.10" and "2.1" are the same price. */
function sameAmount(a: string, b: string): boolean {
  const plain = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  return plain(a) === plain(b);
}
