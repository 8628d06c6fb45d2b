// The folder site/ on a port of this machine.

import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const SITE = new URL("../site/", import.meta.url).pathname;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

/** `{ address, requests, close }`; `requests` is what has been asked for. */
export async function serve() {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://here");
    requests.push(`${request.method} ${pathname}`);
    const path = join(SITE, pathname === "/" ? "index.html" : pathname);
    createReadStream(path)
      .on("open", () => response.setHeader("Content-Type", TYPES[extname(path)] ?? "application/octet-stream"))
      .on("error", () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, requests, close: () => server.close() };
}
