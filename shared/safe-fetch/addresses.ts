/** Which addresses a user's URL may lead to: the public internet, and what the operator allows beyond it. */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

// Public by its number, yet answered by the host of every Azure machine with that machine's secrets (the wire server).
const AZURE_WIRE_SERVER = '168.63.129.16';
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Why an address is not of the public internet, in one word or two; undefined when it is.
 * Anything not known to be public is refused, so a range that some later RFC gives out stays closed.
 */
export function whyNotPublic(address: string): string | undefined {
  const ip = parse(address);
  if (ip === undefined) return 'not an IP address';
  if (ip instanceof ipaddr.IPv4) {
    if (ip.toString() === AZURE_WIRE_SERVER) return 'cloud metadata';
    const range = ip.range();
    return range === 'unicast' ? undefined : range;
  }
  const inner = embeddedIPv4(ip);
  if (inner !== undefined) return whyNotPublic(inner.toString());
  const range = ip.range();
  if (range !== 'unicast') return range;
  return ip.match(GLOBAL_UNICAST) ? undefined : 'reserved';
}

/** `::ffff:a.b.c.d` and, on networks without IPv4, NAT64 are other spellings of an IPv4 address, so that one decides. */
function embeddedIPv4(ip: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  if (ip.isIPv4MappedAddress()) return ip.toIPv4Address();
  return ip.match(NAT64) ? new ipaddr.IPv4(ip.toByteArray().slice(12)) : undefined;
}

function parse(address: string): Address | undefined {
  // Only the one usual spelling of IPv4: ipaddr.js also reads "0177.1", and what is read two ways can be fooled.
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
  return ipaddr.IPv6.isValid(address) ? ipaddr.IPv6.parse(address) : undefined;
}

export interface AllowList {
  /** A host named as such, or a whole origin: scheme, host and port are then as the operator wrote them. */
  readonly allowsOrigin: (url: URL) => boolean;
  readonly allowsHost: (host: string) => boolean;
  readonly allowsAddress: (address: string) => boolean;
}

/**
 * Reads what an operator allows beyond the public internet:
 * - `10.1.2.0/24`, `192.168.0.7`: addresses, at the usual ports and schemes;
 * - `images.intranet`: a host name, whatever its address;
 * - `http://minio:9000`: one origin, with its scheme and port.
 * @throws RangeError that names the entry that cannot be read
 */
export function readAllowList(entries: readonly string[]): AllowList {
  const origins = new Set<string>();
  const hosts = new Set<string>();
  const ranges: [Address, number][] = [];
  for (const entry of entries) {
    if (entry.includes('://')) origins.add(originOf(entry));
    else if (ipaddr.isValidCIDR(entry)) ranges.push(ipaddr.parseCIDR(entry));
    else if (parse(entry) !== undefined) ranges.push([parse(entry)!, entry.includes(':') ? 128 : 32]);
    else if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(entry)) hosts.add(entry.toLowerCase());
    else
      throw new RangeError(
        `${JSON.stringify(entry)} cannot be allowed: write an address range (10.0.0.0/8), a host (images.intranet) or an origin (http://minio:9000).`,
      );
  }
  return {
    allowsOrigin: (url) => origins.has(url.origin),
    allowsHost: (host) => hosts.has(host),
    allowsAddress: (address) => {
      const ip = parse(address);
      if (ip === undefined) return false;
      const inner = ip instanceof ipaddr.IPv6 ? embeddedIPv4(ip) : undefined;
      return [ip, inner].some(
        (each) =>
          each !== undefined && ranges.some(([base, bits]) => base.kind() === each.kind() && each.match(base, bits)),
      );
    },
  };
}

function originOf(entry: string): string {
  const url = URL.canParse(entry) ? new URL(entry) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw new RangeError(
      `${JSON.stringify(entry)} cannot be allowed: an origin is http or https, a host and a port, and nothing more.`,
    );
  }
  return url.origin;
}
