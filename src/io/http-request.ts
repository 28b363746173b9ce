// One GET request: proxies, redirects, and a limit on the time until the answer begins. What to do with a failure is the
// caller's business; a `TransferFailure` says whether trying again can help.

import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { retryAfter } from './back-off.js';
import { errorCode } from './disk-error.js';
import { http, https } from './late-modules.js';
import { ResponseBody } from './response-body.js';

/**
 * Whether another attempt at the same URL makes sense: `never` (it is not there, or not what was asked for), `once` (the
 * host can't be reached: perhaps a hiccup, more likely no network), `often` (busy, cut off, stalled).
 */
export type Retry = 'never' | 'once' | 'often';

/** Why a request or a transfer failed, and whether to try again. */
export class TransferFailure extends Error {
  constructor(
    message: string,
    readonly retry: Retry,
    options?: ErrorOptions & { waitMilliseconds?: number | undefined },
  ) {
    super(message, options);
    this.name = 'TransferFailure';
    this.waitMilliseconds = options?.waitMilliseconds;
  }

  /** How long the server asked to be left alone. */
  readonly waitMilliseconds: number | undefined;
}

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the answer's headers must be there. */
  readonly connectTimeout: number;
  readonly maxRedirects?: number;
  /** Whether a redirect may lead from https to http: only where a checksum tells whether the content was changed on the way. */
  readonly downgrade: boolean;
}

/** An answer whose headers are there and whose body is to be read or abandoned. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: ResponseBody;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);
const unreachable = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EHOSTDOWN',
  'ENETDOWN',
]);

/**
 * Asks for a URL and resolves when the headers of the final answer (status 200, 206 or 416) are there. Proxies are taken
 * from the environment.
 * @throws TransferFailure for anything else, or the signal's reason
 */
export async function get(url: string, options: GetOptions): Promise<Answer> {
  const { maxRedirects = 5 } = options;
  let current = parseUrl(url);
  for (let hops = 0; ; hops++) {
    const answer = await send(current, options);
    const { status, headers, body } = answer;
    if (status === 200 || status === 206 || status === 416) return answer;
    body.abandon();
    if (!redirects.has(status)) throw refusal(status, headers);
    if (headers.location === undefined) throw new TransferFailure(`redirect (${status}) without a target`, 'never');
    if (hops === maxRedirects) throw new TransferFailure(`more than ${maxRedirects} redirects`, 'never');
    const next = parseUrl(headers.location, current);
    if (current.protocol === 'https:' && next.protocol === 'http:' && !options.downgrade) {
      throw new TransferFailure(
        `redirected from https to ${next.origin}, where the file could be changed on its way, and no checksum is known`,
        'never',
      );
    }
    current = next;
  }
}

function parseUrl(text: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    throw new TransferFailure(`'${text}' is not a URL`, 'never');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TransferFailure(`'${url.href}' is neither http nor https`, 'never');
  }
  return url;
}

function refusal(status: number, headers: IncomingHttpHeaders): TransferFailure {
  const meaning = http().STATUS_CODES[status];
  const text = `the server answered ${status}${meaning === undefined ? '' : ` ${meaning}`}`;
  return new TransferFailure(text, passing.has(status) ? 'often' : 'never', {
    waitMilliseconds: retryAfter(headers['retry-after']),
  });
}

/** What knows of proxies, loaded when first needed, as most programs and worker threads fetch nothing. */
async function loadProxies() {
  const [{ getProxyForUrl }, { HttpsProxyAgent }] = await Promise.all([
    import('proxy-from-env'),
    import('https-proxy-agent'),
  ]);
  return { getProxyForUrl, HttpsProxyAgent };
}

type Proxies = Awaited<ReturnType<typeof loadProxies>>;

async function send(url: URL, options: GetOptions): Promise<Answer> {
  const proxies = await loadProxies();
  return new Promise((resolve, reject) => {
    const { signal, connectTimeout } = options;
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const request = openRequest(proxies, url, {
      'accept-encoding': 'identity',
      'user-agent': 'flambeau',
      ...options.headers,
    });
    const timer = setTimeout(() => {
      request.destroy(new TransferFailure(`no answer within ${connectTimeout / 1000} s`, 'once'));
    }, connectTimeout);
    const abort = (): void => void request.destroy();
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort, { once: true });
    request.once('response', (response) => {
      settle();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: new ResponseBody(response) });
    });
    // Stays attached: a connection that breaks later reports to the response, and here without consequence.
    request.on('error', (error) => {
      settle();
      reject(signal?.aborted ? (signal.reason as Error) : connectionFailure(error));
    });
    request.end();
  });
}

function openRequest(
  { getProxyForUrl, HttpsProxyAgent }: Proxies,
  url: URL,
  headers: Record<string, string>,
): ClientRequest {
  const proxy = getProxyForUrl(url.href);
  // No agent: each request has a connection of its own, which is gone when the transfer ends.
  if (proxy === '') return (url.protocol === 'https:' ? https() : http()).request(url, { headers, agent: false });
  if (url.protocol === 'https:') return https().request(url, { headers, agent: new HttpsProxyAgent(proxy) });
  // Plain HTTP goes through a proxy as a request with the whole URL in it; many proxies tunnel to port 443 only.
  const endpoint = parseUrl(proxy);
  const credentials = `${decodeURIComponent(endpoint.username)}:${decodeURIComponent(endpoint.password)}`;
  endpoint.username = '';
  endpoint.password = '';
  return (endpoint.protocol === 'https:' ? https() : http()).request(endpoint, {
    path: `${url.origin}${url.pathname}${url.search}`,
    headers: {
      host: url.host,
      ...headers,
      ...(credentials !== ':' && { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
    agent: false,
  });
}

function connectionFailure(error: Error): Error {
  if (error instanceof TransferFailure) return error;
  const code = errorCode(error);
  // Several addresses tried in vain arrive as one error that has the others inside and often no message.
  const text = error.message === '' ? (code ?? error.name) : error.message;
  if (code !== undefined && unreachable.has(code)) {
    return new TransferFailure(`the host can't be reached (${text})`, 'once', { cause: error });
  }
  // A certificate that is refused now will be refused in a second.
  const certificate = code !== undefined && /CERT|ERR_TLS/.test(code);
  return new TransferFailure(`the connection failed (${text})`, certificate ? 'never' : 'often', { cause: error });
}
