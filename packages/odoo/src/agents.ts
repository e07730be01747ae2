import { once } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { checkHost, createDoor } from './door.js';
import { guarded, type Resolve } from './guard.js';
import { isDirect } from './noProxy.js';
import { proxied } from './proxyFault.js';

/** The way out that a fleet's requests take. */
export interface ProxyOptions {
  /** `ODOO_PROXY`: with user and password, where it wants them. */
  readonly url: string;
  /** `ODOO_NO_PROXY`: hosts that are asked without it. */
  readonly except: readonly string[];
}

/** How Odoos are reached, and which. */
export interface Way {
  /** `ODOO_ALLOW`: kinds of addresses, ranges and hosts. */
  readonly allow: readonly string[];
  /** Asked directly where there is none. */
  readonly proxy?: ProxyOptions | null;
  /** The system's where there is none. */
  readonly resolve?: Resolve;
}

/** The connections of one session with an Odoo. Every socket to an Odoo is made by one of these. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpAgent;
  /** Closes the connections that nothing travels on: the next request gets a fresh one. */
  dropIdle(): void;
  close(): void;
}

const KEPT = { keepAlive: true };

/** Tells a refusal of the proxy apart from one of the Odoo behind it. */
class ToHttp extends HttpProxyAgent<string> {
  constructor(
    proxyUrl: string,
    private readonly check: () => void,
  ) {
    super(proxyUrl, KEPT);
  }
  override async connect(...[request, options]: Parameters<HttpProxyAgent<string>['connect']>) {
    this.check();
    return proxied(this.proxy, request, async () => {
      const socket = await super.connect(request, options);
      if (this.proxy.protocol === 'https:') await once(socket, 'secureConnect');
      return socket;
    });
  }
}

class ToHttps extends HttpsProxyAgent<string> {
  constructor(
    proxyUrl: string,
    private readonly check: () => void,
  ) {
    super(proxyUrl, KEPT);
  }
  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>) {
    this.check();
    return proxied(this.proxy, request, () => super.connect(request, options));
  }
}

/** @param odooUrl decides whether the proxy is used. */
export function createAgents(odooUrl: string, { allow, proxy = null, resolve }: Way): Agents {
  const door = createDoor(allow);
  const direct = proxy === null || isDirect(odooUrl, proxy.except);
  // A proxy resolves by itself, so that only what stands in the URL can be judged.
  const check = () => checkHost(odooUrl, allow);
  const http = direct ? guarded(new HttpAgent(KEPT), door, resolve) : new ToHttp(proxy.url, check);
  const https = direct ? guarded(new HttpsAgent(KEPT), door, resolve) : new ToHttps(proxy.url, check);
  return {
    http,
    https,
    dropIdle() {
      for (const { freeSockets } of [http, https])
        for (const sockets of Object.values(freeSockets))
          for (const socket of sockets ?? []) socket.destroy();
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}
