// Everything at once, with openid-client: a pushed request (RFC 9126), private_key_jwt (RFC 7523), tokens bound to a key
// (RFC 9449), introspection (RFC 7662) and revocation (RFC 7009). Prints the address to open, reads the one that the browser
// came back to, and prints what it found.
import { createInterface } from 'node:readline/promises'
import { readFile } from 'node:fs/promises'
import * as jose from 'jose'
import * as oidc from 'openid-client'

const { ISSUER, CLIENT_ID, KEY_FILE, KEY_ID, REDIRECT_URI, SCOPE } = process.env
const key = await jose.importPKCS8(await readFile(KEY_FILE, 'utf8'), 'ES256')
const broker = await oidc.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  { id_token_signed_response_alg: 'ES256' },
  oidc.PrivateKeyJwt({ key, kid: KEY_ID }),
  { execute: [oidc.allowInsecureRequests] },
)
const DPoP = oidc.getDPoPHandle(broker, await oidc.randomDPoPKeyPair('ES256'))

const verifier = oidc.randomPKCECodeVerifier()
const [state, nonce] = [oidc.randomState(), oidc.randomNonce()]
const address = await oidc.buildAuthorizationUrlWithPAR(
  broker,
  {
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  },
  { DPoP },
)
console.log(address.href)

const lines = createInterface({ input: process.stdin })
const [back] = [(await lines[Symbol.asyncIterator]().next()).value]
lines.close()
const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }
const first = await oidc.authorizationCodeGrant(broker, new URL(back), checks, undefined, { DPoP })
const userinfo = await oidc.fetchUserInfo(broker, first.access_token, first.claims().sub, { DPoP })
const second = await oidc.refreshTokenGrant(broker, first.refresh_token, undefined, { DPoP })
const active = await oidc.tokenIntrospection(broker, second.access_token)
await oidc.tokenRevocation(broker, second.refresh_token)
const revoked = await oidc.tokenIntrospection(broker, second.access_token)
const refused = await oidc.refreshTokenGrant(broker, second.refresh_token, undefined, { DPoP }).catch((error) => error)
console.log(
  JSON.stringify({
    address: address.search,
    token_type: second.token_type,
    userinfo,
    active,
    revoked,
    refused: refused.error,
  }),
)
