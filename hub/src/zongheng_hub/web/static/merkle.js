// RFC 6962 section 2.1 and C2SP signed-note in the browser: hashes, proofs, checkpoints, leaves.
"use strict";
(() => {
  const utf8 = new TextEncoder();
  const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const unbase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

  async function sha256(...parts) {
    const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  }
  const leafHash = (leaf) => sha256(Uint8Array.of(0), leaf);
  const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

  // Section 2.1.1: the root that an inclusion proof leads to. BigInt: indices pass 2^32.
  async function rootFromInclusion(index, size, leaf, hashes) {
    let node = BigInt(index), last = BigInt(size) - 1n, hash = leaf;
    if (node > last) throw new Error("index beyond the tree");
    for (const sibling of hashes) {
      if (last === 0n) throw new Error("too many hashes");
      if (node & 1n || node === last) {
        hash = await nodeHash(sibling, hash);
        while (!(node & 1n) && node) { node >>= 1n; last >>= 1n; }
      } else {
        hash = await nodeHash(hash, sibling);
      }
      node >>= 1n; last >>= 1n;
    }
    if (last !== 0n) throw new Error("too few hashes");
    return hash;
  }

  // Section 2.1.2: whether the tree of size b with root rootB begins with the one of size a.
  async function isConsistent(a, rootA, b, rootB, hashes) {
    let node = BigInt(a) - 1n, last = BigInt(b) - 1n;
    if (a === b) return hashes.length === 0 && same(rootA, rootB);
    if (a <= 0 || a > b || hashes.length === 0) return false;
    const path = [...hashes];
    while (node & 1n) { node >>= 1n; last >>= 1n; }
    let first, second;
    first = second = node ? path.shift() : rootA;
    for (const sibling of path) {
      if (last === 0n) return false;
      if (node & 1n || node === last) {
        first = await nodeHash(sibling, first);
        second = await nodeHash(sibling, second);
        while (!(node & 1n) && node) { node >>= 1n; last >>= 1n; }
      } else {
        second = await nodeHash(second, sibling);
      }
      node >>= 1n; last >>= 1n;
    }
    return last === 0n && same(first, rootA) && same(second, rootB);
  }

  // name+hex8(key id)+base64(type, key); the id binds name and key together.
  async function readVkey(text) {
    const parts = text.trim().split("+");
    const bytes = unbase64(parts.slice(2).join("+"));
    const id = (await sha256(utf8.encode(parts[0] + "\n"), bytes)).slice(0, 4);
    if (hex(id) !== parts[1] || bytes[0] !== 1 || bytes.length !== 33) throw new Error("not an Ed25519 vkey");
    return { name: parts[0], id, key: bytes.slice(1) };
  }

  function readCheckpoint(text) {
    const end = text.lastIndexOf("\n\n");
    const lines = text.slice(0, end).split("\n");
    if (end < 0 || lines.length < 3 || !/^(0|[1-9][0-9]*)$/.test(lines[1])) throw new Error("not a checkpoint");
    const signatures = text.slice(end + 2).split("\n").filter(Boolean).map((line) => {
      const [, name, blob] = line.split(" ");
      const bytes = unbase64(blob);
      return { name, id: bytes.slice(0, 4), sig: bytes.slice(4) };
    });
    return { origin: lines[0], size: Number(lines[1]), root: unbase64(lines[2]), body: text.slice(0, end + 1), signatures };
  }

  // true, false, or null where the browser knows no Ed25519.
  async function isSigned(checkpoint, vkey) {
    let key;
    try { key = await crypto.subtle.importKey("raw", vkey.key, { name: "Ed25519" }, false, ["verify"]); } catch { return null; }
    if (checkpoint.origin !== vkey.name) return false;
    for (const each of checkpoint.signatures) {
      if (each.name !== vkey.name || !same(each.id, vkey.id)) continue;
      return crypto.subtle.verify({ name: "Ed25519" }, key, each.sig, utf8.encode(checkpoint.body));
    }
    return false;
  }

  // zongheng.tlog.v1.Leaf, enough of protobuf's wire format to read it.
  function readLeaf(bytes) {
    const leaf = { version: 0n, act: "", time: 0n, actor: "", parties: [], subject: "", commitment: "" };
    let at = 0;
    const varint = () => {
      let value = 0n, shift = 0n, byte;
      do { byte = bytes[at++]; if (byte === undefined) throw new Error("leaf cut short"); value |= BigInt(byte & 127) << shift; shift += 7n; } while (byte & 128);
      return value;
    };
    const text = new TextDecoder("utf-8", { fatal: true });
    while (at < bytes.length) {
      const tag = Number(varint()), field = tag >> 3;
      if ((tag & 7) === 0) {
        const value = varint();
        if (field === 1) leaf.version = value; else if (field === 3) leaf.time = value; else throw new Error("unknown field");
        continue;
      }
      if ((tag & 7) !== 2) throw new Error("unknown field");
      const length = Number(varint()), part = bytes.slice(at, at + length);
      if (part.length !== length) throw new Error("leaf cut short");
      at += length;
      if (field === 2) leaf.act = text.decode(part);
      else if (field === 4) leaf.actor = text.decode(part);
      else if (field === 5) leaf.parties.push(text.decode(part));
      else if (field === 6) leaf.subject = text.decode(part);
      else if (field === 7) leaf.commitment = hex(part);
      else throw new Error("unknown field");
    }
    return leaf;
  }

  window.zonghengMerkle = { hex, unbase64, same, leafHash, nodeHash, rootFromInclusion, isConsistent, readVkey, readCheckpoint, isSigned, readLeaf };
})();
