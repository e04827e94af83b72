// Makes calls with the JavaScript SDK v3: one JSON request a line in, one JSON answer a line out.
//
// Usage: node driver.cjs FOLDER ENDPOINT ACCOUNT, where FOLDER has the node_modules. The first line
// out names the operations and paginators that the SDK has.

const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");
const { join } = require("node:path");

const [folder, endpoint, account] = process.argv.slice(2);
const sdk = createRequire(join(folder, "package.json"))("@aws-sdk/client-cleanrooms");
const client = new sdk.CleanRoomsClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: account, secretAccessKey: "secret" },
  maxAttempts: 1,
});

const named = (pattern) => Object.keys(sdk).flatMap((name) => pattern.exec(name)?.[1] ?? []);

async function walk(operation, input) {
  const pages = [];
  for await (const page of sdk[`paginate${operation}`]({ client, pageSize: 1 }, input)) {
    pages.push(page);
  }
  return pages;
}

async function answer({ operation, input, paginate }) {
  try {
    if (paginate) return { pages: await walk(operation, input) };
    return { output: await client.send(new sdk[`${operation}Command`](input)) };
  } catch (error) {
    const typed = typeof sdk[error.name] === "function" && error instanceof sdk[error.name];
    const { name, message, fieldList, resourceType, reason } = error;
    const status = error.$metadata?.httpStatusCode;
    return { error: { name, message, typed, status, fieldList, resourceType, reason } };
  }
}

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function main() {
  say({ operations: named(/^([A-Z].*)Command$/), paginators: named(/^paginate([A-Z].*)$/) });
  for await (const line of createInterface({ input: process.stdin })) {
    say(await answer(JSON.parse(line)));
  }
}

main();
