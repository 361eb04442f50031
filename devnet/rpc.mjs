// rpc: JSON-RPC over one kept-alive HTTP connection pool; every call has a time limit.
import http from 'node:http';

const maxAnswerBytes = 1 << 30;

/** An error answer of the node. */
export class RpcError extends Error {
  constructor(method, answer) {
    super(`${method}: ${answer.message ?? JSON.stringify(answer)}`);
    this.code = answer.code;
    this.data = answer.data;
  }
}

export class Rpc {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  #next = 0;

  constructor(url, limitMs = 20_000) {
    this.url = new URL(url);
    this.limitMs = limitMs;
  }

  #post(body) {
    return new Promise((done, fail) => {
      const request = http.request({
        hostname: this.url.hostname, port: this.url.port, method: 'POST', agent: this.#agent,
        timeout: this.limitMs,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      }, (response) => {
        const parts = [];
        let size = 0;
        response.on('data', (part) => {
          size += part.length;
          if (size > maxAnswerBytes) request.destroy(new Error('the answer is too long'));
          else parts.push(part);
        });
        response.on('end', () => done(Buffer.concat(parts).toString()));
        response.on('error', fail);
      });
      request.on('timeout', () =>
        request.destroy(new Error(`${this.url.host}: no answer in ${this.limitMs} ms`)));
      request.on('error', fail);
      request.end(body);
    });
  }

  /** One call; throws RpcError for an error answer. */
  async call(method, ...params) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++this.#next, method, params });
    const answer = JSON.parse(await this.#post(body));
    if (answer.error) throw new RpcError(method, answer.error);
    return answer.result;
  }

  /** Many calls in one request, in order; throws the first error answer. */
  async batch(calls) {
    const first = this.#next + 1;
    const body = JSON.stringify(calls.map(([method, ...params]) =>
      ({ jsonrpc: '2.0', id: ++this.#next, method, params })));
    const results = new Array(calls.length);
    for (const answer of JSON.parse(await this.#post(body))) {
      const at = answer.id - first;
      if (answer.error) throw new RpcError(calls[at][0], answer.error);
      results[at] = answer.result;
    }
    return results;
  }

  close() {
    this.#agent.destroy();
  }
}
