// One HTTP request from inside a network namespace: METHOD URL TOKEN [BODY]; prints {status, headers, base64} as JSON.
const [method, url, token, body] = process.argv.slice(2);
const response = await fetch(url, {
  method,
  headers: {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  },
  ...(body === undefined ? {} : { body }),
});
const bytes = Buffer.from(await response.arrayBuffer());
const headers = Object.fromEntries(response.headers);
console.log(JSON.stringify({ status: response.status, headers, base64: bytes.toString('base64') }));
