// make.mjs: writes the EVM vectors with ethers, checked by noble and cast; seeded, so repeatable.
//
//   npm install --prefix DIR ethers@6.17.0 @noble/curves@2.4.0 @noble/hashes@2.4.0 \
//     @foundry-rs/cast@1.7.1
//   node make.mjs DIR
//
// writes crypto.json.gz, codec.json.gz and keystores.json.gz beside itself. Every signature and
// hash is made by ethers and by noble, some also by cast; the script stops where two differ.
import { execFileSync } from "node:child_process";
import * as nodeCrypto from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(resolve(process.argv[2] ?? "."), "node_modules");
const load = (name) => import(pathToFileURL(createRequire(join(modules, "x.js")).resolve(name)));
const { ethers } = await load("ethers");
const { secp256k1 } = await load("@noble/curves/secp256k1.js");
const { keccak_256 } = await load("@noble/hashes/sha3.js");
const castBinary = join(modules, "@foundry-rs/cast-linux-amd64/bin/cast");
const cast = (...args) => execFileSync(castBinary, args, { encoding: "utf8" }).trim();

const sources = {
  "ethers": "MIT", "@noble/curves": "MIT", "@noble/hashes": "MIT",
  "@foundry-rs/cast": "MIT OR Apache-2.0",
};
const source = "made by tests/vectors/evm/make.mjs: " + Object.entries(sources)
  .map(([name, licence]) => {
    const { version } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
    return `npm ${name}@${version} (${licence})`;
  }).join(", ");

let counter = 0, castAgreed = 0;
const { hexlify, getBytes } = ethers;
function bytes(n) {
  let out = Buffer.alloc(0);
  while (out.length < n)
    out = Buffer.concat([out, keccak_256(new TextEncoder().encode(`lockstep ${counter++}`))]);
  return new Uint8Array(out.subarray(0, n));
}
const below = (n) => Number(BigInt(hexlify(bytes(8))) % BigInt(n));
const pick = (list) => list[below(list.length)];
const hex = (n) => (n === 0 ? "0x" : hexlify(bytes(n)));
const big = (bits) => BigInt(hexlify(bytes(32))) >> BigInt(256 - bits);
// Sizes spread over the orders of magnitude, with the corners in.
const uint = (bits) => {
  const at = below(bits + 4);
  if (at < 2) return BigInt(at);
  if (at === 2) return (1n << BigInt(bits)) - 1n;
  return big(Math.min(bits, at - 2) || 1);
};
const int = (bits) => uint(bits - 1) * (below(2) ? 1n : -1n) - BigInt(below(2));
const address = () => ethers.getAddress(hex(20));
const text = (n) => Array.from({ length: below(n) }, () =>
  pick(["a", "Z", "0", " ", "\u00e9", "\u20ac", "\u{1F512}", "\\", "\"", "\n"])).join("");
function same(a, b, what) {
  const [x, y] = [a, b].map((v) => String(v).toLowerCase());
  if (x !== y) throw new Error(`${what} differs:\n${x}\n${y}`);
}
function sign(key, digest) {
  const signature = new ethers.SigningKey(key).sign(digest);
  const noble = secp256k1.sign(getBytes(digest), getBytes(key),
    { prehash: false, lowS: true, format: "recovered" });
  same(hexlify(noble), ethers.concat(
    [new Uint8Array([signature.yParity]), signature.r, signature.s]), "signature");
  return signature;
}
function key() {
  for (;;) {
    const k = hex(32);
    if (secp256k1.utils.isValidSecretKey(getBytes(k))) return k;
  }
}

// --- crypto: Keccak, keys, signatures, addresses
const keccak = [...Array(300).keys(), 407, 408, 409, 543, 544, 545, 1000, 4096, 20000].map((n) => {
  const message = Uint8Array.from({ length: n }, (_, i) => (i * 31 + n * 7) & 255);
  const hash = ethers.keccak256(message);
  same(hash, hexlify(keccak_256(message)), "keccak");
  return [n, hash];
});
const n = secp256k1.Point.Fn.ORDER;
const corners = [1n, 2n, n - 1n, n >> 1n].map((k) => ethers.toBeHex(k, 32));
const digests = [0n, 1n, n, n - 1n, (1n << 256n) - 1n].map((d) => ethers.toBeHex(d, 32));
const signatures = Array.from({ length: 180 }, (_, i) => {
  const k = i < corners.length * digests.length ? corners[i % corners.length] : key();
  const digest = i < corners.length * digests.length
    ? digests[Math.floor(i / corners.length)] : hex(32);
  const s = sign(k, digest);
  if (i % 12 === 0) {
    same(cast("wallet", "sign", "--no-hash", "--private-key", k, digest), s.serialized, "cast");
    castAgreed++;
  }
  const point = secp256k1.getPublicKey(getBytes(k), false);
  return { key: k, digest, signature: s.serialized, publicKey: hexlify(point.slice(1)),
    address: ethers.computeAddress(k) };
});
const addresses = Array.from({ length: 150 }, (_, i) => {
  const a = address();
  if (i % 10 === 0) {
    same(cast("to-check-sum-address", a.toLowerCase()), a, "cast");
    castAgreed++;
  }
  return a;
});
write("crypto", { keccak, signatures, addresses });

// --- codec: RLP, ABI, typed data, transactions
function rlpItem(depth) {
  if (depth > 0 && below(3) === 0)
    return Array.from({ length: below(6) }, () => rlpItem(depth - 1));
  return hex(pick([0, 1, 1, 2, 20, 32, 54, 55, 56, 57, below(130)]));
}
const rlp = Array.from({ length: 300 }, (_, i) => {
  const item = i === 0 ? hex(300) : i === 1 ? hex(1500) : rlpItem(5);
  return [item, ethers.encodeRlp(item)];
});
for (const at of [255, 256, 257]) {
  const item = hex(at);
  rlp.push([item, ethers.encodeRlp(item)]);
}

const elementary = () => pick([
  () => `uint${8 * (1 + below(32))}`, () => `int${8 * (1 + below(32))}`, () => "uint256",
  () => "address", () => "bool", () => `bytes${1 + below(32)}`, () => "bytes", () => "string",
])();
function abiType(depth) {
  if (depth === 0 || below(2)) return elementary();
  return pick([
    () => `${abiType(depth - 1)}[]`,
    () => `${abiType(depth - 1)}[${1 + below(3)}]`,
    () => `(${Array.from({ length: 1 + below(3) }, () => abiType(depth - 1)).join(",")})`,
  ])();
}
function abiValue(type, plain) {
  if (type.arrayChildren) {
    const count = type.arrayLength < 0 ? below(4) : type.arrayLength;
    return Array.from({ length: count }, () => abiValue(type.arrayChildren, plain));
  }
  if (type.components) return type.components.map((component) => abiValue(component, plain));
  return elementaryValue(type.type, plain);
}
function elementaryValue(type, plain = false) {
  if (type === "bool") return below(2) === 1;
  if (type === "address") return address();
  if (type === "string") return plain ? `a${below(1e9)}` : text(pick([1, 20, 32, 33, 60]));
  if (type === "bytes") return hex(pick([0, 1, 31, 32, 33, 64, below(80)]));
  const size = Number(type.replace(/^\D+/, ""));
  if (type.startsWith("uint")) return uint(size).toString();
  if (type.startsWith("int")) return int(size).toString();
  return hex(size);
}
const castText = (type, value) =>
  type.arrayChildren ? `[${value.map((v) => castText(type.arrayChildren, v)).join(",")}]`
    : type.components ? `(${value.map((v, i) => castText(type.components[i], v)).join(",")})`
      : String(value);
const coder = ethers.AbiCoder.defaultAbiCoder();
const abi = Array.from({ length: 320 }, (_, i) => {
  const byCast = i % 8 === 0;
  const types = Array.from({ length: 1 + below(4) }, () => abiType(3));
  const params = types.map((t) => ethers.ParamType.from(t));
  const values = params.map((p) => abiValue(p, byCast));
  const signature = `f${i}(${types.join(",")})`;
  const data = ethers.concat([ethers.id(signature).slice(0, 10), coder.encode(params, values)]);
  if (byCast) {
    const args = values.map((v, at) => castText(params[at], v));
    same(cast("calldata", signature, "--", ...args), data, `cast calldata ${signature}`);
    castAgreed++;
  }
  return { signature, values, data };
});
const events = Array.from({ length: 40 }, (_, i) => {
  let indexed = 0;
  const inputs = Array.from({ length: 1 + below(5) }, (_, at) => {
    const type = at === 4 ? "string" : pick([elementary, () => abiType(2)])();
    return `${type}${below(2) && indexed++ < 3 ? " indexed" : ""} p${at}`;
  });
  const fragment = ethers.EventFragment.from(`event E${i}(${inputs.join(", ")})`);
  const values = fragment.inputs.map((p) => abiValue(p));
  const plain = fragment.inputs.every((p) => !p.indexed || !(p.arrayChildren || p.components));
  if (!plain) return null; // ethers encodes no topic for these
  const log = new ethers.Interface([fragment]).encodeEventLog(fragment, values);
  return { signature: `E${i}(${inputs.join(", ")})`, values, topics: log.topics, data: log.data };
}).filter((e) => e !== null);

const typed = Array.from({ length: 120 }, (_, i) => {
  const names = Array.from({ length: 1 + below(4) }, (_, at) =>
    `${pick(["A", "Z", "m", "B"])}s${at}`);
  const types = {};
  names.forEach((name, at) => {
    types[name] = Array.from({ length: below(4) + (at + 1 < names.length ? 0 : 1) }, (_, f) =>
      ({ name: `f${f}`, type: elementary() + pick(["", "", "", "[]", "[2]", "[][1]"]) }));
    if (at + 1 < names.length) // each struct refers to the next, some to others too
      types[name].push({ name: "next", type: names[at + 1] + pick(["", "[]", "[2]"]) });
    if (at + 2 < names.length && below(2))
      types[name].push({ name: "skip", type: names[at + 2] });
  });
  const make = (type) => {
    const array = type.match(/^(.*)\[(\d*)\]$/);
    if (array) return Array.from({ length: array[2] === "" ? below(3) : Number(array[2]) },
      () => make(array[1]));
    return types[type] ? types[type].map((f) => make(f.type)) : elementaryValue(type, i % 6 === 0);
  };
  const named = (type, value) => {
    const array = type.match(/^(.*)\[(\d*)\]$/);
    if (array) return value.map((v) => named(array[1], v));
    return types[type]
      ? Object.fromEntries(types[type].map((f, at) => [f.name, named(f.type, value[at])])) : value;
  };
  const domain = {};
  if (below(4)) domain.name = text(20);
  if (below(2)) domain.version = String(below(9));
  if (below(4)) domain.chainId = uint(pick([8, 53])).toString();
  if (below(2)) domain.verifyingContract = address();
  if (below(3) === 0) domain.salt = hex(32);
  const values = make(names[0]), message = named(names[0], values);
  const encoder = ethers.TypedDataEncoder.from(types);
  const digest = ethers.TypedDataEncoder.hash(domain, types, message);
  if (i % 6 === 0) {
    const json = JSON.stringify({ domain, primaryType: names[0], message,
      types: { EIP712Domain: domainTypes(domain), ...types } });
    const k = key();
    same(cast("wallet", "sign", "--data", "--private-key", k, json), sign(k, digest).serialized,
      "cast typed data");
    castAgreed++;
  }
  return { type: encoder.encodeType(names[0]), values, domain,
    separator: ethers.TypedDataEncoder.hashDomain(domain),
    structHash: encoder.hashStruct(names[0], message), digest };
});
function domainTypes(domain) {
  return [["name", "string"], ["version", "string"], ["chainId", "uint256"],
    ["verifyingContract", "address"], ["salt", "bytes32"]]
    .filter(([name]) => domain[name] !== undefined).map(([name, type]) => ({ name, type }));
}

const transactions = Array.from({ length: 210 }, (_, i) => {
  const type = i % 3, k = key();
  const tip = uint(pick([1, 40, 96]));
  const fields = {
    type, chainId: pick([1n, 10n, 137n, 8453n, 42161n, 31337n, uint(53) + 1n]).toString(),
    nonce: pick([0, 1, 127, 128, 255, 256, below(1e9)]), gasLimit: uint(63).toString(),
    to: below(6) ? address() : null, value: uint(pick([8, 96, 256])).toString(),
    data: hex(pick([0, 1, 4, 36, 55, 56, 68, below(250)])),
  };
  if (type === 2) {
    fields.maxPriorityFeePerGas = tip.toString();
    fields.maxFeePerGas = (tip + uint(80)).toString();
  } else fields.gasPrice = uint(96).toString();
  if (type > 0) fields.accessList = Array.from({ length: below(3) }, () =>
    ({ address: address(), storageKeys: Array.from({ length: below(3) }, () => hex(32)) }));
  const transaction = ethers.Transaction.from(fields);
  transaction.signature = sign(k, transaction.unsignedHash);
  if (i % 8 === 0) {
    const seen = JSON.parse(JSON.parse(cast("decode-transaction", transaction.serialized)));
    same(seen.hash, transaction.hash, "cast hash");
    same(seen.signer, transaction.from, "cast signer");
    if (fields.to !== null) same(castSigned(fields, k), transaction.serialized, "cast mktx");
    castAgreed++;
  }
  return { ...fields, key: k, signingHash: transaction.unsignedHash, hash: transaction.hash,
    from: transaction.from, raw: transaction.serialized };
});
function castSigned(fields, k) {
  const list = (fields.accessList ?? []).map((e) => ({ ...e, address: e.address.toLowerCase() }));
  const kind = fields.type === 0 ? ["--legacy"]
    : fields.type === 1 ? ["--legacy", "--access-list", JSON.stringify(list)]
      : ["--priority-gas-price", fields.maxPriorityFeePerGas,
        ...(list.length > 0 ? ["--access-list", JSON.stringify(list)] : [])];
  return cast("mktx", "--private-key", k, "--chain", fields.chainId, "--nonce", fields.nonce,
    "--gas-limit", fields.gasLimit, "--gas-price", fields.gasPrice ?? fields.maxFeePerGas,
    "--value", fields.value, ...kind, fields.to, fields.data);
}
write("codec", { rlp, abi, events, typed, transactions });

// --- keystores: scrypt by ethers, pbkdf2 by node's crypto and read back by ethers
const keystores = [];
for (let i = 0; i < 12; i++) {
  const k = key(), password = i === 0 ? "" : `pass ${text(12)}`;
  const account = { address: ethers.computeAddress(k), privateKey: k };
  const json = i % 2 === 0
    ? ethers.encryptKeystoreJsonSync(account, password, { scrypt: { N: 1024, r: 8, p: 1 + i / 2 },
      salt: bytes(32), iv: bytes(16), uuid: bytes(16) })
    : pbkdf2Keystore(account, password);
  same(ethers.decryptKeystoreJsonSync(json, password).privateKey, k, "keystore");
  keystores.push({ password: password.normalize("NFKC"), key: k, json });
}
function pbkdf2Keystore({ address: owner, privateKey }, password) {
  const salt = bytes(32), iv = bytes(16), c = 2000;
  const derived = nodeCrypto.pbkdf2Sync(password.normalize("NFKC"), salt, c, 32, "sha256");
  const cipher = nodeCrypto.createCipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(getBytes(privateKey)), cipher.final()]);
  const bare = (b) => Buffer.from(b).toString("hex");
  return JSON.stringify({ version: 3, id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    address: owner.slice(2).toLowerCase(), crypto: { cipher: "aes-128-ctr",
      cipherparams: { iv: bare(iv) }, ciphertext: bare(ciphertext), kdf: "pbkdf2",
      kdfparams: { c, dklen: 32, prf: "hmac-sha256", salt: bare(salt) },
      mac: bare(keccak_256(Buffer.concat([derived.subarray(16, 32), ciphertext]))) } });
}
write("keystores", { keystores });

function write(name, parts) {
  const counts = Object.fromEntries(
    Object.entries(parts).map(([part, list]) => [part, list.length]));
  const header = { source, counts, alsoByCast: castAgreed };
  const packed = gzipSync(JSON.stringify({ header, ...parts }), { level: 9 });
  writeFileSync(join(here, `${name}.json.gz`), packed);
  console.error(name, counts, `cast agreed on ${castAgreed} so far`, packed.length, "bytes");
}
