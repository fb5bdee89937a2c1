// Checks one token with jose: node tokens.mjs FOLDER < case. FOLDER has node_modules/jose in it.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import path from "node:path";

const require = createRequire(path.resolve(process.argv[2], "package.json"));
const { createLocalJWKSet, jwtVerify } = await import(pathToFileURL(require.resolve("jose")).href);

const { token, altered, jwks, audience, issuer, subject } = JSON.parse(readFileSync(0, "utf8"));
const keys = createLocalJWKSet(JSON.parse(jwks));
const asked = { audience, issuer, subject, requiredClaims: ["exp", "nbf", "iat", "jti"] };

const { payload } = await jwtVerify(token, keys, asked);
const later = new Date((payload.exp + 1) * 1000);
const earlier = new Date((payload.nbf - 1) * 1000);
const wrong = [
  ["ERR_JWT_CLAIM_VALIDATION_FAILED", token, { ...asked, audience: "https://other.example.com" }],
  ["ERR_JWT_CLAIM_VALIDATION_FAILED", token, { ...asked, issuer: "https://other.example.com" }],
  ["ERR_JWT_CLAIM_VALIDATION_FAILED", token, { ...asked, currentDate: earlier }],
  ["ERR_JWT_EXPIRED", token, { ...asked, currentDate: later }],
  ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED", altered, { ...asked, subject: "root" }],
];
for (const [code, text, options] of wrong) {
  const outcome = await jwtVerify(text, keys, options).then(() => "accepted", (error) => error.code);
  if (outcome !== code) {
    console.error(`expected ${code}, got ${outcome}`);
    process.exit(1);
  }
}
