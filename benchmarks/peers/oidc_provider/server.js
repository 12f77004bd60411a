// The npm package oidc-provider, set up for every path that is measured: in memory (its own adapter) or on Redis (the one below).
// BENCH_SETUP names the file with keys, clients and people; REDIS_SOCKET, where given, the socket of the Redis server.

import { readFileSync } from 'node:fs';
import Redis from 'ioredis';
import Provider from 'oidc-provider';

const setup = JSON.parse(readFileSync(process.env.BENCH_SETUP, 'utf8'));
const people = new Map(setup.people.map((person) => [person.sub, person]));
const RESOURCES = { 'urn:bench:es256': 'ES256', 'urn:bench:rs256': 'RS256' };
const MINUTE = 60;
const HOUR = 60 * MINUTE;

const redis = process.env.REDIS_SOCKET ? new Redis(process.env.REDIS_SOCKET) : undefined;

// One model of oidc-provider in Redis: the value as JSON, beside it what leads to it, and the members of a grant.
class InRedis {
  constructor(model) {
    this.model = model;
  }

  key(id) {
    return `${this.model}:${id}`;
  }

  async upsert(id, payload, seconds) {
    const several = redis.multi();
    const keep = (key, value) => (seconds ? several.set(key, value, 'EX', seconds) : several.set(key, value));
    keep(this.key(id), JSON.stringify(payload));
    if (payload.uid) keep(`uid:${payload.uid}`, id);
    if (payload.userCode) keep(`userCode:${payload.userCode}`, id);
    if (payload.grantId && this.model !== 'Session' && this.model !== 'Grant') {
      several.rpush(`grant:${payload.grantId}`, this.key(id));
      if (seconds) several.expire(`grant:${payload.grantId}`, Math.max(seconds, 12 * HOUR));
    }
    await several.exec();
  }

  async find(id) {
    const text = await redis.get(this.key(id));
    return text ? JSON.parse(text) : undefined;
  }

  async findByUid(uid) {
    const id = await redis.get(`uid:${uid}`);
    return id ? this.find(id) : undefined;
  }

  async findByUserCode(userCode) {
    const id = await redis.get(`userCode:${userCode}`);
    return id ? this.find(id) : undefined;
  }

  async consume(id) {
    const payload = await this.find(id);
    if (payload) {
      payload.consumed = Math.floor(Date.now() / 1000);
      await redis.set(this.key(id), JSON.stringify(payload), 'KEEPTTL');
    }
  }

  async destroy(id) {
    await redis.del(this.key(id));
  }

  async revokeByGrantId(grantId) {
    const keys = await redis.lrange(`grant:${grantId}`, 0, -1);
    await redis.del(`grant:${grantId}`, ...keys);
  }
}

const client = (own, more) => ({
  client_id: own.client_id,
  client_secret: own.client_secret,
  token_endpoint_auth_method: 'client_secret_basic',
  ...more,
});

const provider = new Provider(setup.base, {
  ...(redis ? { adapter: InRedis } : {}),
  jwks: setup.keys,
  cookies: { keys: [setup.cookie_key] },
  clients: [
    client(setup.code_client, {
      redirect_uris: [setup.code_client.redirect_uri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    }),
    ...Object.values(setup.machine_clients).map((own) =>
      client(own, { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] }),
    ),
  ],
  scopes: ['openid', 'offline_access', 'profile', 'email', 'read'],
  claims: { openid: ['sub'], profile: ['given_name', 'family_name', 'name'], email: ['email'] },
  conformIdTokenClaims: false,
  findAccount(_ctx, sub) {
    const person = people.get(sub);
    return person && {
      accountId: sub,
      claims: () => ({ ...person, name: `${person.given_name} ${person.family_name}` }),
    };
  },
  // Whoever is signed in has agreed before: nobody is asked, as in every other contestant.
  async loadExistingGrant(ctx) {
    const known = ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
    if (known) return ctx.oidc.provider.Grant.find(known);
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope(setup.code_client.scope);
    await grant.save();
    return grant;
  },
  issueRefreshToken: (_ctx, own) => own.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  pkce: { required: () => true },
  interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, resource) => ({
        scope: 'read',
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: RESOURCES[resource] } },
      }),
    },
  },
  ttl: {
    AccessToken: 30 * MINUTE,
    AuthorizationCode: 5 * MINUTE,
    ClientCredentials: 5 * MINUTE,
    IdToken: 5 * MINUTE,
    RefreshToken: 8 * HOUR,
    Session: 8 * HOUR,
    Grant: 12 * HOUR,
    Interaction: HOUR,
  },
});

// Stands in for whatever asks a password: /sign-in/<uid>?person=<sub>.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/sign-in/') || ctx.query.person === undefined) return next();
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: ctx.query.person } });
  ctx.respond = false;
  return undefined;
});

provider.on('server_error', (_ctx, error) => console.error(error));
const { hostname, port } = new URL(setup.base);
provider.listen(Number(port), hostname);
