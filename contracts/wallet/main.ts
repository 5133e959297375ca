import { parseArgs } from 'node:util';
import { anAddress, connect, newKey, readKey, tokenOf } from './account.ts';
import { agentKeys } from './agentKeys.ts';
import { authorize, close, deploy, deposit, send, show, withdraw } from './tenant.ts';
import { wordsOf } from './words.ts';

const USAGE = `npm run wallet -- VERB [options]: what a person does on the chain

  new FILE                               makes a key, and prints its address
  show [DELEGATE]                        the account's money, and what a delegate may move
  deposit AMOUNT                         from the account into its pool in the escrow
  withdraw AMOUNT                        from the pool back to the account
  send AMOUNT ADDRESS [--gas COIN]       tokens, and the chain's coin, to another account
  authorize DELEGATE --limit AMOUNT [--gas COIN]
                                         lets an operator's key move money from the pool into channels
  close PROVIDER DELEGATE                takes what is left in a channel back to the pool: first asks,
                                         and a day later, said again, ends it
  agent-keys --out DIR [--days 90] [--gas COIN]
                                         a provider's agent.key, gas.key and grant.json; again: renews the grant
  deploy --token ADDRESS --treasury ADDRESS
                                         puts an escrow for a token on the chain

  --rpc-url URL     the chain                   (default: the environment's RPC_URL)
  --escrow ADDRESS  the GpuEscrow contract      (default: ESCROW)
  --key-file FILE   the account's private key   (default: KEY_FILE)`;

const required = (value: string | undefined, what: string): string => {
  if (value === undefined || value === '') throw new Error(`${what} is missing\n\n${USAGE}`);
  return value;
};

const run = async (): Promise<readonly string[]> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'rpc-url': { type: 'string' },
      escrow: { type: 'string' },
      'key-file': { type: 'string' },
      limit: { type: 'string' },
      gas: { type: 'string' },
      out: { type: 'string' },
      days: { type: 'string', default: '90' },
      token: { type: 'string' },
      treasury: { type: 'string' },
    },
  });
  const [verb, argument, second] = positionals;
  const verbs = [
    'show',
    'deposit',
    'withdraw',
    'send',
    'authorize',
    'close',
    'agent-keys',
    'deploy',
  ];
  if (verb === 'new') return [newKey(required(argument, 'FILE')).address];
  if (verb === undefined || !verbs.includes(verb)) throw new Error(USAGE);
  const rpcUrl = required(values['rpc-url'] ?? process.env['RPC_URL'], '--rpc-url');
  const keyFile = required(values['key-file'] ?? process.env['KEY_FILE'], '--key-file');
  const on = await connect(rpcUrl, readKey(keyFile));
  if (verb === 'deploy') {
    const token = anAddress(values.token, '--token');
    return deploy(on, { token, treasury: anAddress(values.treasury, '--treasury') });
  }
  const escrow = anAddress(values.escrow ?? process.env['ESCROW'], '--escrow');
  const account = { on, escrow, token: await tokenOf(on, escrow) };
  const delegate = () => anAddress(argument, 'DELEGATE');
  switch (verb) {
    case 'show':
      return show(account, argument === undefined ? undefined : delegate());
    case 'deposit':
      return deposit(account, required(argument, 'AMOUNT'));
    case 'withdraw':
      return withdraw(account, required(argument, 'AMOUNT'));
    case 'send':
      return send(account, anAddress(second, 'ADDRESS'), {
        amount: required(argument, 'AMOUNT'),
        gas: values.gas,
      });
    case 'close':
      return close(account, {
        provider: anAddress(argument, 'PROVIDER'),
        signer: anAddress(second, 'DELEGATE'),
      });
    case 'authorize':
      return authorize(account, delegate(), {
        limit: required(values.limit, '--limit'),
        gas: values.gas,
      });
    default:
      return agentKeys(on, {
        escrow,
        outDir: required(values.out, '--out'),
        days: Number(values.days),
        gas: values.gas,
      });
  }
};

try {
  process.stdout.write(`${(await run()).join('\n')}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${wordsOf(error) || String(error)}\n`);
  process.exit(1);
}
