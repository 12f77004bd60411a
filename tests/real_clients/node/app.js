// An application behind Poortwachter in Node: openid-client for the sign-in, jose for the logout token.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import * as jose from 'jose'
import * as oidc from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, RIGHTS_CLAIM, SCOPE } = process.env
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const RENEW_SECONDS = 60 // before the access token runs out

const development = ISSUER.startsWith('http://') ? { execute: [oidc.allowInsecureRequests] } : {}
const broker = await oidc.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  { id_token_signed_response_alg: 'ES256' },
  oidc.ClientSecretBasic(CLIENT_SECRET),
  development,
)
const keys = jose.createRemoteJWKSet(new URL(broker.serverMetadata().jwks_uri))
const sessions = new Map() // in memory: enough for one process
const underWay = new Map()

async function signIn(response) {
  const verifier = oidc.randomPKCECodeVerifier()
  const asked = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier }
  const address = oidc.buildAuthorizationUrl(broker, {
    redirect_uri: `${BASE_URL}/callback`,
    scope: SCOPE,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: asked.state,
    nonce: asked.nonce,
  })
  const id = randomBytes(32).toString('base64url')
  underWay.set(id, asked)
  response.setHeader('Set-Cookie', `sign_in=${id}; HttpOnly; SameSite=Lax; Path=/`)
  response.writeHead(303, { Location: address.href }).end()
}

async function comeBack(request, response) {
  const asked = underWay.get(cookie(request, 'sign_in'))
  underWay.delete(cookie(request, 'sign_in'))
  if (!asked) return answer(response, 400, 'This sign-in is over. Start again.')
  const tokens = await oidc.authorizationCodeGrant(broker, new URL(request.url, BASE_URL), {
    pkceCodeVerifier: asked.verifier,
    expectedState: asked.state,
    expectedNonce: asked.nonce,
    idTokenExpected: true,
  }) // checks iss (RFC 9207), the ID token, its nonce and its signature
  const id = randomBytes(32).toString('base64url')
  sessions.set(id, keep(tokens, tokens.id_token, tokens.claims()))
  response.setHeader('Set-Cookie', `node_session=${id}; HttpOnly; SameSite=Lax; Path=/`)
  response.writeHead(303, { Location: '/' }).end()
}

function keep(tokens, idToken, claims) {
  return { tokens, idToken, claims, until: Date.now() + tokens.expires_in * 1000 }
}

// The session of this page request, renewed when its token nearly runs out; a refusal ends it.
async function session(request) {
  const id = cookie(request, 'node_session')
  const found = sessions.get(id)
  if (!found || Date.now() < found.until - RENEW_SECONDS * 1000) return found
  found.renewing ??= oidc.refreshTokenGrant(broker, found.tokens.refresh_token) // one at a time
  try {
    const tokens = await found.renewing
    if (!sessions.has(id)) return undefined // signed out meanwhile
    sessions.set(id, keep(tokens, tokens.id_token ?? found.idToken, tokens.claims() ?? found.claims))
  } catch (error) {
    found.renewing = undefined
    if (error.error !== 'invalid_grant') throw error // the broker is away: nothing is lost
    sessions.delete(id)
  }
  return sessions.get(id)
}

async function page(request, response) {
  const found = await session(request)
  if (!found) return signIn(response)
  const { given_name, family_name, vo_orgcode, sid } = found.claims
  const rights = found.claims[RIGHTS_CLAIM] ?? []
  answer(response, 200, JSON.stringify({ given_name, family_name, vo_orgcode, sid, rights }))
}

function signOut(request, response) {
  const id = cookie(request, 'node_session')
  const found = sessions.get(id)
  sessions.delete(id)
  const back = { post_logout_redirect_uri: `${BASE_URL}/signed-out` }
  const address = found && oidc.buildEndSessionUrl(broker, { ...back, id_token_hint: found.idToken })
  response.writeHead(303, { Location: address?.href ?? '/signed-out' }).end()
}

// OpenID Back-Channel Logout 1.0, section 2.6.
async function hearLogout(request, response) {
  const form = new URLSearchParams(await body(request))
  response.setHeader('Cache-Control', 'no-store')
  try {
    const { payload } = await jose.jwtVerify(form.get('logout_token') ?? '', keys, {
      issuer: ISSUER,
      audience: CLIENT_ID,
      algorithms: ['ES256'],
      typ: 'logout+jwt',
      maxTokenAge: '2 minutes',
      requiredClaims: ['jti', 'exp', 'events'],
    })
    if (!payload.events[LOGOUT_EVENT] || 'nonce' in payload || !(payload.sid || payload.sub)) throw new Error('shape')
    for (const [id, { claims }] of sessions) {
      if (payload.sid ? claims.sid === payload.sid : claims.sub === payload.sub) sessions.delete(id)
    }
    answer(response, 200, '')
  } catch {
    answer(response, 400, '{"error":"invalid_request"}')
  }
}

const ways = {
  'GET /': page,
  'GET /callback': comeBack,
  'GET /signed-out': (_request, response) => answer(response, 200, '"Signed out."'),
  'POST /sign-out': signOut,
  'POST /backchannel-logout': hearLogout,
}

function cookie(request, name) {
  const found = (request.headers.cookie ?? '').split('; ').find((each) => each.startsWith(`${name}=`))
  return found?.slice(name.length + 1)
}

async function body(request) {
  let read = ''
  for await (const part of request) if ((read += part).length > 65536) throw new Error('too much')
  return read
}

function answer(response, status, json) {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(json)
}

createServer(async (request, response) => {
  const way = ways[`${request.method} ${new URL(request.url, BASE_URL).pathname}`]
  try {
    await (way ? way(request, response) : answer(response, 404, '"Not found."'))
  } catch (error) {
    console.error(error.code ?? error.name, error.error ?? '', error.message)
    answer(response, 503, '"Try again in a few minutes."')
  }
}).listen(new URL(BASE_URL).port, '127.0.0.1')
